/*
 * Gates: questions about a client that may take long (libwrap, the names of
 * hosts, their users), for an asker, before anybody serves it.
 */
#ifndef SUPERD_POLICY_GATE_H
#define SUPERD_POLICY_GATE_H

#include "superd/running/asker.h"
#include "superd/running/superd.h"
#include "superd/spawn/process.h"

/* What the asker of one client knows: copied with the process. */
struct gate_question {
	const struct running *running;
	const struct addr *peer;
	struct ident_ends ends;
	bool user;  /* it is asked for by them */
	bool talks; /* libwrap may write to the client */
};

/* Is there a question about this peer that only an asker may ask? */
bool gate_needed(const struct running *, const struct addr *peer);
/* Everything that has to be asked about it.  fd: its connection, -1: it has
 * none of its own. */
void gate_question(struct running *, int fd, const struct addr *peer,
    struct gate_question *, struct question *);

#endif
