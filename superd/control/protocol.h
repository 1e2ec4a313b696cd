/*
 * The protocol of the control socket, between superctl and superd.
 *
 * The client sends one line of words, separated by single spaces: options of
 * the output, the command, its arguments, and options of the command.  superd
 * answers with the line "EXIT n", n being superctl's exit status, and text for
 * standard output until end of file; or with the line "ERROR n" and one line
 * for standard error.
 */
#ifndef SUPERD_CONTROL_PROTOCOL_H
#define SUPERD_CONTROL_PROTOCOL_H

#include "superd/base/paths.h"

#define CONTROL_PATH  RUNSTATEDIR "/superd.sock"
#define CONTROL_EXIT  "EXIT "
#define CONTROL_ERROR "ERROR "

enum { CONTROL_LINE_MAX = 1024, CONTROL_WORDS_MAX = 32 };

/* Options of the output, before the command. */
#define CONTROL_JSON	  "json"
#define CONTROL_NO_HEADER "no-header"
/* The start of an option of the command: --word or --word=value. */
#define CONTROL_OPTION "--"

/* Exit statuses of superctl. */
enum control_exit {
	CONTROL_OK = 0,
	CONTROL_FAILED = 1, /* refused; a reload: nothing was changed */
	CONTROL_USAGE = 2,
	CONTROL_INACTIVE = 3, /* show, reload: not served, or not all */
	CONTROL_UNKNOWN = 4   /* no such service; superd is not running */
};

#endif
