/*
 * Spawn: a command and a socket -> a running child.  Knows processes;
 * knows nothing of services, limits or listeners.
 *
 * The child's state is the one of a freshly logged in process: its socket on
 * 0-2 and no other descriptor, a session of its own, cwd /, default signal
 * dispositions, an empty mask, the limits superd was started with.
 */
#ifndef SUPERD_SPAWN_SPAWN_H
#define SUPERD_SPAWN_SPAWN_H

#include <sys/types.h>
#include <stdbool.h>

#include "superd/base/loop.h"
#include "superd/spawn/child_steps.h"
#include "superd/spawn/command.h"
#include "superd/spawn/process.h"
#include "superd/spawn/spawn_request.h"

struct spawner;

/* A process of superd's own, without a program, and without rights if its
 * command has none. */
struct spawn_inside {
	struct prepared_command *prepared;
	int fd;	    /* its 0 and 1; -1: null */
	int beside; /* its SPAWN_BESIDE; -1: none.  Both stay the
		     * caller's, which may close them at once */
	void (*run)(const void *arg);
	const void *arg;
	/* Descriptors that stay open, in ascending order; with NULL, all
	 * others are closed. */
	const int *kept;
	size_t nkept;
	/* Runs before it loses its rights, or NULL: then null is one of
	 * /dev/null, which is kept. */
	void (*prepare)(void);
	int null;
	const char *title;	 /* for ps */
	struct process *process; /* NULL: recorded later */
};

enum { SPAWN_BESIDE = 3 };

/* Reports come from the loop, by way of process.h. */
struct spawner *spawner_new(struct loop *);
void spawner_free(struct spawner *);
/*
 * Look whether children may share our memory until exec, proc(5): not where
 * fs.suid_dumpable lets a user trace, or dump, what has just become its own.
 * A value that cannot be read may be any.  At every load.
 */
void spawner_look(struct spawner *);
/* The child's pid, or -1 with errno (EAGAIN, ENOMEM: later may help).  It is
 * the caller's to record (process.h), which may take until it has a
 * struct. */
pid_t spawn_child(struct spawner *, const struct spawn_request *);
pid_t spawn_inside(const struct spawn_inside *);
/* Close a descriptor that was given to spawn_child: at once, or when a child
 * that still shares our descriptors has made it its own. */
void spawn_close(struct spawner *, int fd);
/* Deliver reports that are there already: once waitpid() has named a child,
 * and before it is forgotten, since its report may be as new as its end. */
void spawner_drain(struct spawner *);

#endif
