/*
 * Prepared commands: all that is needed to start a child of a service, ready
 * when the configuration is loaded, so that between fork(2) and execve(2)
 * there is only a list of system calls.  References are counted, because a
 * child that shares our memory may still read a command that a reload has
 * replaced; each prepared command keeps its generation of the configuration.
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
	int error_fd;		       /* with STDERR_LOG: the write end of
					* the pipe; -1: /dev/null */
	const struct command *command; /* its program is NULL for our own
					* processes */
	struct generation *generation; /* that command is in, or NULL */
	struct variables *variables;   /* NULL for our own processes */
	bool unprivileged;	       /* drop all capabilities and set
					* no_new_privs */
};

/* Prepare a command of the configuration, which is not copied.  One
 * reference; never NULL. */
struct prepared_command *command_new(struct generations *,
    const struct command *);
/* Replace the command by an equal one of another generation.  Takes one
 * reference and returns one, which may be to another struct; never NULL. */
struct prepared_command *command_move(struct generations *,
    struct prepared_command *, const struct command *);
/* Prepare one of superd's own processes: without a program, capabilities, or
 * a way to gain any.  With uid 0, or if superd is not root, it keeps our user.
 * One reference; never NULL. */
struct prepared_command *command_internal(uid_t, gid_t);
/* Add a reference; returns its argument. */
struct prepared_command *command_ref(struct prepared_command *);
/* Give up a reference; the last one frees it.  Accepts NULL. */
void command_unref(struct prepared_command *);

#endif
