/*
 * Spawn: starts a child from a command and a socket.  Knows nothing of
 * services, limits or listeners.
 *
 * A child has its socket as descriptors 0 to 2 and no other descriptor, a
 * session of its own, the directory /, default signal actions, an empty signal
 * mask, and the RLIMIT_NOFILE that superd was started with.
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

/* A forked process that runs our own code, with the privileges of its
 * command. */
struct spawn_inside {
	struct prepared_command *prepared;
	int fd;	    /* becomes its 0 and 1; -1: /dev/null */
	int beside; /* becomes its SPAWN_BESIDE; -1: none.  Both remain the
		     * caller's, who may close them at once */
	void (*run)(const void *arg); /* then the process exits with 0 */
	const void *arg;
	/* Descriptors above 2 that stay open, in ascending order, or NULL. */
	const int *kept;
	size_t nkept;
	/* Called before privileges are dropped, or NULL.  With it, null must
	 * be a kept descriptor of /dev/null. */
	void (*prepare)(void);
	int null;
	const char *title;	 /* for setproctitle(3) */
	struct process *process; /* to record it in; NULL: the caller does */
};

enum { SPAWN_BESIDE = 3 };

/* Make a spawner.  Reports that come in are passed to process_reported() from
 * the loop.  NULL with errno. */
struct spawner *spawner_new(struct loop *);
void spawner_free(struct spawner *); /* accepts NULL */
/*
 * Decide whether children may share our memory until execve(2); to be called
 * at every load.  They may if fs.suid_dumpable, proc(5), is 0: otherwise, the
 * user of a child could trace it, or get a core dump, before its exec.
 */
void spawner_look(struct spawner *);
/* Start a child and return its pid, for the caller to record with
 * process_started().  -1 with errno; after EAGAIN or ENOMEM, another try may
 * succeed later. */
pid_t spawn_child(struct spawner *, const struct spawn_request *);
/* A child with this leaf has ended; 0: it had none. */
void spawn_leaf_end(struct spawner *, unsigned leaf);
/* Fork a process of our own.  Its pid, or -1 with errno. */
pid_t spawn_inside(const struct spawn_inside *);
/* Close a descriptor that was given to spawn_child(): at once, or as soon as
 * no child shares our descriptor table and needs it. */
void spawn_close(struct spawner *, int fd);
/* Pass on the reports that have arrived. */
void spawner_drain(struct spawner *);
/* A child has ended, with this status of wait4(2): pass on what it may have
 * reported.  To be called before process_ended(), since no earlier look would
 * have been late enough. */
void spawner_ended(struct spawner *, int status);

#endif
