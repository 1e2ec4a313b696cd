/*
 * The loop of a process that serves many connections: epoll(7) waits for
 * everything in it.
 */
#ifndef SUPERD_BASE_LOOP_MANY_H
#define SUPERD_BASE_LOOP_MANY_H

#include "superd/base/loop_types.h"

/*
 * From now on it is epoll(7) that waits for everything, and descriptors may be
 * watched for events of it, EPOLLET too; loop_unwatch() as for others.  Nothing
 * may be watched yet.  -1 with errno.
 */
int loop_for_many(struct loop *);
int loop_watch_events(struct loop *, int fd, unsigned events, loop_events_fn *,
    void *arg);
int loop_change_events(struct loop *, int fd, unsigned events);
/* The same as loop_unwatch() for one that is closed now and that no other
 * process has: the kernel forgets it by itself. */
void loop_unwatch_closed(struct loop *, int fd);

/* For the loop itself: what epoll(7) is told of fd now, and a round.  -1 with
 * errno. */
int loop_tell_wanted(struct loop *, int fd);
int loop_serve_many(struct loop *);

#endif
