/*
 * The pages: internal services that tell what runs here.  `services': what
 * listens; `servers': who is being served.
 */
#ifndef SUPERD_SERVE_PAGES_H
#define SUPERD_SERVE_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "superd/base/text.h"

struct superd;

enum { PAGES = 2 };

const char *page_name(size_t); /* below PAGES */
/* The text of the page of this name; false if there is none. */
bool page_write(struct superd *, const char *name, struct text *);

#endif
