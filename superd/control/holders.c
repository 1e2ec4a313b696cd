/* The clients of a service that have most of its children. */
#include "superd/control/holders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "superd/running/children.h"
#include "superd/running/records.h"

enum { HOLDERS_SHOWN = 3 };

/* The clients of a service's children; sorted, one entry for each child. */
struct clients_of {
	const struct running *running;
	struct prefix *list;
	size_t count;
};

static void
collect_client(void *arg, const struct child *child)
{
	struct clients_of *clients = arg;

	if (child->running == clients->running && child->peer.len > 0 &&
	    clients->count < clients->running->children)
		client_of(&child->peer, &child->running->superd->client_bits,
		    &clients->list[clients->count++]);
}

static int
compare_clients(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

/* A client, and how many children serve it. */
struct holder {
	const struct prefix *client;
	size_t count;
};

/* The ones that hold most come first. */
static void
enter_holder(struct holder top[HOLDERS_SHOWN], struct holder holder)
{
	for (size_t i = 0; i < HOLDERS_SHOWN; i++)
		if (holder.count > top[i].count) {
			struct holder next = top[i];

			top[i] = holder;
			holder = next;
		}
}

static void
count_holders(const struct clients_of *clients,
    struct holder top[HOLDERS_SHOWN])
{
	size_t first = 0;

	for (size_t i = 0; i < clients->count; i++) {
		if (i + 1 < clients->count &&
		    prefix_equal(&clients->list[i], &clients->list[i + 1]))
			continue;
		enter_holder(top,
		    (struct holder){ &clients->list[i], i + 1 - first });
		first = i + 1;
	}
}

static char *
print(const struct holder top[HOLDERS_SHOWN], char *buf, size_t size)
{
	char client[ADDR_TEXT];
	size_t used = 0;

	for (size_t i = 0; i < HOLDERS_SHOWN && top[i].count > 0 && used < size;
	     i++)
		used += (size_t)snprintf(buf + used, size - used,
		    "%s%s has %zu", i > 0 ? ", " : "",
		    prefix_print(top[i].client, client, sizeof(client)),
		    top[i].count);
	return used > 0 ? buf : NULL;
}

char *
holders_print(const struct running *running, char *buf, size_t size)
{
	struct clients_of clients = { .running = running };
	struct holder top[HOLDERS_SHOWN] = { { NULL, 0 } };
	char *text;

	if (running->children == 0)
		return NULL;
	clients.list = calloc(running->children, sizeof(*clients.list));
	if (clients.list == NULL)
		return NULL;
	children_each(running->superd->children, collect_client, &clients);
	qsort(clients.list, clients.count, sizeof(*clients.list),
	    compare_clients);
	count_holders(&clients, top);
	text = print(top, buf, size);
	free(clients.list);
	return text;
}
