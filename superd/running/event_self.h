/*
 * Events of superd as a whole, listed as in event.h; all go to superd's own
 * log.  Errors that keep superd from starting are not events: they are
 * reported on standard error by the functions that find them.
 */
#ifndef SUPERD_RUNNING_EVENT_SELF_H
#define SUPERD_RUNNING_EVENT_SELF_H

#include <stddef.h>

struct report;

/* Start and stop. */

/* superd is ready, in the foreground or in the background.
 *	ready: TEXT					superd, info
 *	start: TEXT					superd, info */
void event_ready(const char *summary);
void event_in_background(const char *summary);
/* Without root, the paths are not the usual ones; NULL: no such file.
 *	not root: pid file FILE, control socket FILE	superd, info */
void event_own_paths(const char *pid_file, const char *control);
/*	not started: WHY				superd, error */
void event_not_started(const char *why);
/*	error control socket FILE: ERROR; name another path, or none, TEXT
 *							superd, warning */
void event_control_failed(const char *path, int error);
/*	stop: N child
 *	stop: N children				superd, info */
void event_stopping(size_t children);
/*	stop: SIGNAL to N child
 *	stop: SIGNAL to N children			superd, info */
void event_stop_signal(const char *name, size_t children);

/*	upgrade: begun: PATH				superd, info
 *	upgrade: done: superd VERSION			superd, info
 *	upgrade: failed: WHY				superd, error */
void event_upgrade_begun(const char *path);
void event_upgraded(const char *version);
void event_upgrade_failed(const char *why);

/* A socket that the service manager has passed, and no service wants.
 *	error passed: TEXT, closed			superd, warning */
void event_passed_unwanted(const char *text);

/* Loads. */

/* A report, formatted as superd -t does.  Of many, only the first are logged,
 * followed by "N more reports: see superd -t FILE, and superctl list". */
void event_report(const struct report *);
void event_reports_left_out(size_t, const char *file);
/* The loader has written to standard error, as a library may do.
 *	load: TEXT					superd, warning */
void event_load_wrote(const char *text);
/*	reload: added N, removed N, changed N, kept N, stale N
 *							superd, info */
void event_reloaded(const char *summary);
/*	reload: refused, nothing was changed		superd, error */
void event_reload_refused(void);

/* The state, in a file or in the log. */

/*	dump: FILE					superd, info */
void event_dumped(const char *path);
/*	dump: cannot write FILE: ERROR			superd, warning */
void event_dump_failed(const char *path, int error);
/*	dump: not written: signal N			superd, warning */
void event_dump_killed(int signo);
/*	dump: no process for it[: ERROR]		superd, warning */
void event_dump_impossible(int error);
/*	dump: the last one is not written yet		superd, info */
void event_dump_runs(void);
/*	dump TEXT					superd, info */
void event_dump_line(const char *text);
/*	dump: not finished: WHY				superd, warning */
void event_dump_left(const char *why);
/* id: of a service, or NULL.
 *	check: [ID: ]TEXT				superd, warning */
void event_inconsistent(const char *id, const char *text);
/*	check: the state is consistent			superd, info
 *	check: the state is not consistent: N problems	superd, warning */
void event_checked(size_t problems);

/* What is kept over a restart; line: of the file that is none of it, or 0:
 * it cannot be had, or others may write it.
 *	state: cannot write FILE: ERROR			superd, warning
 *	state: FILE: expected a file that only superd may write
 *							superd, warning
 *	state: FILE:N: expected CLIENT TIME BY		superd, warning */
void event_state_unwritten(const char *path, int error);
void event_state_unread(const char *path, unsigned line);

#endif
