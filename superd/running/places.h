/* Places: resources with a limit for all services together.  share.h decides
 * which service and which client gets one. */
#ifndef SUPERD_RUNNING_PLACES_H
#define SUPERD_RUNNING_PLACES_H

#include <stdint.h>

enum place_kind {
	PLACE_PROCESS,
	PLACE_CONNECTION, /* of an internal process */
	PLACE_TALK,	  /* with tcpmux, until a service is chosen */
	PLACES
};

/* As bits of a set. */
#define ALL_PLACES ((1u << PLACES) - 1)

/* The places of one kind. */
struct pool {
	unsigned max; /* LIMIT_NONE: any number */
	unsigned used;
	unsigned services; /* that need such places */
	unsigned idle;	   /* those of them that hold none */
	int64_t asked;	   /* when holders was written; loop_clock() */
	char holders[256]; /* of share_print() */
};

#endif
