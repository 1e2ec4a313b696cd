/* Places: what there is so much of for all.  Who gets one is share.h's. */
#ifndef SUPERD_RUNNING_PLACES_H
#define SUPERD_RUNNING_PLACES_H

#include <stdint.h>

/* What a connection takes up, of which there is so much for all. */
enum place_kind {
	PLACE_PROCESS,
	PLACE_CONNECTION, /* of an internal process */
	PLACE_TALK,	  /* with tcpmux, until a service is chosen */
	PLACES
};

/* As bits of a set. */
#define ALL_PLACES ((1u << PLACES) - 1)

/* Places of one kind: see share.h. */
struct pool {
	unsigned max; /* LIMIT_NONE: any number */
	unsigned used;
	unsigned services; /* that need such places */
	unsigned idle;	   /* ... and hold none */
	int64_t asked;	   /* for the holders; loop_clock() */
	char holders[256]; /* as they were then: share_print() */
};

#endif
