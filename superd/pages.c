/*
 * The pages, one line for each socket or child, words with blanks between
 * them.  Knows the state, and nothing of who reads it.
 */
#include "superd/pages.h"

#include <netinet/in.h>
#include <string.h>

#include "superd/base/clock.h"
#include "superd/control/metrics.h"
#include "superd/control/status_page.h"
#include "superd/running/blocked.h"
#include "superd/running/children.h"
#include "superd/running/records.h"
#include "superd/running/running.h"
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

static unsigned
write_services(struct superd *superd, struct text *text)
{
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running))
		if (!running->removed)
			add_service(text, running);
	return 200;
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

static unsigned
write_servers(struct superd *superd, struct text *text)
{
	children_each(superd->children, add_server, text);
	return 200;
}

/* Is superd well? */

static unsigned
write_health(struct superd *superd, struct text *text)
{
	text_add(text, superd->ready ? "ok\n" : "starting\n");
	return superd->ready ? 200 : 503;
}

static void
add_failed(struct superd *superd, struct text *text)
{
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running))
		if (strcmp(running_state(running), "failed") == 0)
			text_add(text, "failed: %s\n", running->id);
}

/* Does everybody who may come get what the configuration promises? */
static unsigned
write_readiness(struct superd *superd, struct text *text)
{
	size_t unservable = superd->reload_counts.unservable;

	if (!superd->ready)
		text_add(text, "starting\n");
	if (superd->stopping)
		text_add(text, "stopping\n");
	if (waiters_lack(superd) != NULL)
		text_add(text, "out of %s\n", waiters_lack(superd));
	if (unservable > 0)
		text_add(text, "entries left out: %zu\n", unservable);
	add_failed(superd, text);
	if (text->length > 0)
		return 503;
	text_add(text, "ok\n");
	return 200;
}

static unsigned
write_metrics(struct superd *superd, struct text *text)
{
	metrics_write(superd, text);
	return 200;
}

static unsigned
write_status(struct superd *superd, struct text *text)
{
	status_page(superd, text);
	return 200;
}

/* All. */

#define PLAIN "text/plain; charset=utf-8", ""

const struct page superd_pages[] = {
	{ "servers", .write = write_servers },
	{ "services", .write = write_services },
	{ "metrics", "/metrics", "text/plain; version=0.0.4; charset=utf-8", "",
	    write_metrics },
	{ "metrics", "/healthz", PLAIN, write_health },
	{ "metrics", "/readyz", PLAIN, write_readiness },
	{ "status", "/", "text/html; charset=utf-8", STATUS_PAGE_FIELDS,
	    write_status },
};

const size_t superd_npages = sizeof(superd_pages) / sizeof(superd_pages[0]);
