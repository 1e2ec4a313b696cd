/*
 * The two sides of a tunnel, and the directions between them: edge-triggered,
 * so that what a side can do is remembered until it says that it cannot any
 * more.
 */
#ifndef SERVICES_FLOW_H
#define SERVICES_FLOW_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/pipes.h"

struct tunnel;

struct side {
	struct tunnel *tunnel; /* whose it is */
	int fd;		       /* -1: the target's, not made yet */
	bool readable, writable;
	bool known;  /* what kind of socket it is */
	bool exact;  /* a short read may not be all there is */
	bool ending; /* behind what is there comes its end */
	bool prompt; /* small messages do not wait for each other */
	bool sent;   /* something was */
};

/* One direction: from its own side to the other one. */
struct flow {
	struct pipe *pipe; /* holds what is held, or */
	char *rest;	   /* this does */
	size_t at, held;
	bool bulk;   /* the last read was a large one */
	bool ended;  /* no more will be read */
	bool failed; /* since its side is broken */
	bool done;   /* and the other side was told */
	uint64_t moved;
};

/* setsockopt(2): on. */
int socket_set(int fd, int level, int name);
/* Send what is held, as far as the other side takes it.  False: the reader is
 * gone. */
bool flow_drain(struct pipes *, struct flow *, struct side *to);
/* Read once, and pass it on; nothing may be held.  False: the reader is
 * gone. */
bool flow_fill(struct pipes *, struct flow *, struct side *from,
    struct side *to);
/* Drop what is held; and read no more, either. */
void flow_drop(struct pipes *, struct flow *);
void flow_cut(struct pipes *, struct flow *);

#endif
