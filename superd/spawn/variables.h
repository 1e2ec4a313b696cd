/*
 * The variables that all children of a service have.  Services whose are the
 * same, as they are with nearly all, have them in memory once.  environ(7).
 */
#ifndef SUPERD_SPAWN_VARIABLES_H
#define SUPERD_SPAWN_VARIABLES_H

#include <stddef.h>

#include <bsd/sys/tree.h>

#include "conf/conf.h"

struct variables {
	RB_ENTRY(variables) entry;
	unsigned refs;
	char **envp; /* NULL-terminated */
	size_t count;
};

/* Keep a copy of superd's own environment for children that may have parts
 * of it; call once, before anything changes it. */
void variables_started_with(char *const *environ);
/* With one reference more.  Never NULL. */
struct variables *variables_of(const struct command *);
struct variables *variables_ref(struct variables *);
void variables_unref(struct variables *); /* accepts NULL */

#endif
