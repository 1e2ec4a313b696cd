/*
 * The daemon's log: one line per event to syslog or stderr, or to the target
 * of log_divert() (superd/log/sink.h).  No call ever blocks: a record that
 * cannot be written at once is dropped, and the number of dropped records is
 * logged when writing works again.  Every record is made printable before it
 * is written.
 */
#ifndef SUPERD_LOG_LOG_H
#define SUPERD_LOG_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "superd/log/printable.h"
#include "superd/log/record.h"

enum log_where { LOG_ON_STDERR, LOG_ON_SYSLOG };

/* Start logging.  name: the program name that starts each record, not copied;
 * debug: log_debug() logs.  Before log_open(), records go to stderr as plain
 * messages. */
void log_open(enum log_where, const char *name, bool debug);
/* Write records in this form from now on; the default is text. */
void log_form(enum log_format);
/* Log nothing below this priority of syslog(3): LOG_DEBUG, LOG_INFO,
 * LOG_WARNING or LOG_ERR.  The default is LOG_INFO, or LOG_DEBUG if log_open()
 * was given debug. */
void log_level(int priority);
int log_level_now(void);
/* Set the syslog facility of our own records; the default is LOG_DAEMON. */
void log_facility(int facility);
/* Reconnect to syslog and the journal, whose sockets may be new ones. */
void log_reopen(void);
/* Close what log_open() and later records have opened. */
void log_close(void);

/* Log a record by printf(3), without a newline.  All of these preserve
 * errno. */
void log_info(const char *, ...) __attribute__((format(printf, 1, 2)));
/* At LOG_WARNING. */
void log_warnx(const char *, ...) __attribute__((format(printf, 1, 2)));
/* At LOG_WARNING, followed by ": " and strerror(errno). */
void log_warn(const char *, ...) __attribute__((format(printf, 1, 2)));
/* Does nothing unless the level is LOG_DEBUG. */
void log_debug(const char *, ...) __attribute__((format(printf, 1, 2)));
/* At LOG_ERR; then exit(3) with status 1. */
void log_fatal(const char *, ...)
    __attribute__((format(printf, 1, 2), noreturn));
/* At this priority of syslog(3), LOG_INFO and so on. */
void log_at(int priority, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* Write a record that log_take() has taken. */
void log_record(const struct record *);

/* Show a record to who follows.  Is it to be logged, by the level? */
bool log_take(const struct record *);
/* Does anybody want the parts of an event?  If not, records need none. */
bool log_structured(void);
/* Pass every record that there is to fn, whether it is logged or not, but not
 * what fn itself logs.  NULL: no fn. */
typedef void log_follow_fn(void *arg, const struct record *);
void log_follow(log_follow_fn *, void *arg);
bool log_followed(void);

/*
 * Pass every record to fn first.  If it returns false, the record goes where
 * log_open() said, and so does whatever fn itself logs.  NULL: no fn.
 */
typedef bool log_divert_fn(void *arg, const struct record *);
void log_divert(log_divert_fn *, void *arg);
/* Write one record to syslogd or to stderr, wherever our own records go.
 * priority: with a facility. */
enum log_result log_syslog(int priority, const struct record *);
enum log_result log_stderr(const struct record *);
/* The form that records are written in. */
enum log_format log_form_now(void);

/* Does log_debug() log? */
bool log_debugging(void);
/* The number of records dropped since the start. */
unsigned long long log_dropped(void);
/* Could a record be written now, to whichever of syslogd and stderr is in
 * use? */
bool log_ready(void);

#endif
