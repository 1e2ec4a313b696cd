/*
 * The control socket's protocol, shared by superd and superctl.
 *
 * The client sends one line: words separated by single spaces, options
 * first, then the command and its arguments.  superd answers with the line
 * "EXIT n", where n is the exit status for the client, followed by text to
 * be copied to standard output until end of file; or with "ERROR n" and one
 * line that says why there is no answer.
 */
#ifndef SUPERD_CONTROL_PROTOCOL_H
#define SUPERD_CONTROL_PROTOCOL_H

#include "superd/base/paths.h"

#define CONTROL_PATH  RUNSTATEDIR "/superd.sock"
#define CONTROL_EXIT  "EXIT "
#define CONTROL_ERROR "ERROR "

enum { CONTROL_LINE_MAX = 1024, CONTROL_WORDS_MAX = 32 };

/* Options: words in front of the command. */
#define CONTROL_JSON	  "json"
#define CONTROL_NO_HEADER "no-header"
/* Behind a command: --word, or --word=value. */
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
