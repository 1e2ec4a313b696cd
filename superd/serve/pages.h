/*
 * The pages: internal services that tell what runs here.  `services': what
 * listens; `servers': who is being served.
 */
#ifndef SUPERD_SERVE_PAGES_H
#define SUPERD_SERVE_PAGES_H

#include <sys/types.h>
#include <stdbool.h>

#include "conf/addr.h"
#include "superd/base/text.h"

struct running;
struct superd;

/* A process that writes the page of a service, from its copy of the state, to
 * a connection.  Bounded in time, whether anybody reads or not. */
pid_t page_spawn(struct running *, int fd, const struct addr *peer);
/* The text of the page of this name; false if there is none. */
bool page_write(struct superd *, const char *name, struct text *);

#endif
