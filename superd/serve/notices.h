/*
 * What an internal process tells, and what that does to the daemon's state: as
 * if its clients were accepted, refused and served here.  Nothing of it is
 * believed that cannot be.
 */
#ifndef SUPERD_SERVE_NOTICES_H
#define SUPERD_SERVE_NOTICES_H

#include "superd/serve/internal_record.h"

struct notices_to {
	/* A connection of it was started, or has ended. */
	void (*started)(struct internal *, struct child *, uint32_t id);
	void (*ended)(struct internal *, struct child *);
	/* The host of a redirected service is asked for. */
	void (*look_up)(struct internal *, struct running *);
	/* A connection waits for a page.  False: no honest one says so. */
	bool (*want_page)(struct internal *, struct child *, unsigned page);
};

/* Read all notices that are there, without waiting for more; what they tell of
 * clients is done, and the functions are called, one notice after the other.
 * False: it says what cannot be, and is to be ended; nothing of that notice was
 * done, but of those before it. */
bool notices_read(struct internal *, const struct notices_to *);

#endif
