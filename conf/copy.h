/*
 * Copies of a whole model in an arena: nothing in them leads out of it but to
 * what is static in the program.  They are read, and never freed singly.
 */
#ifndef CONF_COPY_H
#define CONF_COPY_H

#include "conf/arena.h"
#include "conf/conf.h"

/* The conf with all its services, files and banners. */
struct conf *conf_copy(struct arena *, const struct conf *);
struct reports *reports_copy(struct arena *, const struct reports *);

#endif
