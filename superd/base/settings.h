/* The settings of the command line, which options.c parses. */
#ifndef SUPERD_BASE_SETTINGS_H
#define SUPERD_BASE_SETTINGS_H

#include <limits.h>
#include <stdbool.h>

#include "conf/conf.h"
#include "conf/load.h"
#include "conf/source.h"

enum action {
	ACTION_RUN,
	ACTION_CHECK,
	ACTION_PRINT,
	ACTION_IMPORT,
	ACTION_STATE_VERSION,
	ACTION_EXPORT,
	ACTION_VERSION,
	ACTION_HELP
};

/* The program whose defaults, file names and signals apply. */
enum started_as { STARTED_AS_SUPERD, STARTED_AS_INETD, STARTED_AS_XINETD };

struct options {
	enum started_as started_as;
	enum action action;
	const char *name;	    /* that superd was started by: "inetd" */
	const char *file;	    /* never NULL after options_complete() */
	const struct source *given; /* the text of file; NULL: it is one */
	const char *directory;	    /* or NULL */
	const char *export_to;	    /* a directory; NULL: stdout */
	const char *pid_file;	    /* NULL: what the configuration says */
	const char *control;	    /* NULL: what the configuration says */
	/* used if neither the command line nor the configuration says */
	const char *default_pid_file, *default_control;
	char pid_file_buf[PATH_MAX], control_buf[PATH_MAX];
	bool foreground, debug, strict;
	bool log_connections;
	bool libwrap, libwrap_internal, env_keep;
	bool require_services; /* xinetd without -stayalive */
	const char *address;   /* -a */
	unsigned backlog;      /* LIMIT_UNSET: not given, as below */
	unsigned max_children;
	struct limits limits;
	bool no_rates; /* -R 0: no rate limit of any kind */
	enum dialect format;
	bool inetd_compat;
	bool insecure_files;   /* read files that others may write */
	struct log_target log; /* LOG_TO_DEFAULT: not given */
	const char *log_path;  /* ... its path, or NULL */
	enum log_format log_format;
	bool log_format_given;
	bool one_line;	     /* superd run */
	bool tell_addresses; /* it chose a port: log the addresses */
	int ready_fd;	     /* told of all addresses, and closed; 0: none */
};

#endif
