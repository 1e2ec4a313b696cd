/*
 * Gates: the questions about a client that can block (hosts_access(5), the
 * names of hosts, its user by RFC 1413) and that an asker asks before the
 * client is served.
 */
#ifndef SUPERD_POLICY_GATE_H
#define SUPERD_POLICY_GATE_H

#include "superd/running/asker.h"
#include "superd/running/superd.h"
#include "superd/spawn/process.h"

/* The data of an asker, which gets a copy by fork(2). */
struct gate_question {
	const struct running *running;
	const struct addr *peer;
	struct ident_ends ends;
	bool user;  /* ask for the user, with these ends */
	bool talks; /* libwrap may write to the client */
};

/* Does this client have to pass an asker? */
bool gate_needed(const struct running *, const struct addr *peer);
/* Fill in the question about a client and its data, both the caller's.  fd: its
 * connection; -1: it has none of its own. */
void gate_question(struct running *, int fd, const struct addr *peer,
    struct gate_question *, struct question *);

#endif
