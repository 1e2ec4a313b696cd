/* A load, in the loader. */
#include "superd/load.h"

#include <stdlib.h>
#include <unistd.h>

#include "conf/copy.h"
#include "conf/names.h"
#include "conf/xalloc.h"
#include "superd/box_trial.h"
#include "superd/check.h"
#include "superd/demand.h"
#include "superd/resolver.h"
#include "superd/running/override.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"

const void *
load_build(void *arg, struct arena *arena)
{
	struct load *load = arg;
	const struct superd *superd = load->superd;
	const struct options *options = superd->options;
	struct resolver *resolver = resolver_new();
	struct load_context context;

	check_context(options, &context);
	context.names = resolver_names(resolver);
	/* the rest of the time is for what can be had */
	names_give_up_hosts(context.names,
	    superd->conf->globals.load_timeout / 2);
	reports_init(&load->reports);
	load->conf = conf_load(options->file, options->directory, &context,
	    &load->reports);
	resolver_free(resolver);
	/* we are its child */
	box_trial(load->conf, &load->reports, getppid());
	load->copy = conf_copy(arena, load->conf);
	return load->copy;
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

/* What runs, by id: malloc'd. */
static struct old_service *
list_running(struct superd *superd, size_t *count)
{
	struct old_service *list = NULL;
	struct running *running;
	size_t n = 0;

	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		n += running->service != NULL;
	list = xcalloc(n, sizeof(*list));
	*count = n;
	n = 0;
	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		if (running->service != NULL) {
			list[n].service = override_base(running);
			list[n++].owner = running;
		}
	return list;
}

/* Every service has its definition from the newest generation. */
static bool
none_is_stale(struct superd *superd)
{
	struct running *running = running_first(superd);

	while (running != NULL && !running->stale)
		running = running_next(running);
	return running == NULL;
}

static bool
same_ids(const struct globals *a, const struct globals *b)
{
	return a->control_group.gid == b->control_group.gid &&
	    a->control_admin.gid == b->control_admin.gid &&
	    a->internal_uid == b->internal_uid &&
	    a->internal_gid == b->internal_gid;
}

/* Files that were not edited say the same of everything that is not asked of
 * the system. */
static bool
is_same(struct superd *superd, const struct conf *new, const struct diff *diff,
    size_t running)
{
	const struct conf *old = superd->conf;

	return old->stamp == new->stamp && old->nfiles == new->nfiles &&
	    old->count == new->count && diff->kept == running &&
	    diff->kept ==
	    diff->count &&same_ids(&old->globals, &new->globals) &&
	    none_is_stale(superd);
}

void *
load_tell(void *arg, struct arena *arena)
{
	struct load *load = arg;
	struct load_told *told = arena_take(arena, sizeof(*told));
	size_t count;
	struct old_service *running = list_running(load->superd, &count);
	struct diff diff;

	told->reports = reports_copy(arena, &load->reports);
	told->retries = count_retries(load->conf);
	told->descriptors = demand_descriptors(load->conf);
	diff_make(&diff, running, count, load->copy);
	told->same = is_same(load->superd, load->copy, &diff, count);
	told->diff = diff;
	told->diff.list = arena_share(arena, diff.list,
	    diff.count * sizeof(*diff.list));
	diff_free(&diff);
	free(running);
	return told;
}
