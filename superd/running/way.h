/*
 * Ways of serving (serve/ways.h): a table of functions for each kind of
 * service, chosen when the service is defined.
 */
#ifndef SUPERD_RUNNING_WAY_H
#define SUPERD_RUNNING_WAY_H

#include "superd/running/connection.h"
#include "superd/running/superd.h"

struct way {
	const char *name;
	/* That a client takes; PLACES: none, it is answered in the loop. */
	enum place_kind place;
	/* A listener is readable. */
	void (*ready)(struct listener *);
	/* Start serving a client, without taking its connection, which
	 * running_start() does.  NULL with errno. */
	struct child *(*start)(const struct connection *);
	/* Serve a client whom an asker has admitted: takes the connection of
	 * its child.  0, or -1 with errno and nothing taken. */
	int (*resume)(struct child *);
	/* Does an internal process have its listeners?  Then listen() and
	 * unlisten() are called instead of watching them.  NULL: never. */
	bool (*elsewhere)(const struct service *);
	/* Of those whose clients come through proxies: does it serve them
	 * there, too, once it knows who they are?  NULL: never. */
	bool (*here)(const struct service *);
	void (*listen)(struct listener *);
	void (*unlisten)(struct listener *);
};

#endif
