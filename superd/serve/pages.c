/*
 * The pages, one line for each socket or child, words with blanks between
 * them.  Knows the state, and nothing of who reads it.
 */
#include "superd/serve/pages.h"

#include <netinet/in.h>
#include <string.h>

#include "superd/base/clock.h"
#include "superd/running/children.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"

/* services: ID PROTOCOL PORT ADDRESS */

static const char *
protocol_name(const struct service *service)
{
	switch (service->protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	default:
		return service->proto != NULL ? service->proto : "-";
	}
}

static void
add_socket(struct text *text, const struct running *running,
    const struct addr *addr)
{
	const struct service *service = running->service;
	char address[ADDR_TEXT];

	text_add(text, "%s %s ", running->id, protocol_name(service));
	if (addr->u.sa.sa_family == AF_UNIX)
		text_add(text, "- %s\n",
		    addr_print(addr, address, sizeof(address)));
	else
		text_add(text, "%u %s\n", addr_port(addr),
		    addr_print_host(addr, address, sizeof(address)));
}

/* What is reached through tcpmux has no socket. */
static void
add_service(struct text *text, const struct running *running)
{
	if (running->service->mux != MUX_NONE)
		text_add(text, "%s tcpmux - -\n", running->id);
	for (size_t i = 0; i < running->nlisteners; i++)
		if (running->listeners[i]->fd >= 0)
			add_socket(text, running, running->listeners[i]->bound);
}

static void
write_services(struct superd *superd, struct text *text)
{
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running))
		if (!running->removed)
			add_service(text, running);
}

/* servers: ID PID SECONDS PEER, but for those who wait for a page. */

static void
add_server(void *arg, const struct child *child)
{
	struct text *text = arg;
	char peer[ADDR_TEXT] = "-";

	if (child->kind == CHILD_HOSTED && child->hosted.batch != NULL)
		return;
	if (child->peer.len > 0)
		addr_print(&child->peer, peer, sizeof(peer));
	text_add(text, "%s %d %lld %s\n", child->running->id, (int)child->pid,
	    (long long)((loop_clock() - child->started) / SECOND), peer);
}

static void
write_servers(struct superd *superd, struct text *text)
{
	children_each(superd->children, add_server, text);
}

/* Both. */

static const struct {
	const char *name;
	void (*write)(struct superd *, struct text *);
} pages[PAGES] = {
	{ "servers", write_servers },
	{ "services", write_services },
};

bool
page_write(struct superd *superd, const char *name, struct text *text)
{
	for (size_t i = 0; i < PAGES; i++)
		if (strcmp(name, pages[i].name) == 0) {
			pages[i].write(superd, text);
			return true;
		}
	return false;
}

const char *
page_name(size_t i)
{
	return pages[i].name;
}
