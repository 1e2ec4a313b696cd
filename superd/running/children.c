/* The table of children, and the one that is prepared for. */
#include "superd/running/children.h"

#include <signal.h>
#include <stdlib.h>

#include "conf/xalloc.h"

struct children {
	struct child **table;
	size_t room; /* power of two */
	size_t count;
	struct child *spare; /* for the next one, or NULL */
	struct ending *spare_ending;
};

enum { ROOM_FIRST = 64 };

struct children *
children_new(void)
{
	struct children *children = xcalloc(1, sizeof(*children));

	children->room = ROOM_FIRST;
	children->table = xcalloc(children->room, sizeof(struct child *));
	return children;
}

static struct child **
slot_of(const struct children *children, size_t key)
{
	return &children->table[key & (children->room - 1)];
}

static size_t
key_of(const struct child *child)
{
	return child->kind == CHILD_HOSTED ?
	    child->hosted.id :
	    (size_t)child->pid;
}

size_t
children_count(const struct children *children)
{
	return children->count;
}

struct child *
children_connection(const struct children *children, uint32_t connection)
{
	struct child *child = *slot_of(children, connection);

	while (child != NULL &&
	    (child->kind != CHILD_HOSTED || child->hosted.id != connection))
		child = child->chain;
	return child;
}

void
children_each(const struct children *children,
    void (*fn)(void *, const struct child *), void *arg)
{
	for (size_t i = 0; i < children->room; i++)
		for (struct child *child = children->table[i]; child != NULL;
		     child = child->chain)
			fn(arg, child);
}

static void
chain_in(struct children *children, struct child *child)
{
	struct child **slot = slot_of(children, key_of(child));

	child->chain = *slot;
	*slot = child;
}

/* Without memory the chains get longer, that is all. */
static void
grow(struct children *children)
{
	struct child **old = children->table, *child, *next;
	struct child **table = calloc(children->room * 2, sizeof(*table));
	size_t room = children->room;

	if (table == NULL)
		return;
	children->room *= 2;
	children->table = table;
	for (size_t i = 0; i < room; i++)
		for (child = old[i]; child != NULL; child = next) {
			next = child->chain;
			chain_in(children, child);
		}
	free(old);
}

void
children_add(struct children *children, struct child *child)
{
	if (children->count >= children->room * 2)
		grow(children);
	chain_in(children, child);
	children->count++;
}

void
children_remove(struct children *children, struct child *child)
{
	struct child **at = slot_of(children, key_of(child));

	while (*at != child)
		at = &(*at)->chain;
	*at = child->chain;
	children->count--;
}

void
children_release(struct children *children, void (*release)(struct child *))
{
	struct child *child, *next;

	for (size_t i = 0; i < children->room; i++)
		for (child = children->table[i]; child != NULL; child = next) {
			next = child->chain;
			release(child);
		}
	free(children->spare);
	free(children->spare_ending);
	free(children->table);
	free(children);
}

bool
children_prepare(struct children *children)
{
	if (children->spare == NULL)
		children->spare = calloc(1, sizeof(*children->spare));
	if (children->spare_ending == NULL)
		children->spare_ending = calloc(1,
		    sizeof(*children->spare_ending));
	return children->spare != NULL && children->spare_ending != NULL;
}

struct ending *
children_ending(struct children *children)
{
	struct ending *ending = children->spare_ending;

	children->spare_ending = NULL;
	return ending != NULL ? ending : calloc(1, sizeof(*ending));
}

struct child *
children_record(struct children *children)
{
	struct child *child;

	if (!children_prepare(children))
		abort();
	child = children->spare;
	children->spare = NULL;
	return child;
}

struct signalling {
	int signo;
};

static void
signal_one(void *arg, const struct child *child)
{
	const struct signalling *signalling = arg;

	/* 0: it has no process yet, and would be all of our group */
	if (child->kind != CHILD_HOSTED && child->pid > 0)
		kill(child->pid, signalling->signo);
}

void
children_signal(const struct children *children, int signo)
{
	struct signalling signalling = { signo };

	children_each(children, signal_one, &signalling);
}
