/* Places: resources with a limit for all services together.  share.h decides
 * which service and which client gets one. */
#ifndef SUPERD_RUNNING_PLACES_H
#define SUPERD_RUNNING_PLACES_H

#include <stdint.h>

#include "conf/addr.h"

enum place_kind {
	PLACE_PROCESS,
	PLACE_CONNECTION, /* of an internal process */
	PLACE_TALK,	  /* with tcpmux, until a service is chosen */
	PLACES
};

/* As bits of a set. */
#define ALL_PLACES ((1u << PLACES) - 1)

/* Who holds most, as event_paused() tells it: copied, since the service may be
 * gone by the next time. */
struct shown_holders {
	char id[101];	 /* "": not known */
	unsigned places; /* the service's */
	struct prefix client;
	unsigned clients_places; /* 0: no client is known */
};

/* The places of one kind. */
struct pool {
	unsigned max; /* LIMIT_NONE: any number */
	unsigned used;
	unsigned services; /* that need such places */
	unsigned idle;	   /* those of them that hold none */
	int64_t asked;	   /* when holders was written; loop_clock() */
	struct shown_holders holders; /* of share_show() */
};

#endif
