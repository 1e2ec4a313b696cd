/*
 * Sockets that systemd, or whoever speaks sd_listen_fds(3)'s protocol, passes
 * to superd when it starts: each is found by the name of a service or by its
 * address, and is taken once.
 */
#ifndef SUPERD_BASE_PASSED_H
#define SUPERD_BASE_PASSED_H

#include "conf/conf.h"

/* Keep the sockets of $LISTEN_FDS, if $LISTEN_PID is this process, and close
 * all other descriptors above 2, but keep, if it is not -1.  The variables are
 * removed.  Call once, before anything is opened. */
void passed_collect(int keep);
/* After an upgrade, instead: keep this one, which had such a name; copied.
 * busy: a server has it, too, and may be waiting in accept(2) or read(2). */
void passed_keep(int fd, const char *name, bool busy);
/* Were these kept over an upgrade? */
bool passed_is_kept(void);
/* Was this one, which was taken since, busy? */
bool passed_is_busy(int fd);
/* Those that are named as a service of this configuration ($LISTEN_FDNAMES)
 * are for no other one.  Call once, before the first passed_take(). */
void passed_claim(const struct conf *);
/* The socket for an endpoint of a service, which is the caller's from now on:
 * it has the service's id as its name, or the endpoint's address.  Its type,
 * protocol and family fit.  -1: there is none. */
int passed_take(const struct service *, const struct endpoint *, char **stored);

/*
 * Names of sockets in systemd's file descriptor store: a number, how others may
 * have the socket, too, and the service.  A socket comes back to a service
 * that is served in the same way.  *stored of passed_take() is such a name,
 * malloc'd, or NULL if superd was not the one who stored it.
 */
char *passed_name(unsigned number, const struct service *);
/* The number in such a name; 0: it is none. */
unsigned passed_number(const char *name);
/* The highest number of all that were passed. */
unsigned passed_last_number(void);

enum { PASSED_TEXT = 512 };

/* Close one that was not taken, nor came twice, and describe it and what is
 * wrong with it.
 * False: none is left, and buf is not set. */
bool passed_close_next(char buf[PASSED_TEXT]);

#endif
