/*
 * Clients of tcpmux, many at once, in a process that has others, too
 * (host.h): they are talked with until they are answered, or have chosen a
 * service, or their time is over.
 */
#ifndef SERVICES_TALKS_H
#define SERVICES_TALKS_H

#include "services/tcpmux.h"

/* Seconds for the line, and as many for the list. */
enum { TALKS_SECONDS = 10 };

struct host;
struct talks;

struct talks_plan {
	struct tcpmux_directory directory;
	/* A client wants what the directory calls so; fd is whoever's is
	 * called, and the connection is not over. */
	void (*chosen)(void *arg, uint32_t id, int fd, uint32_t number);
	/* Close one that was answered. */
	void (*close)(int fd);
	void *arg;
};

/* The plan is copied; the host stays the caller's.  NULL: no memory. */
struct talks *talks_new(struct host *, const struct talks_plan *);
/* A connection came; fd is theirs from now on. */
void talks_begin(void *talks, uint32_t id, int fd);
/* End one, if there is such a connection. */
void talks_cut(void *talks, uint32_t id);
/* After each round of events: ms until it wants to be called again without
 * any; -1: never. */
int talks_round(void *talks);

#endif
