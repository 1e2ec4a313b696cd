/*
 * From a new configuration to running listeners.
 *
 * Sockets are matched by endpoint, not by service: one whose address, type
 * and options did not change stays open, whoever owned it before, so that not
 * one connection in its backlog is lost.  What is new is bound before
 * anything is given up.
 */
#include "superd/reload.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "conf/diff.h"
#include "conf/names.h"
#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"
#include "superd/control.h"
#include "superd/datagram.h"
#include "superd/fds.h"
#include "superd/hold.h"
#include "superd/listen.h"
#include "superd/live.h"
#include "superd/log.h"
#include "superd/notify.h"
#include "superd/rpc.h"
#include "superd/share.h"
#include "superd/servicelog.h"
#include "superd/sink.h"
#include "superd/spawn.h"

enum { SECOND = 1000000, RETRY_FIRST = 5, RETRY_MAX = 60, FDS_SPARE = 256,
	LOGGED_REPORTS = 100 };

static void retry_reload(void *);

/* Listeners sorted by address. */
struct listener_set {
	struct listener **list;
	size_t count;
};

/* One reload on its way. */
struct change {
	struct superd *superd;
	struct conf *conf;		/* the new one */
	struct diff diff;
	struct listener_set held;	/* every socket of ours */
	struct listener_set fresh;	/* bound for this reload */
	struct listener_set left;	/* given up by their services */
};

/* Sets of listeners. */

static void
set_add(struct listener_set *set, struct listener *listener)
{
	if ((set->count & (set->count + 1)) == 0)	/* 0, 1, 3, 7, ... */
		set->list = xreallocarray(set->list, set->count * 2 + 2,
		    sizeof(struct listener *));
	set->list[set->count++] = listener;
}

