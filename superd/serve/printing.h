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

/* hear reads the notices of internal processes, so that a page is up to date.
 * Never NULL. */
struct printings *printings_new(struct superd *, void (*hear)(struct superd *));
/* Forget who waits; processes that write are left to end.  Accepts NULL. */
void printings_free(struct printings *);
/* Send a page of its service to the internal process of a connection, once it
 * is written.  False: the connection waits already, which no honest process
 * says twice. */
bool printing_want(struct printings *, struct child *, unsigned page);
/* Before a connection ends: it waits no more, if it did. */
void printing_forget(struct child *);

#endif
