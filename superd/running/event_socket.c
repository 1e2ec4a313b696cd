/* Services that wait, and their sockets. */
#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "superd/base/clock.h"
#include "superd/log/peers.h"
#include "superd/running/event.h"
#include "superd/running/event_line.h"
#include "superd/running/reasons.h"
#include "superd/running/records.h"
#include "superd/running/share.h"

/* The service and the client that have most of what lacks. */
static void
add_holders(struct event_line *line, const struct shown_holders *holders)
{
	char text[ADDR_TEXT];

	if (holders->id[0] != '\0') {
		event_fact_as(line, "service", "holder", "%s", holders->id);
		event_fact(line, "holds", "%u", holders->places);
	}
	if (holders->clients_places > 0) {
		event_fact(line, "client", "%s",
		    peers_client(&holders->client, text));
		event_fact(line, "client_holds", "%u", holders->clients_places);
	}
}

void
event_paused(struct running *running, enum refusal why)
{
	struct shown_holders holders;
	struct event_line line;

	event_begin(&line, "pause", running->id);
	event_fact(&line, "reason", "%s", refusal_name(why));
	share_show(running, why, &holders);
	add_holders(&line, &holders);
	event_end(&line, running->sink, LOG_INFO);
}

void
event_closed(const struct running *running)
{
	struct event_line line;

	event_begin(&line, "closed", running->id);
	event_say(&line, "%s", closed_name(running->closed));
	event_end(&line, running->sink, LOG_INFO);
}

void
event_opened(const struct running *running)
{
	struct event_line line;

	event_begin(&line, "opened", running->id);
	event_end(&line, running->sink, LOG_INFO);
}

void
event_set(const struct running *running, const char *text)
{
	struct event_line line;

	event_begin(&line, "set", running->id);
	event_say(&line, "%s", text);
	event_end(&line, running->sink, LOG_INFO);
}

void
event_futile(const struct listener *listener)
{
	struct event_line line;

	event_begin(&line, "pause", listener->running->id);
	event_fact(&line, "reason", "backoff");
	event_say(&line, "woken repeatedly for nothing");
	event_end(&line, listener->running->sink, LOG_INFO);
}

void
event_shortage(const char *what, int error)
{
	struct event_line line;

	event_begin(&line, "pause", NULL);
	event_fact(&line, "reason", "shortage");
	event_fact(&line, "of", "%s", what);
	event_error(&line, error);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_backed_off(const struct listener *listener, int64_t delay)
{
	struct event_line line;

	event_begin(&line, "backoff", listener->running->id);
	event_say(&line, "server ended without reading, next start in %lld ms",
	    (long long)(delay / MILLISECOND));
	event_end(&line, NULL, LOG_WARNING);
}

void
event_discarded(const struct listener *listener, int servers)
{
	struct event_line line;

	event_begin(&line, "discard", listener->running->id);
	event_say(&line,
	    "%d servers in a row ended without reading this datagram", servers);
	event_end(&line, NULL, LOG_WARNING);
}

/* Sockets. */

void
event_bind_failed(const struct listener *listener, int error)
{
	const struct service *service = listener->running->service;
	char text[ADDR_TEXT];
	struct event_line line;

	event_begin(&line, "error", service->id);
	event_value(&line, "place", "%s:%u", service->place.file,
	    service->place.line);
	event_say(&line, "cannot bind %s, retrying",
	    addr_print(&listener->endpoint->addr, text, sizeof(text)));
	event_error(&line, error);
	event_end(&line, NULL, LOG_WARNING);
}

static void
tell_address(const struct listener *listener, const char *word)
{
	char text[ADDR_TEXT];
	struct event_line line;

	event_begin(&line, word, listener->running->id);
	event_value(&line, "local", "%s",
	    addr_print(listener->bound, text, sizeof(text)));
	event_end(&line, NULL, LOG_INFO);
}

void
event_bound(const struct listener *listener)
{
	tell_address(listener, "bound");
}

void
event_passed(const struct listener *listener)
{
	tell_address(listener, "passed");
}

void
event_not_passed(const struct listener *listener)
{
	int error = errno;
	char text[ADDR_TEXT];
	struct event_line line;

	event_begin(&line, "error", listener->running->id);
	event_say(&line, "cannot use the passed socket %s",
	    addr_print(&listener->endpoint->addr, text, sizeof(text)));
	event_error(&line, error);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_rebound(const struct listener *listener, const char *why)
{
	struct event_line line;

	event_begin(&line, "rebind", listener->running->id);
	event_say(&line, "its socket was %s", why);
	event_end(&line, NULL, LOG_INFO);
}

void
event_device_changed(const struct listener *listener)
{
	struct event_line line;

	event_begin(&line, "rebind", listener->running->id);
	event_say(&line, "its network device has changed");
	event_end(&line, NULL, LOG_INFO);
}

void
event_node_lost(const struct listener *listener, const char *why, int error)
{
	struct event_line line;

	event_begin(&line, "error", listener->running->id);
	event_say(&line, "its socket is no longer at its path, and %s", why);
	event_error(&line, error);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_socket_unset(const struct listener *listener, const char *what, int error)
{
	struct event_line line;

	event_begin(&line, "error", listener->running->id);
	event_say(&line, "%s of its socket", what);
	event_error(&line, error);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_registered(size_t count)
{
	struct event_line line;

	event_begin(&line, "rpc", NULL);
	event_say(&line, "%zu registered", count);
	event_end(&line, NULL, LOG_INFO);
}

void
event_registration_refused(void)
{
	struct event_line line;

	event_begin(&line, "error", "rpc");
	event_say(&line, "rpcbind refused the registrations, retrying");
	event_end(&line, NULL, LOG_WARNING);
}
