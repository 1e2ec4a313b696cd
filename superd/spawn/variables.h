/*
 * The environment variables that all children of a service have.  Services
 * with equal variables, as nearly all have, share them.  environ(7).
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

/* Copy superd's own environment, which env_all and passenv pass on.  Call it
 * once, before anything changes the environment. */
void variables_started_with(char *const *environ);
/* The variables of a command, with one more reference.  Never NULL. */
struct variables *variables_of(const struct command *);
/* Add a reference; returns its argument. */
struct variables *variables_ref(struct variables *);
/* Give up a reference; the last one frees them.  Accepts NULL. */
void variables_unref(struct variables *);

#endif
