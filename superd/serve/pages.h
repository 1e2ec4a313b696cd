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

/* The name of a page, from 0 to PAGES - 1. */
const char *page_name(size_t);
/* Append the page of this name.  False: there is no such page.  If there is no
 * memory, the text says so (text->failed). */
bool page_write(struct superd *, const char *name, struct text *);

#endif
