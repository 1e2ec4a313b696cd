/*
 * Clients each of whom gets a text and nothing else, many at once, in a
 * process that has others, too (host.h).  Whoever writes the text is asked for
 * it, and brings it as a file; what a client sends is not read, or is a request
 * of HTTP (http.h).
 */
#ifndef SERVICES_DELIVERY_H
#define SERVICES_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

/* Seconds until the text has to be there, and until it has to be taken. */
enum { DELIVERY_WAIT = 30, DELIVERY_SECONDS = 60 };
/* Seconds for a request, and the most clients of HTTP: whoever comes then
 * displaces the one who has been asking for longest, or else taking. */
enum { DELIVERY_ASK = 10, DELIVERY_CLIENTS = 256 };

struct deliveries;
struct host;

struct deliveries_plan {
	bool http; /* the client asks for a path; the text has a header */
	/* The number of the text, -1: there is none.  path: NULL without
	 * HTTP. */
	int (*find)(void *arg, const char *path);
	/* A client waits for this text: deliveries_found(), later. */
	void (*wanted)(void *arg, uint32_t id, unsigned text);
	/* Close one that has all of it. */
	void (*close)(int fd);
	void *arg;
};

/* The plan is copied; the host stays the caller's.  NULL: no memory. */
struct deliveries *deliveries_new(struct host *,
    const struct deliveries_plan *);
/* A connection came; fd is theirs from now on, and does not block. */
void deliveries_begin(void *deliveries, uint32_t id, int fd);
/* The text of one that waits, if there is such a connection: a file that no
 * longer changes, from its beginning, or -1: there is none.  Taken. */
void deliveries_found(struct deliveries *, uint32_t id, int file);
/* End one, if there is such a connection. */
void deliveries_cut(void *deliveries, uint32_t id);
/* After each round of events: ms until it wants to be called again without
 * any; -1: never. */
int deliveries_round(void *deliveries);

#endif
