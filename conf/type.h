/*
 * Types of attributes: how a value is stored (conf/store.h), read from the
 * texts of a draft, and written to superd.conf.
 */
#ifndef CONF_TYPE_H
#define CONF_TYPE_H

#include "conf/attribute.h"

struct build;  /* conf/build.h */
struct choice; /* conf/choice.h */
struct output; /* conf/output.h */
struct store;  /* conf/store.h */

struct type {
	const struct store *store; /* NULL: it has no member */
	/* Set the member, or the owner if there is none, from build->setting.
	 * NULL: its meaning depends on other options, conf/make.h. */
	void (*set)(struct build *, void *target);
	/* Print its lines, unless it has its default.  value: as target.
	 * NULL: it is printed with other rows. */
	void (*print)(const struct output *, const void *value);
	/* For type_set_parsed(): parse one value; pure.  False: it is reported
	 * as "expected WANTS". */
	bool (*parse)(const char *text, void *member);
	const char *wants;
	/* A table of which one word is chosen; the first is the default. */
	const struct choice *choices;
};

/* Kept and printed, and read together with others; set by a function of its
 * own; parsed. */
#define KEPT(store, print)                           \
	{                                            \
		store, NULL, print, NULL, NULL, NULL \
	}
#define SET(store, print, set)                      \
	{                                           \
		store, set, print, NULL, NULL, NULL \
	}
#define PARSED(store, print, parse, wants)                        \
	{                                                         \
		store, type_set_parsed, print, parse, wants, NULL \
	}

/* Each value by parse, which adds to a list. */
void type_set_parsed(struct build *, void *member);

/* Add the values of the option, of the form of only_from, to a list; those that
 * are not valid are reported. */
void addresses_take(struct build *, char ***list);

/* conf/type_text.c */
extern const struct type type_text, type_word, type_title, type_name, type_path,
    type_device, type_control_group, type_state_file, type_internal,
    type_multicast, type_env, type_passenv, type_addresses, type_only_from,
    type_paths;

/* conf/type_word.c */
extern const struct type type_bool, type_wait, type_libwrap, type_own_group,
    type_type, type_flags, type_log_on, type_excess, type_stderr, type_log_peer,
    type_process, type_log_format, type_stop;

/* conf/type_number.c */
extern const struct type type_count, type_backlog, type_size, type_memory,
    type_duration, type_time_limit, type_grace, type_timeout, type_idle,
    type_processes, type_rate, type_cps, type_load, type_mode, type_umask,
    type_nice, type_client_bits, type_deny_time;

/* conf/type_box.c */
extern const struct type type_box, type_box_set, type_capabilities, type_oom,
    type_syscalls, type_filter, type_cpus, type_tasks, type_percent,
    type_weight;

/* conf/type_rule.c */
extern const struct type type_rlimit, type_rlimits, type_hours, type_log,
    type_facility;

/* conf/type_socket.c */
extern const struct type type_socktype, type_family, type_port, type_endpoints,
    type_rpc_number, type_rpc_version, type_owner, type_redirect, type_args;
/* conf/socket_options.c */
extern const struct type type_mark, type_tos, type_ttl, type_freebind,
    type_transparent, type_defer_accept, type_keepalive_time,
    type_keepalive_interval, type_keepalive_probes, type_user_timeout,
    type_socket_options;

/* conf/type_only.c */
extern const struct type type_only_users, type_only_groups, type_only;

/* conf/type_proxy.c */
extern const struct type type_proxy_protocol, type_proxy_from,
    type_proxy_timeout, type_redirect_proxy, type_proxy;

/* Kept beside the others, and worked out elsewhere. */
extern const struct type type_plain, type_unseen, type_place, type_banners,
    type_acl, type_targets, type_groups;
/* Nothing is kept, and nothing is printed. */
extern const struct type type_none;

#endif
