/* Services and confs: made, defaulted, compared. */
#include "conf/service.h"

#include <stdlib.h>
#include <string.h>

#include "conf/xalloc.h"

enum { MODE_UNIX = 0666, UMASK = 022, PORT_IDENT = 113 };

/* String lists. */

void
strings_add(char ***list, const char *text)
{
	size_t count = strings_count(*list);

	*list = xreallocarray(*list, count + 2, sizeof(char *));
	(*list)[count] = xstrdup(text);
	(*list)[count + 1] = NULL;
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
	if (rate->count == LIMIT_UNSET || rate->count == LIMIT_NONE) {
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
	if (limits->max_load < 0)
		limits->max_load = defaults->max_load < 0 ? 0 :
		    defaults->max_load;
}

/* Services. */

struct service *
service_new(void)
{
	struct service *service = xcalloc(1, sizeof(*service));

	limits_unset(&service->limits);
	service->backlog = service->redirect.idle = LIMIT_UNSET;
	service->node.mode = MODE_UNIX;
	service->command.umask = UMASK;
	return service;
}

void
service_add_endpoint(struct service *service, const struct addr *addr,
    bool v6only, bool optional)
{
	struct endpoint *endpoint;

	if (service->nendpoints == service->room_endpoints) {
		service->room_endpoints = service->room_endpoints * 2 + 2;
		service->endpoints = xreallocarray(service->endpoints,
		    service->room_endpoints, sizeof(*service->endpoints));
	}
	endpoint = &service->endpoints[service->nendpoints++];
	memset(endpoint, 0, sizeof(*endpoint));
	endpoint->addr = *addr;
	endpoint->v6only = v6only;
	endpoint->optional = optional;
}

/* Equality. */

static bool
same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

static bool
same_bytes(const void *a, size_t na, const void *b, size_t nb, size_t size)
{
	return na == nb && (na == 0 || memcmp(a, b, na * size) == 0);
}

static bool
same_endpoints(const struct service *a, const struct service *b)
{
	if (a->nendpoints != b->nendpoints)
		return false;
	for (size_t i = 0; i < a->nendpoints; i++) {
		const struct endpoint *ea = &a->endpoints[i];
		const struct endpoint *eb = &b->endpoints[i];

		if (!addr_equal(&ea->addr, &eb->addr) ||
		    ea->v6only != eb->v6only || ea->optional != eb->optional)
			return false;
	}
	return true;
}

static bool
same_node(const struct unix_node *a, const struct unix_node *b)
{
	return a->owned == b->owned && a->uid == b->uid && a->gid == b->gid &&
	    a->mode == b->mode;
}

static bool
same_rpc(const struct rpc_spec *a, const struct rpc_spec *b)
{
	return a->enabled == b->enabled && a->program == b->program &&
	    a->low == b->low && a->high == b->high;
}

bool
service_same_socket(const struct service *a, const struct service *b)
{
	return a->socktype == b->socktype && a->protocol == b->protocol &&
	    a->port == b->port && a->family == b->family &&
	    same_endpoints(a, b) && same_node(&a->node, &b->node) &&
	    a->rcvbuf == b->rcvbuf && a->sndbuf == b->sndbuf &&
	    a->backlog == b->backlog && a->nodelay == b->nodelay &&
	    a->keepalive == b->keepalive &&
	    same_text(a->interface, b->interface) &&
	    strings_equal(a->multicast, b->multicast) &&
	    same_rpc(&a->rpc, &b->rpc) && a->mux == b->mux;
}

static bool
same_identity(const struct command *a, const struct command *b)
{
	return same_text(a->user, b->user) && same_text(a->group, b->group) &&
	    a->change_user == b->change_user && a->uid == b->uid &&
	    a->gid == b->gid && same_bytes(a->groups, a->ngroups, b->groups,
	    b->ngroups, sizeof(gid_t)) && same_text(a->home, b->home) &&
	    same_text(a->shell, b->shell);
}

static bool
same_environment(const struct command *a, const struct command *b)
{
	return strings_equal(a->env, b->env) &&
	    strings_equal(a->passenv, b->passenv) &&
	    a->passenv_set == b->passenv_set && a->env_all == b->env_all &&
	    a->env_user == b->env_user && a->env_peer == b->env_peer &&
	    a->env_remote_host == b->env_remote_host;
}

static bool
same_rlimits(const struct command *a, const struct command *b)
{
	if (a->nrlimits != b->nrlimits)
		return false;
	for (size_t i = 0; i < a->nrlimits; i++)
		if (a->rlimits[i].resource != b->rlimits[i].resource ||
		    a->rlimits[i].soft != b->rlimits[i].soft ||
		    a->rlimits[i].hard != b->rlimits[i].hard)
			return false;
	return true;
}

static bool
same_redirect(const struct redirect *a, const struct redirect *b)
{
	if (!same_text(a->host, b->host) || !same_text(a->port, b->port) ||
	    a->idle != b->idle || a->ntargets != b->ntargets)
		return false;
	for (size_t i = 0; i < a->ntargets; i++)
		if (!addr_equal(&a->targets[i], &b->targets[i]))
			return false;
	return true;
}

bool
service_same_command(const struct service *sa, const struct service *sb)
{
	const struct command *a = &sa->command, *b = &sb->command;

	return same_text(sa->internal, sb->internal) &&
	    same_redirect(&sa->redirect, &sb->redirect) &&
	    same_text(a->program, b->program) &&
	    strings_equal(a->argv, b->argv) && same_identity(a, b) &&
	    same_environment(a, b) && a->umask == b->umask &&
	    a->nice_set == b->nice_set && a->nice == b->nice &&
	    same_rlimits(a, b) && same_text(a->chroot, b->chroot) &&
	    same_text(a->directory, b->directory) &&
	    a->stderr_to == b->stderr_to;
}

static bool
same_rate(const struct rate *a, const struct rate *b)
{
	return a->count == b->count && a->seconds == b->seconds;
}

static bool
same_limits(const struct limits *a, const struct limits *b)
{
	return a->instances == b->instances &&
	    a->per_source == b->per_source && same_rate(&a->rate, &b->rate) &&
	    same_rate(&a->source_rate, &b->source_rate) &&
	    a->max_pause == b->max_pause &&
	    a->internal_idle == b->internal_idle &&
	    !(a->max_load < b->max_load) && !(a->max_load > b->max_load) &&
	    a->excess == b->excess;
}

static bool
same_access(const struct access *a, const struct access *b)
{
	return a->only_from_set == b->only_from_set &&
	    strings_equal(a->only_from, b->only_from) &&
	    strings_equal(a->no_access, b->no_access) &&
	    same_bytes(a->hours, a->nhours, b->hours, b->nhours,
	    sizeof(struct hours)) && a->libwrap == b->libwrap &&
	    same_text(a->libwrap_name, b->libwrap_name);
}

bool
log_target_same(const struct log_target *a, const struct log_target *b)
{
	return a->kind == b->kind && a->facility == b->facility &&
	    a->level == b->level && same_text(a->path, b->path) &&
	    a->soft == b->soft && a->hard == b->hard;
}

/* Whatever their files are called. */
static bool
same_banners(const struct service *a, const struct service *b)
{
	for (int i = 0; i < BANNERS; i++) {
		const struct banner_text *ta = a->banners[i];
		const struct banner_text *tb = b->banners[i];

		if (ta == NULL || tb == NULL ? ta != tb :
		    !same_bytes(ta->bytes, ta->length, tb->bytes, tb->length,
		    1))
			return false;
	}
	return true;
}

bool
service_same_rules(const struct service *a, const struct service *b)
{
	return same_limits(&a->limits, &b->limits) &&
	    same_access(&a->access, &b->access) && a->sensor == b->sensor &&
	    a->deny_time == b->deny_time && a->noretry == b->noretry &&
	    a->idonly == b->idonly && a->intercept == b->intercept &&
	    a->labeled == b->labeled && same_text(a->banner, b->banner) &&
	    same_text(a->banner_success, b->banner_success) &&
	    same_text(a->banner_fail, b->banner_fail) &&
	    same_banners(a, b) &&
	    log_target_same(&a->log, &b->log) &&
	    a->log_on_success == b->log_on_success &&
	    a->log_on_failure == b->log_on_failure;
}

bool
service_lends_socket(const struct service *service)
{
	return service->wait && service->internal == NULL;
}

bool
service_accepts_itself(const struct service *service)
{
	return service->wait && (service->socktype == SOCK_STREAM ||
	    service->socktype == SOCK_SEQPACKET);
}

bool
service_knows_user(const struct service *service)
{
	return service->socktype == SOCK_STREAM && !service->wait &&
	    service->family != FAMILY_UNIX && service->port != PORT_IDENT;
}

bool
service_equal(const struct service *a, const struct service *b)
{
	return strcmp(a->id, b->id) == 0 && same_text(a->name, b->name) &&
	    same_text(a->proto, b->proto) && a->disabled == b->disabled &&
	    a->unservable == b->unservable && a->wait == b->wait &&
	    service_same_socket(a, b) && service_same_command(a, b) &&
	    service_same_rules(a, b);
}

/* Confs. */

struct conf *
conf_new(void)
{
	struct conf *conf = xcalloc(1, sizeof(*conf));

	conf->globals.backlog = LIMIT_UNSET;
	conf->globals.max_children = LIMIT_UNSET;
	conf->globals.max_connections = LIMIT_UNSET;
	conf->globals.load_timeout = LIMIT_UNSET;
	conf->globals.control_gid = (gid_t)-1;
	conf->globals.client_bits = (struct client_bits){ CLIENT_BITS_V4,
		CLIENT_BITS_V6 };
	limits_unset(&conf->globals.limits);
	return conf;
}

void
conf_add(struct conf *conf, struct service *service)
{
	if (conf->count == conf->room) {
		conf->room = conf->room * 2 + 16;
		conf->services = xreallocarray(conf->services, conf->room,
		    sizeof(struct service *));
	}
	conf->services[conf->count++] = service;
}

const char *
conf_file(struct conf *conf, const char *name)
{
	/* mostly the file that is being read, which came last */
	for (size_t i = conf->nfiles; i-- > 0;)
		if (strcmp(conf->files[i], name) == 0)
			return conf->files[i];
	conf->files = xreallocarray(conf->files, conf->nfiles + 1,
	    sizeof(char *));
	conf->files[conf->nfiles] = xstrdup(name);
	return conf->files[conf->nfiles++];
}

struct service *
conf_find(const struct conf *conf, const char *id)
{
	for (size_t i = 0; i < conf->count; i++)
		if (strcmp(conf->services[i]->id, id) == 0)
			return conf->services[i];
	return NULL;
}

bool
conf_equal(const struct conf *a, const struct conf *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!service_equal(a->services[i], b->services[i]))
			return false;
	return true;
}

/* Environment. */

/*
 * Never passed, whatever is asked for: what speaks to superd alone, and what
 * makes the dynamic loader or a shell run somebody else's code.
 */
static const char *const never_passed[] = {
	"LISTEN_", "NOTIFY_SOCKET", "WATCHDOG_", "MAINPID", "JOURNAL_STREAM",
	"INVOCATION_ID", "LD_", "GCONV_PATH", "GLIBC_TUNABLES", "BASH_ENV",
	"BASH_FUNC_", "ENV=", "IFS=", "SHELLOPTS=", "SUPERD_", NULL
};

bool
variable_may_pass(const char *variable)
{
	for (size_t i = 0; never_passed[i] != NULL; i++)
		if (strncmp(variable, never_passed[i],
		    strlen(never_passed[i])) == 0)
			return false;
	return true;
}
