/*
 * The table of attributes.  Knows names, places and types; what a type means
 * is in conf/type.h.
 */
#include "conf/attribute.h"

#include <string.h>

#include "conf/type.h"

#define SIZE(type, member) sizeof(((struct type *)0)->member)

/* Where the member stands, and how large it is. */
#define PLACED(service, globals, bytes, number)                            \
	.in_service = (service), .in_globals = (globals), .size = (bytes), \
	.count = (number)
#define SERVICE(member)                                   \
	PLACED(offsetof(struct service, member), NOWHERE, \
	    SIZE(service, member), NOWHERE)
#define GLOBALS(member)                                   \
	PLACED(NOWHERE, offsetof(struct globals, member), \
	    SIZE(globals, member), NOWHERE)
#define BOTH(member)                             \
	PLACED(offsetof(struct service, member), \
	    offsetof(struct globals, member), SIZE(service, member), NOWHERE)
#define ARRAY(member, number)                             \
	PLACED(offsetof(struct service, member), NOWHERE, \
	    SIZE(service, member), offsetof(struct service, number))
#define NO_MEMBER PLACED(NOWHERE, NOWHERE, 0, NOWHERE)

enum {
	S = IN_SERVICE,
	DS = IN_DEFAULTS | IN_SERVICE,
	G = IN_GLOBAL,
	GDS = IN_GLOBAL | IN_DEFAULTS | IN_SERVICE
};

