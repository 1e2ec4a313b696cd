/* Services and confs: made and defaulted. */
#include "conf/service.h"

#include <stdlib.h>
#include <string.h>

#include "conf/acl.h"
#include "conf/xalloc.h"

enum { PORT_IDENT = 113 };

/* String lists. */

void
strings_add(char ***list, const char *text)
{
	size_t count = strings_count(*list);

	*list = xreallocarray(*list, count + 2, sizeof(char *));
	(*list)[count] = xstrdup(text);
	(*list)[count + 1] = NULL;
}

bool
strings_remove(char **list, const char *text)
{
	size_t to = 0, count = strings_count(list);

	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], text) == 0)
			free(list[i]);
		else
			list[to++] = list[i];
	if (list != NULL)
		list[to] = NULL;
	return to < count;
}

size_t
strings_count(char *const *list)
{
	size_t count = 0;

	while (list != NULL && list[count] != NULL)
		count++;
	return count;
}

void
strings_free(char **list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

char **
strings_copy(char *const *list)
{
	size_t count = strings_count(list);
	char **copy;

	if (list == NULL)
		return NULL;
	copy = xcalloc(count + 1, sizeof(char *));
	for (size_t i = 0; i < count; i++)
		copy[i] = xstrdup(list[i]);
	return copy;
}

bool
strings_equal(char *const *a, char *const *b)
{
	size_t count = strings_count(a);

	if (count != strings_count(b))
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

/* Limits. */

void
limits_unset(struct limits *limits)
{
	memset(limits, 0, sizeof(*limits));
	limits->instances = limits->per_source = LIMIT_UNSET;
	limits->rate.count = limits->source_rate.count = LIMIT_UNSET;
	limits->max_pause = limits->internal_idle = LIMIT_UNSET;
	limits->time_limit = LIMIT_UNSET;
	limits->max_load = -1;
}

static void
inherit(unsigned *limit, unsigned from)
{
	if (*limit == LIMIT_UNSET)
		*limit = from == LIMIT_UNSET ? LIMIT_NONE : from;
}

static void
inherit_rate(struct rate *rate, const struct rate *from)
{
	if (rate->count == LIMIT_UNSET)
		*rate = *from;
	if (!is_limit(rate->count)) {
		rate->count = LIMIT_NONE;
		rate->seconds = 0;
	}
}

void
limits_inherit(struct limits *limits, const struct limits *defaults)
{
	inherit(&limits->instances, defaults->instances);
	if (limits->per_source == LIMIT_UNSET)
		limits->per_source = defaults->per_source;
	inherit_rate(&limits->rate, &defaults->rate);
	inherit_rate(&limits->source_rate, &defaults->source_rate);
	inherit(&limits->max_pause, defaults->max_pause);
	inherit(&limits->internal_idle, defaults->internal_idle);
	inherit(&limits->time_limit, defaults->time_limit);
	if (limits->max_load < 0)
		limits->max_load = defaults->max_load < 0 ?
		    0 :
		    defaults->max_load;
}

/* Services. */

struct service *
service_new(void)
{
	struct service *service = xcalloc(1, sizeof(*service));

	limits_unset(&service->limits);
	service->backlog = service->redirect.idle = LIMIT_UNSET;
	service->node.mode = USUAL_MODE;
	service->command.umask = USUAL_UMASK;
	service->command.kill_after = KILL_AFTER;
	return service;
}

void
service_fail(struct service *service, bool retry)
{
	service->retry = service->unservable ? service->retry && retry : retry;
	service->unservable = true;
}

void
service_add_endpoint(struct service *service, const struct addr *addr,
    bool v6only, bool optional)
{
	struct endpoint *endpoint;

	service->endpoints = xgrow(service->endpoints, service->nendpoints,
	    sizeof(*service->endpoints));
	endpoint = &service->endpoints[service->nendpoints++];
	memset(endpoint, 0, sizeof(*endpoint));
	endpoint->addr = *addr;
	endpoint->v6only = v6only;
	endpoint->optional = optional;
}

/* Equality. */

uint64_t
log_hard_limit(uint64_t soft)
{
	enum { SHARE = 100, LEAST = 5 * 1024, MOST = 20 * 1024 };
	uint64_t more = soft / SHARE;

	more = more < LEAST ? LEAST : more > MOST ? MOST : more;
	return soft > UINT64_MAX - more ? UINT64_MAX : soft + more;
}

bool
log_target_same(const struct log_target *a, const struct log_target *b)
{
	return a->kind == b->kind && a->facility == b->facility &&
	    a->level == b->level && a->soft == b->soft && a->hard == b->hard &&
	    (a->path == NULL || b->path == NULL ?
		    a->path == b->path :
		    strcmp(a->path, b->path) == 0);
}

/* Kinds of services. */

/* There is no argv at all in what was disabled before it was made. */
bool
command_names_itself(const struct command *command)
{
	const char *slash;

	if (command->program == NULL)
		return false;
	if (command->argv == NULL)
		return true;
	slash = strrchr(command->program, '/');
	return strcmp(command->argv[0],
		   slash != NULL ? slash + 1 : command->program) != 0;
}

bool
service_lends_socket(const struct service *service)
{
	return service->wait && service->internal == NULL;
}

uid_t
service_uid(const struct service *service, uid_t own)
{
	return service->command.change_user ? service->command.uid : own;
}

bool
service_accepts_itself(const struct service *service)
{
	return service->wait &&
	    (service->socktype == SOCK_STREAM ||
		service->socktype == SOCK_SEQPACKET);
}

bool
service_reads_proxy(const struct service *service)
{
	return service->proxy != NULL && service->proxy->versions != 0;
}

bool
service_knows_user(const struct service *service)
{
	return service->socktype == SOCK_STREAM && !service->wait &&
	    service->family != FAMILY_UNIX && service->port != PORT_IDENT &&
	    !service_reads_proxy(service);
}

bool
service_logs_user(const struct service *service)
{
	return (service->log_on_success & LOGS_USERID) != 0;
}

bool
service_asks(const struct service *service)
{
	const struct access *access = &service->access;

	return access->libwrap ||
	    (access->acl != NULL && acl_has_names(access->acl)) ||
	    (service_knows_user(service) &&
		(service->idonly || service_logs_user(service)));
}

/* Confs. */

struct conf *
conf_new(void)
{
	struct conf *conf = xcalloc(1, sizeof(*conf));

	conf->globals.backlog = LIMIT_UNSET;
	conf->globals.max_children = LIMIT_UNSET;
	conf->globals.max_connections = LIMIT_UNSET;
	conf->globals.internal_processes = 1;
	conf->globals.load_timeout = LIMIT_UNSET;
	conf->globals.stop_timeout = LIMIT_UNSET;
	conf->globals.control_group.gid = (gid_t)-1;
	conf->globals.control_admin.gid = (gid_t)-1;
	conf->globals.client_bits = (struct client_bits){ CLIENT_BITS_V4,
		CLIENT_BITS_V6 };
	limits_unset(&conf->globals.limits);
	return conf;
}

void
conf_add(struct conf *conf, struct service *service)
{
	conf->services = xgrow(conf->services, conf->count,
	    sizeof(struct service *));
	conf->services[conf->count++] = service;
}

static int
compare_by_id(const void *a, const void *b)
{
	const struct by_id *ba = a, *bb = b;
	int order = strcmp(ba->service->id, bb->service->id);

	return order != 0 ?
	    order :
	    (ba->position > bb->position) - (ba->position < bb->position);
}

struct by_id *
conf_by_id(const struct conf *conf, size_t from, size_t *count)
{
	struct by_id *list = xcalloc(conf->count, sizeof(*list));

	*count = 0;
	for (size_t i = from; i < conf->count; i++)
		if (!conf->services[i]->disabled)
			list[(*count)++] = (struct by_id){ conf->services[i],
				i };
	qsort(list, *count, sizeof(*list), compare_by_id);
	return list;
}

const char *
conf_file(struct conf *conf, const char *name)
{
	/* mostly the file that is being read, which came last */
	for (size_t i = conf->nfiles; i-- > 0;)
		if (strcmp(conf->files[i], name) == 0)
			return conf->files[i];
	conf->files = xgrow(conf->files, conf->nfiles, sizeof(char *));
	conf->files[conf->nfiles] = xstrdup(name);
	return conf->files[conf->nfiles++];
}

/* Environment. */

/*
 * Never passed, whatever is asked for: what speaks to superd alone, and what
 * makes the dynamic loader or a shell run somebody else's code.
 */
const struct service *
conf_find(const struct conf *conf, const char *id)
{
	for (size_t i = 0; i < conf->count; i++)
		if (strcmp(conf->services[i]->id, id) == 0)
			return conf->services[i];
	return NULL;
}

static const char *const never_passed[] = { "LISTEN_",
	"FDSTORE=", "NOTIFY_SOCKET", "WATCHDOG_", "MAINPID", "JOURNAL_STREAM",
	"INVOCATION_ID", "LD_", "GCONV_PATH", "GLIBC_TUNABLES", "BASH_ENV",
	"BASH_FUNC_", "ENV=", "IFS=", "SHELLOPTS=", "SUPERD_", NULL };

bool
variable_may_pass(const char *variable)
{
	for (size_t i = 0; never_passed[i] != NULL; i++)
		if (strncmp(variable, never_passed[i],
			strlen(never_passed[i])) == 0)
			return false;
	return true;
}
