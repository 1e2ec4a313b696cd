/*
 * What an upgrade carries over execve(2): the state of superd as numbers and
 * texts, in a sealed file in memory.  Times are of CLOCK_MONOTONIC, which goes
 * on.  Services are named by their ids, sockets by their descriptors and what
 * they are.  Pure, but for the file.
 */
#ifndef SUPERD_UPGRADE_STATE_H
#define SUPERD_UPGRADE_STATE_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/addr.h"
#include "superd/running/denylist.h"
#include "superd/running/reasons.h"

/* Raised whenever the meaning of any octet changes. */
enum { UPGRADE_STATE = 1 };

/* Texts are malloc'd, or NULL. */

/* A descriptor, and what it was: fd is -1 where there is none. */
struct kept_fd {
	int fd;
	uint64_t device, inode;
};

struct kept_self {
	pid_t pid;
	int64_t started, applied, refused;
	bool detached;
	char *pid_path, *control_path;
	struct kept_fd lock, pid_file, control;
	struct kept_fd reply; /* superctl, which waits */
	bool json;
};

struct kept_service {
	char *id, *override; /* "OPTION=VALUE OPTION=VALUE" */
	int closed;
	int64_t starts_full_at;
	uint64_t counted[6];
	uint64_t refused[REFUSAL_COUNT];
};

struct kept_listener {
	char *id, *name; /* as passed_name() makes it */
	struct kept_fd socket;
	bool busy; /* a server has it */
};

struct kept_child {
	char *id;
	pid_t pid;
	struct addr peer, local;
	int64_t started, started_at;
	bool told, uncounted;
	int killed;
	int listener; /* the descriptor that its server has, or -1 */
};

struct kept_pipe {
	char *id;
	pid_t pid;
	struct addr peer;
	struct kept_fd pipe;
};

struct upgrade_state {
	struct kept_self self;
	struct kept_service *services;
	struct kept_listener *listeners;
	struct kept_child *children;
	struct kept_pipe *pipes;
	struct denied *denied;
	size_t nservices, nlisteners, nchildren, npipes, ndenied;
};

/* Write it to a new sealed file; -1 with errno. */
int upgrade_state_write(struct upgrade_state *);
/* Read all of it, before anything is used.  NULL, or what was expected; the
 * state is empty then. */
const char *upgrade_state_read(int fd, struct upgrade_state *);
/* The same from octets in memory. */
const char *upgrade_state_parse(const void *, size_t, struct upgrade_state *);
void upgrade_state_free(struct upgrade_state *);
/* Describe a descriptor; not one of these any more: false. */
struct kept_fd kept_fd(int fd);
bool kept_fd_is_there(const struct kept_fd *);
/* Call fn for each descriptor that is kept. */
void upgrade_state_each_fd(struct upgrade_state *,
    void (*fn)(struct kept_fd *));

#endif
