/* sd_notify(3)'s protocol: one datagram to $NOTIFY_SOCKET. */
#ifndef SUPERD_BASE_NOTIFY_H
#define SUPERD_BASE_NOTIFY_H

#include <stdbool.h>

struct loop;

/* Remember $NOTIFY_SOCKET and $WATCHDOG_USEC.  Call once, early. */
void notify_init(void);
/* From now on, while the loop runs, send WATCHDOG=1 twice in the time of the
 * watchdog, if $WATCHDOG_PID names this process or is not set; otherwise there
 * is none.  Call once. */
void notify_start_watchdog(struct loop *);
/* Send "READY=1" and the like; lines are separated by newlines.  Does nothing
 * without $NOTIFY_SOCKET.  Never blocks; errors are ignored. */
void notify_send(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Does systemd keep descriptors for us: $FDSTORE? */
bool notify_keeps(void);
/* The same with a descriptor, -1: none.  0, or an errno: EAGAIN if systemd has
 * to read first. */
int notify_send_fd(int fd, const char *text);
/* Send RELOADING=1 with the MONOTONIC_USEC that Type=notify-reload needs,
 * systemd.service(5). */
void notify_reloading(void);

#endif
