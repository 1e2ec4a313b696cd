/*
 * Fair shares.  There is room for so many processes, connections of
 * internal processes and talks with tcpmux; each of the three is a pool of
 * places.
 *
 * No service takes the last of them: one place is kept for each service that
 * has none (for as many as half of the pool), and an eighth of the pool for
 * services below their fair share, which is the pool divided by the services
 * that use it.  No client (addr.h) takes the last of them, either: once three
 * quarters of what a service may have are taken, or of a pool, only who holds
 * less than half of those gets more.  per_source, if it is given, goes before
 * what is said here of clients.
 *
 * Knows counters; nothing is searched when a connection comes.
 */
#ifndef SUPERD_RUNNING_SHARE_H
#define SUPERD_RUNNING_SHARE_H

#include "superd/running/children.h"
#include "superd/running/superd.h"

/* The sizes of the pools, after a load. */
void share_configure(struct superd *);
/* A service begins to use its pools, has changed, or is removed. */
void share_define(struct running *);
void share_undefine(struct running *);
/* May the service have one place more of each kind that it needs?  ADMITTED,
 * or what there is too little of. */
enum refusal share_service(const struct running *);
/* May this client have one of the service's places?  ADMITTED, or
 * REFUSED_SHARE. */
enum refusal share_client(const struct running *, const struct addr *peer);
/* A child takes the places that its live needs, and gives back some or all
 * of them (bits of enum place_kind) that it still holds. */
void share_take(struct child *);
void share_give_back(struct child *, unsigned places);

/* For people. */

/* Who holds most of a pool; found by searching. */
struct holders {
	const struct running *running; /* NULL: nobody holds any */
	unsigned places;	       /* the service's */
	struct prefix client;
	unsigned clients_places; /* 0: no client is known */
};

void share_holders(const struct superd *, enum place_kind, struct holders *);
/* The client that holds most of a service, and how much; 0: none. */
unsigned share_client_of(const struct running *, struct prefix *);
/* What a service may have at most of what it is for; UINT_MAX: any. */
unsigned share_most(const struct running *);
/* For a line about a pause: " service=ID holds=N client=P client_holds=N",
 * as far as there are any.  Pools are searched once a second at most. */
enum { HOLDERS_TEXT = 256 };

char *share_print(struct running *, enum refusal, char *buf, size_t);
/* "processes", "connections", "talks". */
const char *share_place_name(enum place_kind);
/* What is missing, as a reason: REFUSED_TOTAL and its like. */
enum refusal share_refusal(enum place_kind);

#endif
