/*
 * The pages: internal services that tell what runs here.  `services': what
 * listens; `servers': who is being served.
 */
#ifndef SUPERD_PAGE_H
#define SUPERD_PAGE_H

#include <stdbool.h>

#include "superd/text.h"

struct superd;

/* In a child, on its copy of the state: write the page of a struct live to a
 * connection.  Bounded in time, whether anybody reads or not. */
void	page_run(const void *live);
/* The text of the page of this name; false if there is none. */
bool	page_write(struct superd *, const char *name, struct text *);

#endif
