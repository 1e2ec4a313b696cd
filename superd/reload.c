/*
 * From a new configuration to running listeners.
 *
 * Sockets are matched by endpoint, not by service: one whose address, type
 * and options did not change stays open, whoever owned it before, so that not
 * one connection in its backlog is lost.  What is new is bound before
 * anything is given up.
 */
#include "superd/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/xalloc.h"
#include "superd/base/generation.h"
#include "superd/base/passed.h"
#include "superd/base/settings.h"
#include "superd/control/control.h"
#include "superd/demand.h"
#include "superd/load.h"
#include "superd/log/log.h"
#include "superd/log/peers.h"
#include "superd/policy/waiters.h"
#include "superd/running/closed.h"
#include "superd/running/denied_file.h"
#include "superd/running/ending.h"
#include "superd/running/event_self.h"
#include "superd/running/fd_store.h"
#include "superd/running/listener.h"
#include "superd/running/records.h"
#include "superd/running/renew.h"
#include "superd/running/rpc.h"
#include "superd/running/running.h"
#include "superd/running/running_tree.h"
#include "superd/running/service_log.h"
#include "superd/running/share.h"
#include "superd/serve/datagram.h"
#include "superd/serve/internal.h"
#include "superd/serve/ways.h"
#include "superd/spawn/command.h"
#include "superd/spawn/spawn.h"
#include "superd/unbound.h"

/* Listeners sorted by address. */
struct listener_set {
	struct listener **list;
	size_t count;
};

/* One reload on its way. */
struct change {
	struct superd *superd;
	const struct conf *conf; /* the new one */
	struct diff *diff;
	struct listener_set held;  /* every socket of ours */
	struct listener_set fresh; /* bound for this reload */
	struct listener_set left;  /* given up by their services */
	struct unbound unbound;
	size_t retries; /* that became stale by that */
};

/* Sets of listeners. */

static void
set_add(struct listener_set *set, struct listener *listener)
{
	if ((set->count & (set->count + 1)) == 0) /* 0, 1, 3, 7, ... */
		set->list = xreallocarray(set->list, set->count * 2 + 2,
		    sizeof(struct listener *));
	set->list[set->count++] = listener;
}

static int
compare_listeners(const void *a, const void *b)
{
	const struct listener *la = *(struct listener *const *)a;
	const struct listener *lb = *(struct listener *const *)b;

	return addr_compare(&la->endpoint->addr, &lb->endpoint->addr);
}

static void
set_sort(struct listener_set *set)
{
	if (set->count > 1)
		qsort(set->list, set->count, sizeof(*set->list),
		    compare_listeners);
}

