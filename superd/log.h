/*
 * The log: one line per event to syslog (facility daemon) or stderr.  No call
 * ever blocks, whatever becomes of the reader: a record that cannot be
 * written at once is dropped, and the number of dropped ones is logged when
 * writing works again.  Text from outside is made printable here.
 */
#ifndef SUPERD_LOG_H
#define SUPERD_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_where { LOG_ON_STDERR, LOG_ON_SYSLOG };

/* name: program name in front of records; debug: log_debug says something.
 * Before log_open, records go to stderr as plain messages. */
void	log_open(enum log_where, const char *name, bool debug);
/* facility and lowest level (syslog(3) values) of what is logged. */
void	log_facility(int facility);
/* Connect to syslog anew (SIGUSR2 and reload: the socket may be new). */
void	log_reopen(void);
void	log_close(void);

void	log_info(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_warnx(const char *, ...) __attribute__((format(printf, 1, 2)));
/* with ": " and strerror(errno); errno survives */
void	log_warn(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_debug(const char *, ...) __attribute__((format(printf, 1, 2)));
/* log_warnx, and the end: exit status 1 */
void	log_fatal(const char *, ...)
	    __attribute__((format(printf, 1, 2), noreturn));
/* priority: LOG_INFO, ... of syslog(3) */
void	log_at(int priority, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

/* Is there anybody who reads log_debug? */
bool	log_debugging(void);
/* Records that were lost since the start. */
unsigned long long log_dropped(void);

/*
 * src (length bytes) into dst as printable ASCII: what is not becomes \ooo
 * or a C escape.  Cut with "..." where it does not fit.  Returns dst.
 */
char	*log_printable(char *dst, size_t size, const char *src,
	    size_t length);

#endif
