/*
 * Fair shares of the three pools of places: processes, connections of internal
 * processes, and clients of tcpmux that have not chosen a service yet.
 *
 * No service takes the last places of a pool.  One place is reserved for each
 * service that has none, up to half of the pool, and an eighth of the pool for
 * services below their fair share, which is the size of the pool divided by
 * the number of services that use it.
 *
 * No client (conf/addr.h) takes the last places of a service or of a pool.
 * Once three quarters of them are taken, a client that holds half of those, or
 * more, gets no more.  With per_source, that limit counts instead.
 *
 * Admission only compares counters; it searches nothing.
 */
#ifndef SUPERD_RUNNING_SHARE_H
#define SUPERD_RUNNING_SHARE_H

#include "superd/running/children.h"
#include "superd/running/superd.h"

/* Set the sizes of the pools, after a load. */
void share_configure(struct superd *);
/* Count a service as a user of its pools, after it was defined or changed. */
void share_define(struct running *);
/* Do not count a service any more. */
void share_undefine(struct running *);
/* May the service take one more place of each kind that it needs?  ADMITTED,
 * or the reason of the lacking kind. */
enum refusal share_service(const struct running *);
/* Does nobody get another place of this kind? */
bool share_is_full(const struct superd *, enum place_kind);
/* May this client take one of the service's places?  ADMITTED or
 * REFUSED_SHARE. */
enum refusal share_client(const struct running *, const struct addr *peer);
/*
 * Take a place of PLACE_CONNECTION, if the service needs one, for a client
 * (NULL: unknown) that is about to be served: what other processes have taken
 * since share_service() counts.  False: none is left.  share_reserved() says
 * whose it is; NULL: nobody's, and it is free again.
 */
bool share_reserve(const struct running *, const struct addr *peer);
void share_reserved(const struct running *, const struct addr *peer,
    struct child *);
/* Count the place in this slot of tally.h, whose process gives it back. */
void share_hand_over(struct child *, unsigned slot);
/* Take the places that the child's service needs. */
void share_take(struct child *);
/* Its client is a proxy itself: limits of clients count it no more. */
void share_uncount(struct child *);
/* Give back those of these places, bits of enum place_kind, that the child
 * holds. */
void share_give_back(struct child *, unsigned places);

/* For the log and the status. */

struct holders {
	const struct running *running; /* NULL: nobody holds any */
	unsigned places;	       /* the service's */
	struct prefix client;
	unsigned clients_places; /* 0: no client is known */
};

/* Find the service and the client that hold most of a pool, by searching. */
void share_holders(const struct superd *, enum place_kind, struct holders *);
/* The client that holds most places of a service, and their number; 0: no
 * client holds any. */
unsigned share_client_of(const struct running *, struct prefix *);
/* The most places that a service may have; UINT_MAX: no limit. */
unsigned share_most(const struct running *);

/* The service and the client that hold most of what lacks, for event_paused(),
 * as far as they are known.  Searches at most once a second. */
void share_show(struct running *, enum refusal, struct shown_holders *);
/* "processes", "connections" or "talks". */
const char *share_place_name(enum place_kind);
/* The reason for a pool without places: REFUSED_TOTAL, REFUSED_CONNECTIONS or
 * REFUSED_TALKS. */
enum refusal share_refusal(enum place_kind);

#endif
