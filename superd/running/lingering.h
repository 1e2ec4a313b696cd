/*
 * Clients that were refused: their connections stay open for a moment, so
 * that what we have sent arrives.  Closing one whose client has sent
 * something sends a reset, which can overtake the answer, tcp(7); and what it
 * has sent is not read here, not even to be thrown away: superd has rights.
 * An internal process has none, and does that.
 */
#ifndef SUPERD_RUNNING_LINGERING_H
#define SUPERD_RUNNING_LINGERING_H

#include "superd/running/superd.h"

/* So many at once, whoever they are; the oldest makes room. */
enum { LINGERING_MAX = 64 };

struct lingering;

/* Never NULL. */
struct lingering *lingering_new(struct superd *);
/* Those that are left are closed.  Accepts NULL. */
void lingering_free(struct lingering *);
/* Close a connection that has been answered or refused: at once, or two
 * seconds after its client was told that nothing more comes.  fd is the
 * caller's no more.  Never blocks. */
void lingering_close(struct superd *, int fd);
/* How many there are. */
size_t lingering_count(const struct lingering *);
/* Close all of them now: their descriptors are needed. */
void lingering_end(struct superd *);

#endif
