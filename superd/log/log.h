/*
 * The daemon's log: one line per event to syslog (facility daemon) or stderr,
 * or where log_divert() takes it (superd/log/sink.h).  No call ever blocks,
 * whatever becomes of the reader: a record that cannot be written at once is
 * dropped, and the number of dropped ones is logged when writing works again.
 * Text from outside is made printable here.
 */
#ifndef SUPERD_LOG_LOG_H
#define SUPERD_LOG_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_where { LOG_ON_STDERR, LOG_ON_SYSLOG };

/* name: program name in front of records; debug: log_debug says something.
 * Before log_open, records go to stderr as plain messages. */
void log_open(enum log_where, const char *name, bool debug);
/* of our own records in syslog: LOG_DAEMON unless told */
void log_facility(int facility);
/* Connect to syslog anew (SIGUSR2 and SIGHUP: the socket may be new). */
void log_reopen(void);
void log_close(void);

void log_info(const char *, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *, ...) __attribute__((format(printf, 1, 2)));
/* with ": " and strerror(errno); errno survives */
void log_warn(const char *, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *, ...) __attribute__((format(printf, 1, 2)));
/* log_warnx, and the end: exit status 1 */
void log_fatal(const char *, ...)
    __attribute__((format(printf, 1, 2), noreturn));
/* priority: LOG_INFO, ... of syslog(3) */
void log_at(int priority, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* What became of one record. */
enum log_result {
	LOG_WRITTEN,
	LOG_DROPPED, /* its reader has no room for it now */
	LOG_NOBODY   /* there is no reader */
};

/*
 * Every record goes to fn first; where that returns false, it goes where
 * log_open said.  What fn itself logs goes there, too.  NULL: none.
 */
typedef bool log_divert_fn(void *arg, int priority, const char *text);
void log_divert(log_divert_fn *, void *arg);
/* One record to syslogd, and to stderr, wherever ours go.  priority of
 * log_syslog: with a facility. */
enum log_result log_syslog(int priority, const char *text);
enum log_result log_stderr(int priority, const char *text);

/* Is there anybody who reads log_debug? */
bool log_debugging(void);
/* Records that were lost since the start. */
unsigned long long log_dropped(void);
/* Would syslogd and stderr, as far as records go there, take one now? */
bool log_ready(void);

/*
 * src (length bytes) into dst as printable ASCII: what is not becomes \ooo
 * in octal.  Cut with "..." where it does not fit.  Returns dst.  Needs no
 * memory.
 */
char *log_printable(char *dst, size_t size, const char *src, size_t length);

#endif