/* The first with this address; the others with it follow. */
static size_t
set_first(const struct listener_set *set, const struct addr *addr)
{
	size_t low = 0, high = set->count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (addr_compare(&set->list[middle]->endpoint->addr, addr) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Take one that fits out of a set; NULL if there is none.  Sockets on a port
 * of the system's choice belong to their own service alone. */
static struct listener *
set_take(struct listener_set *set, const struct service *service,
    const struct endpoint *endpoint, const char *id)
{
	const struct way *way = way_of(service);
	bool elsewhere = way->elsewhere != NULL && way->elsewhere(service);
	size_t i = set_first(set, &endpoint->addr);

	for (; i < set->count &&
	     addr_equal(&set->list[i]->endpoint->addr, &endpoint->addr);
	     i++) {
		struct listener *listener = set->list[i];

		if (listener->taken ||
		    !listener_fits(listener, service, endpoint, elsewhere))
			continue;
		if (service->rpc.enabled &&
		    strcmp(listener->running->id, id) != 0)
			continue;
		listener->taken = true;
		return listener;
	}
	return NULL;
}

static bool
set_holds(const struct listener_set *set, const struct service *service,
    const struct endpoint *endpoint)
{
	size_t i = set_first(set, &endpoint->addr);

	for (; i < set->count &&
	     addr_equal(&set->list[i]->endpoint->addr, &endpoint->addr);
	     i++)
		if (set->list[i]->fd >= 0 &&
		    set->list[i]->binding.socktype == service->socktype)
			return true;
	return false;
}

/* Binding what is new. */

static void
collect_held(struct change *change)
{
	struct running *running;

	for (running = running_first(change->superd); running != NULL;
	     running = running_next(running))
		for (size_t i = 0; i < running->nlisteners; i++)
			set_add(&change->held, running->listeners[i]);
	set_sort(&change->held);
}

/*
 * Could one of our own sockets, which will be closed in this reload, be what
 * is in the way?  Then binding is tried again afterwards.
 */
static bool
own_port_in_the_way(const struct change *change, const struct service *service,
    const struct endpoint *endpoint)
{
	uint16_t port = addr_port(&endpoint->addr);

	for (size_t i = 0; port != 0 && i < change->held.count; i++) {
		const struct listener *listener = change->held.list[i];

		if (listener->fd >= 0 &&
		    listener->binding.socktype == service->socktype &&
		    addr_port(&listener->endpoint->addr) == port)
			return true;
	}
	return false;
}

static bool
is_strict(const struct change *change)
{
	return change->superd->options->strict || change->conf->globals.strict;
}

/* Those of new services are told when they were tried for the last time, and
 * are tried again; a service that was there keeps its previous definition,
 * and a strict configuration is refused. */
static void
tell_unbound(struct change *change, const struct diff_entry *entry,
    const struct endpoint *endpoint, int error)
{
	if (entry->kind == DIFF_CHANGE)
		unbound_add(&change->unbound, entry->new, endpoint, error,
		    "keeping the previous definition");
	else if (is_strict(change))
		unbound_add(&change->unbound, entry->new, endpoint, error,
		    NULL);
}

/* 0, or the errno of an endpoint that cannot be had. */
static int
bind_fresh(struct change *change, const struct diff_entry *entry)
{
	const struct service *service = entry->new;
	struct running *running = entry->owner != NULL ?
	    entry->owner :
	    running_get(change->superd, service->id);
	struct running trial = { .superd = change->superd,
		.id = running->id,
		.service = service };
	int failed = 0;

	if (running->closed == CLOSED_STOPPED)
		return 0;
	for (size_t i = 0; i < service->nendpoints; i++) {
		const struct endpoint *endpoint = &service->endpoints[i];
		struct listener *listener;
		int error;

		if (set_holds(&change->held, service, endpoint))
			continue;
		listener = listener_new(&trial, endpoint);
		error = listener_bind(listener);
		if (error == 0) {
			listener->running = running;
			listener->fresh = service;
			set_add(&change->fresh, listener);
			continue;
		}
		if (!listener_may_lack(listener, error) &&
		    !own_port_in_the_way(change, service, endpoint)) {
			tell_unbound(change, entry, endpoint, error);
			failed = error;
		}
		listener_free(listener);
	}
	return failed;
}

/* What a failed bind does to an entry: design's "keeps its previous one". */
static void
keep_previous(struct change *change, struct diff_entry *entry)
{
	if (entry->kind != DIFF_CHANGE)
		return;
	entry->kind = DIFF_STALE;
	change->diff->changed--;
	change->diff->stale++;
	change->retries++;
}

static void
bind_all_fresh(struct change *change)
{
	for (size_t i = 0; i < change->diff->count; i++) {
		struct diff_entry *entry = &change->diff->list[i];

		if (entry->kind != DIFF_ADD && entry->kind != DIFF_CHANGE)
			continue;
		if (bind_fresh(change, entry) != 0)
			keep_previous(change, entry);
	}
	unbound_end(&change->unbound, NULL);
	set_sort(&change->fresh);
}

/* Swapping. */

static void
give_up_all(struct change *change, struct running *running)
{
	while (running->nlisteners > 0) {
		struct listener *listener = running->listeners[0];

		running_take_listener(running, listener);
		set_add(&change->left, listener);
	}
}

/*
 * Services that go or change put all their listeners into one set, from
 * which every new definition takes those that fit: mostly its own.
 */
static void
collect_left(struct change *change)
{
	for (size_t i = 0; i < change->diff->count; i++) {
		const struct diff_entry *entry = &change->diff->list[i];
		const struct service *service = entry->old != NULL ?
		    entry->old :
		    entry->new;
		struct running *running;

		if (entry->kind == DIFF_KEEP || entry->kind == DIFF_STALE)
			continue;
		running = running_find(change->superd, service->id);
		if (running != NULL)
			give_up_all(change, running);
	}
	set_sort(&change->left);
}

/* A datagram socket that an internal process may have for a moment more, and
 * that allows another one beside it when we have given it up. */
static bool
is_left(const struct change *change, const struct endpoint *endpoint)
{
	size_t i = set_first(&change->left, &endpoint->addr);

	for (; i < change->left.count &&
	     addr_equal(&change->left.list[i]->endpoint->addr, &endpoint->addr);
	     i++)
		if (change->left.list[i]->given && !change->left.list[i]->taken)
			return true;
	return false;
}

static void
take_endpoints(struct change *change, struct running *running)
{
	const struct service *service = running->service;

	for (size_t i = 0; i < service->nendpoints; i++) {
		const struct endpoint *endpoint = &service->endpoints[i];
		struct listener *listener;

		listener = set_take(&change->left, service, endpoint,
		    running->id);
		if (listener == NULL)
			listener = set_take(&change->fresh, service, endpoint,
			    running->id);
		if (listener == NULL) {
			listener = listener_new(running, endpoint);
			listener->beside = is_left(change, endpoint);
		}
		listener_ask_for(listener, endpoint);
		running_add_listener(running, listener);
		if (listener->fd >= 0) {
			if (!listener_adopt(listener, running))
				listener_replace_node(listener);
			listener_open(listener);
		}
		closed_adopt(listener);
	}
}

/* An entry that stays as it was moves to the new generation all the same, so
 * that the old one can go. */
static void
define_services(struct change *change)
{
	struct superd *superd = change->superd;

	for (size_t i = 0; i < change->diff->count; i++) {
		const struct diff_entry *entry = &change->diff->list[i];
		struct running *running;

		if (entry->kind == DIFF_DROP || entry->kind == DIFF_STALE)
			continue;
		running = entry->owner != NULL ?
		    entry->owner :
		    running_get(superd, entry->new->id);
		if (entry->kind == DIFF_KEEP) {
			running_keep(running, entry->new);
			continue;
		}
		running_define(running, entry->new, way_of(entry->new));
		take_endpoints(change, running);
	}
}

/* Their old definitions stay, in the generation that they are from. */
static void
mark_stale(struct change *change)
{
	for (size_t i = 0; change->diff->stale > 0 && i < change->diff->count;
	     i++) {
		const struct diff_entry *entry = &change->diff->list[i];
		struct running *running = entry->owner;

		if (entry->kind == DIFF_STALE)
			running->stale = true;
	}
}

/*
 * What nobody took is closed.  A socket that a wait child still serves stays
 * with its old service until that child ends, so that the service, added again
 * meanwhile, does not get a second child beside it.
 */
static void
close_left(struct listener_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct listener *listener = set->list[i];

		if (listener->taken)
			listener->taken = false;
		else if (listener->server != NULL) {
			listener->orphan = true;
			listener_own_endpoint(listener);
			running_add_listener(listener->running, listener);
		} else
			listener_free(listener);
	}
	free(set->list);
}

static void
remove_dropped(struct change *change)
{
	for (size_t i = 0; i < change->diff->count; i++) {
		const struct diff_entry *entry = &change->diff->list[i];
		struct running *running;

		if (entry->kind != DIFF_DROP)
			continue;
		running = running_find(change->superd, entry->old->id);
		if (running != NULL)
			running_remove(running);
	}
}

/* A start without any socket is none, and nothing is tried again after it. */
static bool
gives_up(struct superd *superd)
{
	struct running_count count;

	running_count(superd, &count);
	return !superd->ready && count.bound == 0;
}

static void
tell_rest(struct change *change, const struct listener_set *failed)
{
	const char *then = gives_up(change->superd) ? NULL : "retrying";

	for (size_t i = 0; i < failed->count; i++)
		unbound_add(&change->unbound, failed->list[i]->running->service,
		    failed->list[i]->endpoint, failed->list[i]->error, then);
	unbound_end(&change->unbound, then);
}

/* Now that everything is closed that had to go, bind what is left to bind:
 * also what failed long ago, since a reload asks for it. */
static void
bind_rest(struct change *change)
{
	struct listener_set failed = { NULL, 0 };

	for (struct running *running = running_first(change->superd);
	     running != NULL; running = running_next(running))
		for (size_t i = 0; i < running->nlisteners; i++) {
			struct listener *listener = running->listeners[i];
			int before = listener->error;
			int error = listener_retry_now(listener);

			if (error != 0 && error != before)
				set_add(&failed, listener);
		}
	tell_rest(change, &failed);
	free(failed.list);
}

static void
settle_globals(struct superd *superd)
{
	const struct globals *globals = &superd->conf->globals;

	command_unref(superd->internal_command);
	superd->internal_command = command_internal(globals->internal_uid,
	    globals->internal_gid);
	share_configure(superd);
	superd->client_bits = globals->client_bits;
	peers_show(globals->log_peer);
	log_form(superd->options->log_format_given ?
		superd->options->log_format :
		globals->log_format);
	/* the start is told to whoever started us */
	if (superd->ready)
		daemon_log_define(superd);
	control_configure(superd);
	datagrams_set_ports(superd);
	spawner_look(superd->spawner);
	rpc_changed(superd->rpc);
	fd_store_changed(superd->fd_store);
	if (!superd->ready && !superd->resumed)
		denied_file_read(superd);
	internals_settle(superd);
	waiters_release(superd);
}

static void
apply(struct change *change)
{
	struct superd *superd = change->superd;

	collect_left(change);
	define_services(change);
	mark_stale(change);
	close_left(&change->left);
	close_left(&change->fresh);
	remove_dropped(change);
	generations_sweep(&superd->generations, change->diff);
}

static void
abandon(struct change *change)
{
	close_left(&change->fresh);
	for (size_t i = 0; i < change->diff->count; i++) {
		const struct diff_entry *entry = &change->diff->list[i];
		struct running *running = NULL;

		/* made for the trial alone */
		if (entry->kind == DIFF_ADD)
			running = running_find(change->superd, entry->new->id);
		if (running != NULL)
			running_remove(running);
	}
}

/* May the result of a load be used at all? */
static bool
acceptable(const struct superd *superd, const struct reports *reports,
    const struct conf *conf)
{
	bool strict = superd->options->strict || conf->globals.strict;
	bool first = superd->conf == generation_none();

	if (strict)
		return reports_at_least(reports, REPORT_UNSERVABLE) == 0;
	/* at the start, what was understood is better than nothing */
	return (first && conf->nfiles > 0) ||
	    reports_at_least(reports, REPORT_SYNTAX) == 0;
}

static void
take_counts(struct reload_result *result, const struct diff *diff)
{
	result->kept = diff->kept;
	result->changed = diff->changed;
	result->added = diff->added;
	result->dropped = diff->dropped;
	result->stale = diff->stale;
}

/*
 * What the services that come or change will want of memory, roughly: better
 * to say now that there is none.
 */
static bool
memory_is_there(const struct diff *diff)
{
	size_t each = sizeof(struct running) + 2 * sizeof(struct listener) +
	    4096;
	void *memory = malloc((diff->added + diff->changed + 1) * each);

	free(memory);
	return memory != NULL;
}

static void
refuse(const struct superd *superd, struct reload_result *result,
    const char *why)
{
	const struct place place = { .file = superd->options->file };

	report_add(&result->more, REPORT_SYNTAX, &place, "not loaded: %s", why);
}

static void
bind_new(struct change *change, const struct load_told *told,
    struct reload_result *result)
{
	demand_reserve(told->descriptors, change->superd->options->file,
	    &result->more);
	if (change->diff->added + change->diff->changed == 0)
		return;
	collect_held(change);
	passed_claim(change->conf);
	bind_all_fresh(change);
}

/* Those that nobody wants are nobody's. */
static void
close_passed(void)
{
	char text[PASSED_TEXT];

	while (passed_close_next(text))
		if (!passed_is_kept())
			event_passed_unwanted(text);
}

/* All checks are passed: only the memory for it can still be missing. */
static bool
commit(struct change *change, struct loaded *loaded)
{
	if (generation_add(&change->superd->generations, &loaded->region) !=
	    0) {
		abandon(change);
		return false;
	}
	change->superd->conf = change->conf;
	apply(change);
	return true;
}

static void
applied(struct change *change, const struct reload_manner *manner,
    const struct load_told *told, struct reload_result *result)
{
	struct superd *superd = change->superd;

	result->applied = true;
	closed_reload(superd);
	running_overrides_end(superd);
	endings_settle(superd);
	bind_rest(change);
	if (manner->restore != NULL)
		manner->restore(manner->arg, superd);
	close_passed();
	settle_globals(superd);
	logs_report(superd, &result->more);
	superd->reload_counts.unservable = told->retries + change->retries;
	superd->reload_counts.applied += superd->ready; /* the start is none */
}

static void
run(struct superd *superd, const struct reload_manner *manner,
    struct loaded *loaded, struct reload_result *result)
{
	struct load_told *told = loaded->told;
	struct change change = { .superd = superd,
		.conf = loaded->built,
		.diff = &told->diff,
		.unbound = { .reports = &result->more } };

	if (!memory_is_there(change.diff)) {
		refuse(superd, result, strerror(ENOMEM));
		return;
	}
	if (manner->prepare != NULL &&
	    manner->prepare(manner->arg, change.conf) != 0)
		return;
	if (!manner->dry_run)
		bind_new(&change, told, result);
	take_counts(result, change.diff);
	if (manner->dry_run || (is_strict(&change) && reload_failed(result)))
		abandon(&change);
	/* what is the same stays where it is, which costs nothing */
	else if (told->same || commit(&change, loaded))
		applied(&change, manner, told, result);
	else
		refuse(superd, result, strerror(ENOMEM));
	free(change.held.list);
}

void
reload_use(struct superd *superd, const struct reload_manner *manner,
    struct loaded *loaded, struct reload_result *result)
{
	const struct load_told *told = loaded->told;
	bool usable = loaded->built != NULL;

	memset(result, 0, sizeof(*result));
	reports_init(&result->more);
	if (!usable)
		refuse(superd, result, loaded->reason);
	else {
		result->reports = told->reports;
		usable = acceptable(superd, told->reports, loaded->built);
	}
	result->acceptable = usable;
	if (usable)
		run(superd, manner, loaded, result);
	else
		superd->reload_counts.refused += !manner->dry_run;
}

void
reload_refuse(struct superd *superd, const char *why,
    struct reload_result *result)
{
	memset(result, 0, sizeof(*result));
	reports_init(&result->more);
	refuse(superd, result, why);
}