static int
compare_listeners(const void *a, const void *b)
{
	const struct listener *la = *(struct listener *const *)a;
	const struct listener *lb = *(struct listener *const *)b;

	return addr_compare(&la->endpoint.addr, &lb->endpoint.addr);
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
		if (addr_compare(&set->list[middle]->endpoint.addr,
		    addr) < 0)
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
	size_t i = set_first(set, &endpoint->addr);

	for (; i < set->count && addr_equal(&set->list[i]->endpoint.addr,
	    &endpoint->addr); i++) {
		struct listener *listener = set->list[i];

		if (listener->taken ||
		    !listener_fits(listener, service, endpoint))
			continue;
		if (service->rpc.enabled &&
		    strcmp(listener->live->id, id) != 0)
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

	for (; i < set->count && addr_equal(&set->list[i]->endpoint.addr,
	    &endpoint->addr); i++)
		if (set->list[i]->fd >= 0 &&
		    set->list[i]->binding.socktype == service->socktype)
			return true;
	return false;
}

/* Binding what is new. */

static void
collect_held(struct change *change)
{
	struct live *live;

	for (live = live_first(change->superd); live != NULL;
	    live = live_next(live))
		for (size_t i = 0; i < live->nlisteners; i++)
			set_add(&change->held, live->listeners[i]);
	set_sort(&change->held);
}

/*
 * Could one of our own sockets, which will be closed in this reload, be what
 * is in the way?  Then binding is tried again afterwards.
 */
static bool
own_port_in_the_way(const struct change *change,
    const struct service *service, const struct endpoint *endpoint)
{
	uint16_t port = addr_port(&endpoint->addr);

	for (size_t i = 0; port != 0 && i < change->held.count; i++) {
		const struct listener *listener = change->held.list[i];

		if (listener->fd >= 0 &&
		    listener->binding.socktype == service->socktype &&
		    addr_port(&listener->endpoint.addr) == port)
			return true;
	}
	return false;
}

/* 0, or the errno of an endpoint that cannot be had. */
static int
bind_fresh(struct change *change, const struct service *service)
{
	struct live *live = live_get(change->superd, service->id);
	struct live trial = { .superd = change->superd, .id = live->id,
		.service = service };
	int failed = 0;

	for (size_t i = 0; i < service->nendpoints; i++) {
		const struct endpoint *endpoint = &service->endpoints[i];
		struct listener *listener;
		int error;

		if (set_holds(&change->held, service, endpoint))
			continue;
		listener = listener_new(&trial, endpoint);
		error = listener_bind(listener);
		if (error == 0) {
			listener->live = live;
			listener->fresh = service;
			set_add(&change->fresh, listener);
			continue;
		}
		if (!listener_may_lack(listener, error) &&
		    !own_port_in_the_way(change, service, endpoint))
			failed = error;
		listener_free(listener);
	}
	return failed;
}

/* What a failed bind does to an entry: design's "keeps its previous one". */
static void
keep_previous(struct change *change, struct diff_entry *entry, int error,
    struct reports *reports)
{
	report_add(reports, REPORT_UNSERVABLE, &entry->new->place,
	    "service %s: cannot bind its new socket: %s", entry->new->id,
	    strerror(error));
	if (entry->kind == DIFF_CHANGE) {
		entry->kind = DIFF_STALE;
		change->diff.changed--;
		change->diff.stale++;
	}
}

static void
bind_all_fresh(struct change *change, struct reports *reports)
{
	for (size_t i = 0; i < change->diff.count; i++) {
		struct diff_entry *entry = &change->diff.list[i];
		int error;

		if (entry->kind != DIFF_ADD && entry->kind != DIFF_CHANGE)
			continue;
		error = bind_fresh(change, entry->new);
		if (error != 0)
			keep_previous(change, entry, error, reports);
	}
	set_sort(&change->fresh);
}

/* Swapping. */

static void
give_up_all(struct change *change, struct live *live)
{
	while (live->nlisteners > 0) {
		struct listener *listener = live->listeners[0];

		live_take_listener(live, listener);
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
	for (size_t i = 0; i < change->diff.count; i++) {
		const struct diff_entry *entry = &change->diff.list[i];
		const struct service *service = entry->old != NULL ?
		    entry->old : entry->new;
		struct live *live;

		if (entry->kind == DIFF_KEEP || entry->kind == DIFF_STALE)
			continue;
		live = live_find(change->superd, service->id);
		if (live != NULL)
			give_up_all(change, live);
	}
	set_sort(&change->left);
}

static void
take_endpoints(struct change *change, struct live *live)
{
	const struct service *service = live->service;

	for (size_t i = 0; i < service->nendpoints; i++) {
		const struct endpoint *endpoint = &service->endpoints[i];
		struct listener *listener;

		listener = set_take(&change->left, service, endpoint,
		    live->id);
		if (listener == NULL)
			listener = set_take(&change->fresh, service,
			    endpoint, live->id);
		if (listener == NULL)
			listener = listener_new(live, endpoint);
		live_add_listener(live, listener);
		if (listener->fd >= 0) {
			listener_adopt(listener, live);
			listener_open(listener);
		}
	}
}

/* Old and new struct services are told apart by who owns them; an entry that
 * stays as it was only moves to its new place in the text. */
static void
define_services(struct change *change)
{
	struct superd *superd = change->superd;

	for (size_t i = 0; i < change->diff.count; i++) {
		const struct diff_entry *entry = &change->diff.list[i];
		struct live *live;

		if (entry->kind == DIFF_DROP || entry->kind == DIFF_STALE)
			continue;
		live = live_get(superd, entry->new->id);
		if (entry->kind == DIFF_KEEP) {
			live->service = entry->new;
			live->stale = false;
			continue;
		}
		live_define(live, entry->new);
		take_endpoints(change, live);
	}
}

/* The new conf takes over the definition that an unservable entry had. */
static void
take_over_stale(struct change *change)
{
	struct conf *old = change->superd->conf, *new = change->conf;

	for (size_t i = 0; i < change->diff.count; i++) {
		const struct diff_entry *entry = &change->diff.list[i];
		struct live *live;

		if (entry->kind != DIFF_STALE)
			continue;
		conf_replace(new, entry->new, old, entry->old);
		live = live_find(change->superd, entry->old->id);
		if (live != NULL)
			live->stale = true;
	}
}

/*
 * What nobody took is closed.  A socket that a wait child still serves stays
 * with its old live until that child ends, so that the service, added again
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
			live_add_listener(listener->live, listener);
		} else
			listener_free(listener);
	}
	free(set->list);
}

static void
remove_dropped(struct change *change)
{
	for (size_t i = 0; i < change->diff.count; i++) {
		const struct diff_entry *entry = &change->diff.list[i];
		struct live *live;

		if (entry->kind != DIFF_DROP)
			continue;
		live = live_find(change->superd, entry->old->id);
		if (live != NULL)
			live_remove(live);
	}
}

/* Now that everything is closed that had to go, bind what is left to bind:
 * also what failed long ago, since a reload asks for it. */
static void
bind_rest(struct superd *superd)
{
	for (struct live *live = live_first(superd); live != NULL;
	    live = live_next(live))
		for (size_t i = 0; i < live->nlisteners; i++)
			listener_retry_now(live->listeners[i]);
}

static void
settle_globals(struct superd *superd)
{
	const struct globals *globals = &superd->conf->globals;

	share_configure(superd);
	superd->client_bits = globals->client_bits;
	/* the start is told to whoever started us */
	if (superd->ready)
		daemon_log_define(superd);
	control_configure(superd);
	datagrams_set_ports(superd);
	spawner_look(superd->spawner);
	rpc_changed(superd->rpc);
	hold_release(superd);
}

static void
apply(struct change *change)
{
	struct superd *superd = change->superd;
	struct conf *old = superd->conf;

	collect_left(change);
	define_services(change);
	take_over_stale(change);
	close_left(&change->left);
	close_left(&change->fresh);
	remove_dropped(change);
	superd->conf = change->conf;
	conf_free(old);
	bind_rest(superd);
	settle_globals(superd);
}

static void
abandon(struct change *change)
{
	close_left(&change->fresh);
	for (size_t i = 0; i < change->diff.count; i++) {
		const struct diff_entry *entry = &change->diff.list[i];
		struct live *live = NULL;

		/* made for the trial alone */
		if (entry->kind == DIFF_ADD)
			live = live_find(change->superd, entry->new->id);
		if (live != NULL)
			live_remove(live);
	}
	conf_free(change->conf);
}

/* Loading. */

static uint64_t
stamp_files(const struct conf *conf)
{
	uint64_t stamp = conf->nfiles;
	struct stat st;

	for (size_t i = 0; i < conf->nfiles; i++) {
		memset(&st, 0, sizeof(st));
		stat(conf->files[i], &st);
		stamp = stamp * 31 + (uint64_t)st.st_ino;
		stamp = stamp * 31 + (uint64_t)st.st_mtim.tv_sec;
		stamp = stamp * 31 + (uint64_t)st.st_mtim.tv_nsec;
		stamp = stamp * 31 + (uint64_t)st.st_size;
	}
	return stamp;
}

static struct conf *
load(struct superd *superd, struct reports *reports)
{
	struct load_context context = superd->context;
	struct conf *conf;

	context.names = names_new(NULL, NULL);
	conf = conf_load(superd->options->file, superd->options->directory,
	    &context, reports);
	names_free(context.names);
	return conf;
}

static size_t
count_retries(const struct conf *conf)
{
	size_t count = 0;

	for (size_t i = 0; i < conf->count; i++)
		count += conf->services[i]->unservable &&
		    conf->services[i]->retry;
	return count;
}

static void
reserve_descriptors(const struct conf *conf)
{
	size_t need = FDS_SPARE;

	/* its sockets, its log, a pipe for what its children write, and the
	 * channel of a worker of its own */
	for (size_t i = 0; i < conf->count; i++) {
		const struct service *service = conf->services[i];

		need += service->nendpoints;
		need += service->log.kind == LOG_TO_FILE;
		need += service->command.stderr_to == STDERR_LOG ? 2 : 0;
		need += service->redirect.host != NULL;
	}
	if (fds_reserve(need) != 0)
		log_warn("error: %zu descriptors are wanted, the limit is "
		    "lower", need);
}

/* May the result of a load be used at all? */
static bool
acceptable(const struct superd *superd, const struct reports *reports,
    const struct conf *conf)
{
	bool strict = superd->options->strict || conf->globals.strict;
	bool first = superd->conf->files == NULL;

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

/* Entries that may come right by themselves are looked at again. */
static void
schedule_retry(struct superd *superd, size_t stale)
{
	int64_t delay = RETRY_FIRST;

	superd->unservable = count_retries(superd->conf) + stale;
	if (superd->unservable == 0) {
		superd->reload_tries = 0;
		loop_timer_stop(superd->loop, &superd->reload_timer);
		return;
	}
	for (unsigned i = 0; i < superd->reload_tries && delay < RETRY_MAX;
	    i++)
		delay *= 2;
	superd->reload_tries++;
	superd->reload_timer.fn = retry_reload;
	superd->reload_timer.arg = superd;
	loop_timer_set(superd->loop, &superd->reload_timer, delay * SECOND);
}

static bool
strict_failed(const struct superd *superd, const struct conf *conf,
    const struct reports *reports)
{
	return (superd->options->strict || conf->globals.strict) &&
	    reports_at_least(reports, REPORT_UNSERVABLE) > 0;
}

/* Its sockets are closed for good: only children are waited for. */
static void
refuse_at_end(const struct superd *superd, struct reports *reports)
{
	const struct place place = { .file = superd->options->file };

	report_add(reports, REPORT_UNSERVABLE, &place,
	    "superd is about to end");
}

void
reload_run(struct superd *superd, bool dry_run, struct reload_result *result)
{
	struct change change = { .superd = superd };

	memset(result, 0, sizeof(*result));
	reports_init(&result->reports);
	if (superd->stopping) {
		refuse_at_end(superd, &result->reports);
		return;
	}
	change.conf = load(superd, &result->reports);
	if (!acceptable(superd, &result->reports, change.conf)) {
		conf_free(change.conf);
		superd->reloads_failed += !dry_run;
		return;
	}
	diff_make(&change.diff, superd->conf, change.conf);
	if (!dry_run) {
		reserve_descriptors(change.conf);
		collect_held(&change);
		bind_all_fresh(&change, &result->reports);
	}
	take_counts(result, &change.diff);
	if (dry_run || strict_failed(superd, change.conf,
	    &result->reports)) {
		abandon(&change);
	} else {
		superd->files_stamp = stamp_files(change.conf);
		apply(&change);
		logs_report(superd, &result->reports);
		schedule_retry(superd, change.diff.stale);
		superd->reloads += superd->ready;	/* the start is none */
		result->applied = true;
	}
	free(change.held.list);
	diff_free(&change.diff);
}

void
reload_result_free(struct reload_result *result)
{
	reports_free(&result->reports);
}

char *
reload_summary(const struct reload_result *result, char *buf, size_t size)
{
	snprintf(buf, size, "added %zu, removed %zu, changed %zu, kept %zu, "
	    "stale %zu", result->added, result->dropped, result->changed,
	    result->kept, result->stale);
	return buf;
}

void
report_log(const struct report *report)
{
	char text[1024];

	log_at(report->level == REPORT_WARNING ? LOG_WARNING : LOG_ERR, "%s",
	    report_format(report, text, sizeof(text)));
}

void
reload_log(struct superd *superd, const struct reload_result *result)
{
	char text[1024];
	size_t count = result->reports.count;

	for (size_t i = 0; i < count && i < LOGGED_REPORTS; i++)
		report_log(&result->reports.list[i]);
	if (count > LOGGED_REPORTS)
		log_warnx("%zu more report%s: see superd -t %s",
		    count - LOGGED_REPORTS, plural(count - LOGGED_REPORTS),
		    superd->options->file);
	if (result->applied)
		log_info("reload: %s", reload_summary(result, text,
		    sizeof(text)));
	else
		log_at(LOG_ERR, "reload: refused, nothing was changed");
}

static void
reload_and_log(struct superd *superd)
{
	struct reload_result result;

	notify_reloading();
	reload_run(superd, false, &result);
	reload_log(superd, &result);
	reload_result_free(&result);
	notify_send("READY=1\nSTATUS=%zu service%s%s",
	    superd->conf->count, plural(superd->conf->count),
	    result.applied ? "" :
	    ", the last reload was refused");
}

void
reload_on_signal(void *arg)
{
	struct superd *superd = arg;

	superd->reload_tries = 0;
	log_reopen();
	sinks_reopen(superd->sinks);
	reload_and_log(superd);
}

/*
 * Trying again by itself.  Names are asked in a child, because a resolver
 * may take its time; only if that finds fewer obstacles does superd load
 * again, and only if nobody has edited the files since: what is being
 * written is not ours to apply.
 */

static void
look_again(struct superd *superd)
{
	struct reports reports;
	struct conf *conf;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* it may take its time: no port is to be taken meanwhile */
	closefrom(3);
	reports_init(&reports);
	conf = load(superd, &reports);
	_exit(count_retries(conf) < superd->unservable ? 0 : 1);
}

static void
retry_reload(void *arg)
{
	struct superd *superd = arg;

	if (superd->reload_child != 0 ||
	    stamp_files(superd->conf) != superd->files_stamp) {
		schedule_retry(superd, 0);
		return;
	}
	superd->reload_child = fork();
	if (superd->reload_child == 0)
		look_again(superd);
	if (superd->reload_child < 0) {
		superd->reload_child = 0;
		schedule_retry(superd, 0);
	}
}

bool
reload_child_ended(struct superd *superd, pid_t pid, int status)
{
	if (superd->reload_child == 0 || pid != superd->reload_child)
		return false;
	superd->reload_child = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
	    stamp_files(superd->conf) == superd->files_stamp)
		reload_and_log(superd);
	else
		schedule_retry(superd, 0);
	return true;
}