const struct attribute attributes[] = {
	[OPTION_PID_FILE] = { "pid_file", G, 1, 1, &type_text,
	    GLOBALS(pid_file) },
	[OPTION_CONTROL] = { "control", G, 1, 1, &type_text, GLOBALS(control) },
	[OPTION_CONTROL_GROUP] = { "control_group", G, 1, 1,
	    &type_control_group, GLOBALS(control_group) },
	[OPTION_MAX_CHILDREN] = { "max_children", G, 1, 1, &type_count,
	    GLOBALS(max_children), .usual = LIMIT_UNSET },
	[OPTION_MAX_CONNECTIONS] = { "max_connections", G, 1, 1, &type_count,
	    GLOBALS(max_connections), .usual = LIMIT_UNSET },

	/* a section's title, and no option that can be written */
	[OPTION_ID] = { "id", 0, 1, 1, &type_title, SERVICE(id) },
	[OPTION_DISABLE] = { "disable", DS, 1, 1, &type_bool,
	    SERVICE(disabled) },
	[OPTION_NAME] = { "name", S, 1, 1, &type_name, SERVICE(name) },

	[OPTION_SOCKET_TYPE] = { "socket_type", DS, 1, 1, &type_socktype,
	    SERVICE(socktype) },
	[OPTION_PROTOCOL] = { "protocol", DS, 1, 1, &type_word,
	    SERVICE(proto) },
	[OPTION_WAIT] = { "wait", DS, 1, 1, &type_wait, SERVICE(wait) },
	[OPTION_TYPE] = { "type", S, 1, 0, &type_type, NO_MEMBER },
	[OPTION_FAMILY] = { "family", DS, 1, 1, &type_family, SERVICE(family) },
	[OPTION_V6ONLY] = { "v6only", DS, 1, 1, &type_none, NO_MEMBER },
	[OPTION_PORT] = { "port", S, 1, 1, &type_port, SERVICE(port) },
	[OPTION_BIND] = { "bind", DS, 1, 0, &type_none, NO_MEMBER },
	[OPTION_LISTEN] = { "listen", S, 1, 0, &type_endpoints,
	    ARRAY(endpoints, nendpoints) },
	[OPTION_RPC_NUMBER] = { "rpc_number", S, 1, 1, &type_rpc_number,
	    SERVICE(rpc.program) },
	[OPTION_RPC_VERSION] = { "rpc_version", S, 1, 1, &type_rpc_version,
	    NO_MEMBER },
	[OPTION_SOCKET_USER] = { "socket_user", DS, 1, 1, &type_owner,
	    SERVICE(node.uid) },
	[OPTION_SOCKET_GROUP] = { "socket_group", DS, 1, 1, &type_owner,
	    SERVICE(node.gid) },
	[OPTION_SOCKET_MODE] = { "socket_mode", DS, 1, 1, &type_mode,
	    SERVICE(node.mode), .usual = USUAL_MODE },
	[OPTION_INTERFACE] = { "interface", DS, 1, 1, &type_device,
	    SERVICE(interface) },
	[OPTION_MULTICAST] = { "multicast", DS, 0, 0, &type_multicast,
	    SERVICE(multicast) },
	[OPTION_RCVBUF] = { "rcvbuf", DS, 1, 1, &type_size, SERVICE(rcvbuf) },
	[OPTION_SNDBUF] = { "sndbuf", DS, 1, 1, &type_size, SERVICE(sndbuf) },
	[OPTION_BACKLOG] = { "backlog", GDS, 1, 1, &type_backlog, BOTH(backlog),
	    .usual = LIMIT_UNSET },

	[OPTION_INTERNAL] = { "internal", S, 1, 1, &type_internal,
	    SERVICE(internal) },
	[OPTION_REDIRECT] = { "redirect", S, 2, 2, &type_redirect, NO_MEMBER },
	[OPTION_REDIRECT_IDLE] = { "redirect_idle", DS, 1, 1, &type_idle,
	    SERVICE(redirect.idle), .usual = REDIRECT_IDLE },
	[OPTION_SERVER] = { "server", S, 1, 1, &type_word,
	    SERVICE(command.program) },
	[OPTION_SERVER_ARGS] = { "server_args", S, 0, 0, &type_args,
	    SERVICE(command.argv) },
	[OPTION_USER] = { "user", DS, 1, 1, &type_word, SERVICE(command.user) },
	[OPTION_GROUP] = { "group", DS, 1, 1, &type_word,
	    SERVICE(command.group) },
	[OPTION_GROUPS] = { "groups", DS, 1, 1, &type_own_group,
	    SERVICE(command.own_group) },
	[OPTION_FLAGS] = { "flags", DS, 0, 0, &type_flags, NO_MEMBER },
	[OPTION_ENV] = { "env", DS, 0, 0, &type_env, SERVICE(command.env) },
	[OPTION_PASSENV] = { "passenv", DS, 0, 0, &type_passenv,
	    SERVICE(command.passenv) },
	[OPTION_ENV_ALL] = { "env_all", DS, 1, 1, &type_bool,
	    SERVICE(command.env_all) },
	[OPTION_ENV_USER] = { "env_user", DS, 1, 1, &type_bool,
	    SERVICE(command.env_user) },
	[OPTION_ENV_PEER] = { "env_peer", DS, 1, 1, &type_bool,
	    SERVICE(command.env_peer) },
	[OPTION_ENV_REMOTE_HOST] = { "env_remote_host", DS, 1, 1, &type_bool,
	    SERVICE(command.env_remote_host) },
	[OPTION_UMASK] = { "umask", DS, 1, 1, &type_umask,
	    SERVICE(command.umask), .usual = USUAL_UMASK },
	[OPTION_NICE] = { "nice", DS, 1, 1, &type_nice, SERVICE(command.nice) },

	[OPTION_RLIMIT_AS] = { "rlimit_as", DS, 1, 1, &type_rlimit, NO_MEMBER },
	[OPTION_RLIMIT_CORE] = { "rlimit_core", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	[OPTION_RLIMIT_CPU] = { "rlimit_cpu", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	[OPTION_RLIMIT_DATA] = { "rlimit_data", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	[OPTION_RLIMIT_FILES] = { "rlimit_files", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	[OPTION_RLIMIT_FSIZE] = { "rlimit_fsize", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	[OPTION_RLIMIT_LOCKS] = { "rlimit_locks", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	[OPTION_RLIMIT_MEMLOCK] = { "rlimit_memlock", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	[OPTION_RLIMIT_MSGQUEUE] = { "rlimit_msgqueue", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	[OPTION_RLIMIT_NICE] = { "rlimit_nice", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	[OPTION_RLIMIT_NOFILE] = { "rlimit_nofile", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	[OPTION_RLIMIT_NPROC] = { "rlimit_nproc", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	[OPTION_RLIMIT_RSS] = { "rlimit_rss", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	[OPTION_RLIMIT_RTPRIO] = { "rlimit_rtprio", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	[OPTION_RLIMIT_RTTIME] = { "rlimit_rttime", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	[OPTION_RLIMIT_SIGPENDING] = { "rlimit_sigpending", DS, 1, 1,
	    &type_rlimit, NO_MEMBER },
	[OPTION_RLIMIT_STACK] = { "rlimit_stack", DS, 1, 1, &type_rlimit,
	    NO_MEMBER },
	/* in the order of lines */
	[OPTION_RLIMITS] = { NULL, 0, 0, 0, &type_rlimits,
	    ARRAY(command.rlimits, command.nrlimits) },

	[OPTION_CHROOT] = { "chroot", DS, 1, 1, &type_path,
	    SERVICE(command.chroot) },
	[OPTION_DIRECTORY] = { "directory", DS, 1, 1, &type_path,
	    SERVICE(command.directory) },
	[OPTION_STDERR] = { "stderr", DS, 1, 1, &type_stderr,
	    SERVICE(command.stderr_to) },

	[OPTION_INSTANCES] = { "instances", GDS, 1, 1, &type_count,
	    BOTH(limits.instances) },
	[OPTION_PER_SOURCE] = { "per_source", GDS, 1, 1, &type_count,
	    BOTH(limits.per_source), .usual = LIMIT_UNSET },
	[OPTION_CPS] = { "cps", DS, 1, 2, &type_cps, NO_MEMBER },
	[OPTION_RATE] = { "rate", GDS, 1, 1, &type_rate, BOTH(limits.rate) },
	[OPTION_SOURCE_RATE] = { "source_rate", GDS, 1, 1, &type_rate,
	    BOTH(limits.source_rate) },
	[OPTION_MAX_PAUSE] = { "max_pause", DS, 1, 1, &type_duration,
	    BOTH(limits.max_pause) },
	[OPTION_INTERNAL_IDLE] = { "internal_idle", GDS, 1, 1, &type_idle,
	    BOTH(limits.internal_idle), .usual = INTERNAL_IDLE },
	[OPTION_MAX_LOAD] = { "max_load", DS, 1, 1, &type_load,
	    BOTH(limits.max_load) },
	[OPTION_EXCESS] = { "excess", DS, 1, 1, &type_excess,
	    BOTH(limits.excess) },

	[OPTION_ONLY_FROM] = { "only_from", DS, 0, 0, &type_only_from,
	    SERVICE(access.only_from) },
	[OPTION_NO_ACCESS] = { "no_access", DS, 0, 0, &type_addresses,
	    SERVICE(access.no_access) },
	[OPTION_ACCESS_TIMES] = { "access_times", DS, 1, 0, &type_hours,
	    ARRAY(access.hours, access.nhours) },
	[OPTION_LIBWRAP] = { "libwrap", DS, 1, 1, &type_libwrap,
	    SERVICE(access.libwrap) },
	[OPTION_LIBWRAP_NAME] = { "libwrap_name", DS, 1, 1, &type_text,
	    SERVICE(access.libwrap_name) },
	[OPTION_DENY_TIME] = { "deny_time", DS, 1, 1, &type_deny_time,
	    SERVICE(deny_time) },
	[OPTION_BANNER] = { "banner", DS, 1, 1, &type_path, SERVICE(banner) },
	[OPTION_BANNER_SUCCESS] = { "banner_success", DS, 1, 1, &type_path,
	    SERVICE(banner_success) },
	[OPTION_BANNER_FAIL] = { "banner_fail", DS, 1, 1, &type_path,
	    SERVICE(banner_fail) },
	[OPTION_LOG_TYPE] = { "log_type", GDS, 1, 4, &type_log, BOTH(log) },
	[OPTION_LOG_ON_SUCCESS] = { "log_on_success", DS, 0, 0, &type_log_on,
	    SERVICE(log_on_success) },
	[OPTION_LOG_ON_FAILURE] = { "log_on_failure", DS, 0, 0, &type_log_on,
	    SERVICE(log_on_failure) },
	[OPTION_LOG_FACILITY] = { "log_facility", G, 1, 1, &type_facility,
	    NO_MEMBER },

	[OPTION_SOURCE_PREFIX] = { "source_prefix", G, 1, 1, &type_client_bits,
	    GLOBALS(client_bits) },
	[OPTION_STRICT] = { "strict", G, 1, 1, &type_bool, GLOBALS(strict) },
	[OPTION_LOAD_TIMEOUT] = { "load_timeout", G, 1, 1, &type_timeout,
	    GLOBALS(load_timeout) },
	[OPTION_LOAD_MEMORY] = { "load_memory", G, 1, 1, &type_memory,
	    GLOBALS(load_memory) },
	[OPTION_INCLUDE] = { "include", G, 0, 0, &type_none, NO_MEMBER },
	[OPTION_INETD_CONF] = { "inetd_conf", G, 0, 0, &type_none, NO_MEMBER },
	[OPTION_XINETD_CONF] = { "xinetd_conf", G, 0, 0, &type_none,
	    NO_MEMBER },

	/* What is worked out from them, or stands beside them. */
	[OPTIONS] = { NULL, 0, 0, 0, &type_unseen, SERVICE(dialect) },
	{ NULL, 0, 0, 0, &type_place, SERVICE(place) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(unservable) },
	{ NULL, 0, 0, 0, &type_unseen, SERVICE(retry) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(protocol) },
	{ NULL, 0, 0, 0, &type_unseen, SERVICE(room_endpoints) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(node.owned) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(nodelay) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(keepalive) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(rpc.enabled) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(rpc.low) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(rpc.high) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(mux) },
	{ NULL, 0, 0, 0, &type_word, SERVICE(redirect.host) },
	{ NULL, 0, 0, 0, &type_word, SERVICE(redirect.port) },
	{ NULL, 0, 0, 0, &type_targets,
	    ARRAY(redirect.targets, redirect.ntargets) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(command.change_user) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(command.uid) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(command.gid) },
	{ NULL, 0, 0, 0, &type_groups, ARRAY(command.groups, command.ngroups) },
	{ NULL, 0, 0, 0, &type_word, SERVICE(command.home) },
	{ NULL, 0, 0, 0, &type_word, SERVICE(command.shell) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(command.passenv_set) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(command.nice_set) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(access.only_from_set) },
	{ NULL, 0, 0, 0, &type_acl, SERVICE(access.acl) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(sensor) },
	{ NULL, 0, 0, 0, &type_plain, SERVICE(idonly) },
	{ NULL, 0, 0, 0, &type_banners, SERVICE(banners) },
	{ NULL, 0, 0, 0, &type_plain, GLOBALS(control_gid) },
	{ NULL, 0, 0, 0, &type_plain, GLOBALS(internal_uid) },
	{ NULL, 0, 0, 0, &type_plain, GLOBALS(internal_gid) },
};

const size_t attributes_count = sizeof(attributes) / sizeof(attributes[0]);

enum option_id
option_find(const char *name)
{
	unsigned i;

	for (i = 0; i < OPTIONS; i++)
		if (attributes[i].name != NULL &&
		    strcmp(attributes[i].name, name) == 0)
			break;
	return (enum option_id)i;
}

const char *
option_name(enum option_id id)
{
	return attributes[id].name;
}

const char *
option_hint(struct hint *hint, const char *name, enum option_where where)
{
	const char *names[OPTIONS + 1];
	size_t n = 0;

	for (size_t i = 0; i < OPTIONS; i++)
		if (attributes[i].where & where)
			names[n++] = attributes[i].name;
	names[n] = NULL;
	return report_hint(hint, name, names);
}

bool
option_may_stand(enum option_id id, enum option_where where)
{
	return (attributes[id].where & where) != 0;
}

bool
option_is_list(enum option_id id)
{
	return attributes[id].most == 0;
}

const char *
option_count_is_wrong(enum option_id id, size_t count)
{
	const struct attribute *attribute = &attributes[id];

	if (count >= attribute->least &&
	    (attribute->most == 0 || count <= attribute->most))
		return NULL;
	if (attribute->least == 1 && attribute->most == 1)
		return "one value was expected";
	if (attribute->least == 2)
		return "two values were expected";
	return attribute->least == 1 && attribute->most == 0 ?
	    "at least one value was expected" :
	    "another number of values was expected";
}
