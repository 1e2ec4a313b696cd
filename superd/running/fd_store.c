/* What is in the store is known by its name: a number, and whose it is. */
#include "superd/running/fd_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/base/loop.h"
#include "superd/base/notify.h"
#include "superd/base/passed.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"

/* systemd reads when it comes to it. */
enum { AGAIN = 20 * MILLISECOND };

struct fd_store {
	struct superd *superd;
	struct loop_timer timer;
	char **gone;   /* names to be removed */
	unsigned last; /* number given */
};

struct fd_store *
fd_store_new(struct superd *superd)
{
	struct fd_store *store;

	if (!notify_keeps())
		return NULL;
	store = xcalloc(1, sizeof(*store));
	store->superd = superd;
	store->last = passed_last_number();
	return store;
}

void
fd_store_free(struct fd_store *store)
{
	if (store == NULL)
		return;
	loop_timer_stop(store->superd->loop, &store->timer);
	strings_free(store->gone);
	free(store);
}

/* Names go first: a socket may come again under another one. */
static bool
remove_gone(struct fd_store *store)
{
	while (store->gone != NULL && store->gone[0] != NULL) {
		char *name = store->gone[0];
		char *text = xasprintf("FDSTOREREMOVE=1\nFDNAME=%s", name);
		int error = notify_send_fd(-1, text);

		free(text);
		if (error == EAGAIN)
			return false;
		memmove(store->gone, store->gone + 1,
		    strings_count(store->gone) * sizeof(char *));
		free(name);
	}
	return true;
}

static bool
is_right(const struct listener *listener)
{
	char *name;
	bool right;

	if (listener->stored == NULL)
		return false;
	name = passed_name(passed_number(listener->stored),
	    listener->running->service);
	right = strcmp(name, listener->stored) == 0;
	free(name);
	return right;
}

/* Without FDPOLL=0, systemd would drop a socket that has an error. */
static bool
put(struct fd_store *store, struct listener *listener)
{
	char *name = passed_name(++store->last, listener->running->service);
	char *text = xasprintf("FDSTORE=1\nFDPOLL=0\nFDNAME=%s", name);
	int error = notify_send_fd(listener->fd, text);

	free(text);
	if (error == EAGAIN) {
		free(name);
		return false;
	}
	listener->stored = name;
	return true;
}

static bool
settle(struct fd_store *store, struct listener *listener)
{
	if (listener->fd < 0 || listener->running->service == NULL ||
	    is_right(listener))
		return true;
	fd_store_forget(listener);
	return remove_gone(store) && put(store, listener);
}

static void
look(void *arg)
{
	struct fd_store *store = arg;
	struct running *running;
	bool all = remove_gone(store);

	for (running = running_first(store->superd); all && running != NULL;
	     running = running_next(running))
		for (unsigned i = 0; all && i < running->nlisteners; i++)
			all = settle(store, running->listeners[i]);
	if (!all)
		loop_timer_set(store->superd->loop, &store->timer, AGAIN);
}

void
fd_store_changed(struct fd_store *store)
{
	/* an internal process has a copy of all this */
	if (store == NULL || store->superd->inside != NULL ||
	    loop_timer_running(&store->timer))
		return;
	loop_timer_init(&store->timer, look, store);
	loop_timer_set(store->superd->loop, &store->timer, 0);
}

bool
fd_store_keeps(const struct listener *listener)
{
	return listener->stored != NULL && listener->running->superd->stopping;
}

void
fd_store_forget(struct listener *listener)
{
	struct fd_store *store = listener->running->superd->fd_store;

	if (listener->stored == NULL)
		return;
	if (store != NULL && store->superd->inside == NULL &&
	    !fd_store_keeps(listener)) {
		strings_add(&store->gone, listener->stored);
		fd_store_changed(store);
	}
	free(listener->stored);
	listener->stored = NULL;
}
