/*
 * The pages: internal services that tell what runs here.  Which there are, and
 * who writes them, is superd's (superd/pages.h); here they are a table,
 * superd->pages.
 */
#ifndef SUPERD_SERVE_PAGES_H
#define SUPERD_SERVE_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "superd/base/text.h"

struct superd;

struct page {
	const char *service; /* the internal service that has it */
	const char *path;    /* HTTP: the only one, or one of several */
	const char *type;    /* ... its media type */
	const char *fields;  /* ... more of its header, or "" */
	/* Write its content; returns the status of HTTP. */
	unsigned (*write)(struct superd *, struct text *);
};

/* The index of the page of a service, with this path if it has any.  -1: there
 * is none. */
int page_find(const struct superd *, const char *service, const char *path);
/* Is it this service's? */
bool page_is_of(const struct superd *, unsigned page, const char *service);
/* Append a page, with its header if it is for HTTP. */
void page_write(struct superd *, unsigned page, struct text *);

#endif
