/* sd_notify(3)'s protocol: one datagram to $NOTIFY_SOCKET. */
#ifndef SUPERD_BASE_NOTIFY_H
#define SUPERD_BASE_NOTIFY_H

/* Remembers $NOTIFY_SOCKET; children never see it.  Call once, early. */
void notify_init(void);
/* $WATCHDOG_USEC if it is meant for us, else 0. */
long long notify_watchdog_usec(void);
/* text: "READY=1", with further lines; never blocks. */
void notify_send(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* RELOADING=1 with the MONOTONIC_USEC that Type=notify-reload wants. */
void notify_reloading(void);

#endif
