/*
 * What the value of an attribute is: how it is kept (conf/store.h), and how
 * it is read from the texts of superd.conf.
 */
#ifndef CONF_TYPE_H
#define CONF_TYPE_H

#include "conf/store.h"

struct build;			/* conf/superd_options.h */
struct setting;

struct type {
	const struct store *store;	/* NULL: no member of its own */
	/* target: the member; or the owner, where there is none.  NULL: it
	 * means something only together with others. */
	void (*set)(struct build *, const struct attribute *,
	    const struct setting *, void *target);
};

/* Kept, and worked out elsewhere. */
extern const struct type type_plain, type_unseen, type_word, type_list,
    type_place, type_banners, type_acl, type_endpoints, type_targets,
    type_groups, type_rlimits;
/* Nothing is kept of it. */
extern const struct type type_none;

extern const struct type type_text, type_path, type_device,
    type_control_group;
extern const struct type type_multicast, type_env, type_passenv,
    type_addresses, type_only_from;
extern const struct type type_type, type_flags, type_log_on, type_excess,
    type_stderr, type_bool;
extern const struct type type_count, type_backlog, type_size, type_memory,
    type_duration, type_timeout, type_idle, type_rate, type_cps, type_load,
    type_octal, type_nice, type_client_bits;
extern const struct type type_rlimit, type_hours, type_deny_time, type_log,
    type_facility;

#endif
