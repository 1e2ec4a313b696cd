/*
 * Command command: everything a child becomes before exec, prepared when the
 * configuration is loaded, so that between fork and exec there is only a
 * straight list of system calls.  It stands in a generation of the
 * configuration, which stays for it.  Counted, because children may still be
 * reading one that a reload has replaced.
 */
#ifndef SUPERD_SPAWN_COMMAND_H
#define SUPERD_SPAWN_COMMAND_H

#include <sys/types.h>
#include <stdbool.h>

#include "conf/conf.h"

struct generation;
struct generations;
struct variables;

struct prepared_command {
	unsigned refs;
	int error_fd;		       /* STDERR_LOG: its pipe, or -1: null */
	const struct command *command; /* no program: an internal service */
	struct generation *generation; /* which it is in, or NULL */
	struct variables *variables;   /* NULL: an internal service */
	bool unprivileged; /* no capability is left, nor to be gained */
};

/* With one reference.  Never NULL. */
struct prepared_command *command_new(struct generations *,
    const struct command *);
/* The same command stands in another generation from now on: gives back a
 * reference, and returns one.  Never NULL. */
struct prepared_command *command_move(struct generations *,
    struct prepared_command *, const struct command *);
/* For superd's own processes: this user (0: who we are), no rights, no
 * program, and stderr wherever it is wanted. */
struct prepared_command *command_internal(uid_t, gid_t);
struct prepared_command *command_ref(struct prepared_command *);
void command_unref(struct prepared_command *); /* accepts NULL */

#endif
