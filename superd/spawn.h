/*
 * Spawn: a command image and a socket -> a running child.  Knows processes;
 * knows nothing of services, limits or listeners.
 *
 * The child's state is the one of a freshly logged in process: its socket on
 * 0-2 and no other descriptor, a session of its own, cwd /, default signal
 * dispositions, an empty mask, the limits superd was started with.
 */
#ifndef SUPERD_SPAWN_H
#define SUPERD_SPAWN_H

#include <sys/types.h>
#include <stdbool.h>

#include "conf/addr.h"
#include "superd/image.h"
#include "superd/loop.h"

struct spawner;

/* What a child has to say before it comes to its program, if ever. */
struct spawn_report {
	pid_t pid;
	int step;		/* spawn_step_name() */
	int error;		/* errno */
	int value;		/* SPAWN_REFUSED, SPAWN_USER: the gate's */
	unsigned length;	/* of the text that follows, SPAWN_TEXT_MAX
				   at most */
};

enum { SPAWN_TEXT_MAX = 1024 };

enum spawn_step {
	SPAWN_STDIO, SPAWN_SESSION, SPAWN_LIMITS, SPAWN_NICE, SPAWN_CHROOT,
	SPAWN_GROUPS, SPAWN_GID, SPAWN_UID, SPAWN_DIRECTORY, SPAWN_SIGNALS,
	SPAWN_EXEC, SPAWN_REFUSED,
	SPAWN_USER		/* who the client is */
};

struct spawn_request {
	struct command_image *image;
	int fd;				/* stays the caller's: spawn_close */
	const struct addr *peer;	/* NULL: unknown */
	/*
	 * Runs in the child, as superd's user and free to block, before the
	 * child becomes anything: returns the image to become, or NULL to
	 * end.  NULL: none.
	 */
	struct command_image *(*gate)(void *arg, int fd);
	void *gate_arg;
	int gate_fd;			/* stays open for it; 0: none */
	/* Runs in the child instead of a program.  NULL: exec. */
	void (*internal)(const void *arg, int fd);
	const void *internal_arg;
	const char *title;		/* for ps, with internal or gate */
};

/* text is never NULL; it may be from outside. */
typedef void spawn_report_fn(void *arg, const struct spawn_report *,
	    const char *text);

/* fn is called from the loop with each report. */
struct spawner *spawner_new(struct loop *, spawn_report_fn *, void *arg);
void	spawner_free(struct spawner *);
/*
 * Look whether children may share our memory until exec, proc(5): not where
 * fs.suid_dumpable lets a user trace, or dump, what has just become its own.
 * A value that cannot be read may be any.  At every load.
 */
void	spawner_look(struct spawner *);
/* The child's pid, or -1 with errno (EAGAIN, ENOMEM: later may help). */
pid_t	spawn_child(struct spawner *, const struct spawn_request *);
/* Close a descriptor that was given to spawn_child: at once, or when a child
 * that still shares our descriptors has made it its own. */
void	spawn_close(struct spawner *, int fd);
/* How many children shared our memory until exec. */
size_t	spawn_fast_count(const struct spawner *);
/* Deliver reports that are there already: once waitpid() has named a child,
 * and before it is forgotten, since its report may be as new as its end. */
void	spawner_drain(struct spawner *);
/* In a gate: report that the client is refused. */
void	spawn_refuse(int value);
/* In a gate: report who the client is, or why that is not known. */
void	spawn_tell_user(int value, const char *text);
const char *spawn_step_name(int step);

#endif
