/*
 * Functions on struct service and struct conf.  Those that change or free one
 * are for the loader; the daemon's are read-only (conf/copy.h).  Pure.
 */
#ifndef CONF_SERVICE_H
#define CONF_SERVICE_H

#include "conf/conf.h"

struct by_id {
	struct service *service;
	size_t position; /* in the conf */
};

/* Never return NULL: running out of memory ends the process (see xalloc). */
struct service *service_new(void);
void service_free(struct service *); /* accepts NULL, half-built */

struct conf *conf_new(void);
void conf_free(struct conf *);
/* Add a service, which belongs to the conf then. */
void conf_add(struct conf *, struct service *);
/* The services from this index on that are not disabled, sorted by id, then by
 * their order in the conf; malloc'd, for the caller to free. */
struct by_id *conf_by_id(const struct conf *, size_t from, size_t *count);
/* The first service of this id, or NULL. */
const struct service *conf_find(const struct conf *, const char *id);
/* The conf's own copy of a file name, valid as long as the conf. */
const char *conf_file(struct conf *, const char *name);

void limits_unset(struct limits *);
/* Fill what is unset in limits from defaults; what is unset in both becomes
 * LIMIT_NONE. */
void limits_inherit(struct limits *, const struct limits *defaults);

void service_add_endpoint(struct service *, const struct addr *, bool v6only,
    bool optional);

/* The hard limit, in bytes, of a log file with only a soft limit, as in
 * xinetd: one percent above it, within bounds. */
uint64_t log_hard_limit(uint64_t soft);
/* Do the same lines go to the same place? */
bool log_target_same(const struct log_target *, const struct log_target *);
/* Are they equal in everything that matters while they run?  conf/store.h. */
bool service_equal(const struct service *, const struct service *);
/* Mark a service unservable; retry: a later load may succeed. */
void service_fail(struct service *, bool retry);

/* May NAME=value pass from superd's environment to a child, if asked for? */
bool variable_may_pass(const char *variable);

/* Does argv[0] differ from the last part of the program's path? */
bool command_names_itself(const struct command *);
/* Does its server get the listening socket, as with wait = yes? */
bool service_lends_socket(const struct service *);
/* The user of its servers; own: superd's. */
uid_t service_uid(const struct service *, uid_t own);
/* Does its server accept connections itself, so that superd does not see the
 * clients? */
bool service_accepts_itself(const struct service *);
/* Do its clients come through proxies that say who they are? */
bool service_reads_proxy(const struct service *);
/* Can superd ask for the user of a client (RFC 1413)?  Only if superd accepts
 * its TCP connections, which no proxy makes, and not for the ident service: two
 * hosts would ask each other without end. */
bool service_knows_user(const struct service *);
/* Does the log want the user of a client? */
bool service_logs_user(const struct service *);
/* May a client have to pass an asker (libwrap, host names, its user) before it
 * is served? */
bool service_asks(const struct service *);

/* String lists: NULL-terminated arrays of malloc'd strings. */
void strings_add(char ***list, const char *text);
/* Remove all strings equal to text.  False: there was none. */
bool strings_remove(char **list, const char *text);
size_t strings_count(char *const *list);
void strings_free(char **list);
char **strings_copy(char *const *list);
bool strings_equal(char *const *, char *const *);

#endif
