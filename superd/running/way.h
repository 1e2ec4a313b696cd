/*
 * Ways of serving: what a service's clients get, chosen once when it is
 * defined.  Whoever has a client does as its way says, and asks no more what
 * kind of service it is.
 */
#ifndef SUPERD_RUNNING_WAY_H
#define SUPERD_RUNNING_WAY_H

#include "superd/running/connection.h"
#include "superd/running/superd.h"

struct way {
	const char *name;
	/* What a client takes up; PLACES: it is answered in the loop. */
	enum place_kind place;
	/* Its listener is readable. */
	void (*ready)(struct listener *);
	/* Serve one client.  Does not take it: running_start() does.  NULL
	 * with errno: there can be nobody now. */
	struct child *(*start)(const struct connection *);
	/* Serve a child whose asker had nothing against it; takes its
	 * connection.  -1 with errno, and nothing is taken. */
	int (*resume)(struct child *);
	/* Where that is a process for this client alone (server.h): its pid,
	 * or -1 with errno. */
	pid_t (*spawn)(struct running *, int fd, const struct addr *);
	/* NULL: never.  Are its listeners an internal process's?  Then they
	 * are given to it, and taken back, instead of being watched. */
	bool (*elsewhere)(const struct service *);
	void (*listen)(struct listener *);
	void (*unlisten)(struct listener *);
};

#endif
