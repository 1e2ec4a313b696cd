/*
 * Pages on demand (pages.h): clients of an internal process wait for a text
 * that only the daemon's state has.  A process without rights writes it from
 * its copy of that into a file, which is sealed and given to all who asked
 * before it began; who asks meanwhile gets the next one.
 */
#ifndef SUPERD_SERVE_PRINTING_H
#define SUPERD_SERVE_PRINTING_H

#include "superd/running/children.h"
#include "superd/running/superd.h"

struct printings;

/* hear: bring the state up to date.  Never NULL. */
struct printings *printings_new(struct superd *, void (*hear)(struct superd *));
/* Accepts NULL. */
void printings_free(struct printings *);
/* A connection waits for the page of its service.  False: it does already, and
 * no honest process says so twice. */
bool printing_want(struct printings *, struct child *);
/* Before such a connection, or any other, is over. */
void printing_forget(struct child *);

#endif
