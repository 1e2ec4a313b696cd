/*
 * The clients that were refused last, for who looks at the status page: what
 * the log may leave out when there are many.
 */
#ifndef SUPERD_RUNNING_LATELY_H
#define SUPERD_RUNNING_LATELY_H

#include "conf/addr.h"
#include "superd/running/superd.h"

enum { LATELY_ID = 80 };

struct refused_lately {
	int64_t at;	    /* loop_clock() */
	char id[LATELY_ID]; /* of the service, cut if it is longer */
	enum refusal reason;
	struct addr peer; /* len 0: unknown */
};

struct lately;

struct lately *lately_new(void); /* never NULL */
void lately_free(struct lately *);
/* Keep one, in place of the oldest; peer: NULL if unknown.  The first may be
 * NULL: nothing is kept. */
void lately_add(struct lately *, const char *id, enum refusal,
    const struct addr *peer);
/* The number of them, and one by its age: 0 is the last. */
unsigned lately_count(const struct lately *);
const struct refused_lately *lately_get(const struct lately *, unsigned age);

#endif
