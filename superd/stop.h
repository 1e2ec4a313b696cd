/*
 * How superd stops.  From the first request on nobody is served any more; the
 * loop runs on until whoever is to be waited for is gone, for a limited time.
 * A second request ends it at once.
 */
#ifndef SUPERD_STOP_H
#define SUPERD_STOP_H

struct stop;
struct superd;

/* What superd remembers while it stops.  Never returns NULL. */
struct stop *stop_new(void);
/* superd->stop; before the loop is freed. */
void stop_free(struct superd *);

/*
 * For loop_signal(), with struct superd.  Children are left to end by
 * themselves; but the end of process 1 is the end of its container, and so
 * there they are asked to end, and given some time.
 */
void stop_on_signal(void *superd);
/* Children are asked to end, too: xinetd's SIGTERM. */
void terminate_on_signal(void *superd);

/* Close the sockets of all services.  Servers that have them keep them. */
void stop_services(struct superd *);

#endif
