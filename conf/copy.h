/*
 * Copies of a whole configuration in an arena: they point only into the arena
 * and to static data.  Read-only; nothing in them is freed by itself.
 */
#ifndef CONF_COPY_H
#define CONF_COPY_H

#include "conf/arena.h"
#include "conf/conf.h"

/* Copy a conf with all its services, files and banners; and reports. */
struct conf *conf_copy(struct arena *, const struct conf *);
struct reports *reports_copy(struct arena *, const struct reports *);

/* Boxes by their rows: compared, and freed. */
bool box_equal(const struct box *, const struct box *);
void box_free(struct box *);

#endif
