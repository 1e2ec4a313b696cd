/*
 * Services: make, default, free, compare.  Pure functions on struct service
 * and struct conf.  Those that change or free one are for the loader: what
 * the daemon has is read only (conf/copy.h).
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
/* The conf takes the service. */
void conf_add(struct conf *, struct service *);
/* Those from this one on that are not disabled, in the order of their ids,
 * and of one id in that of the conf; malloc'd. */
struct by_id *conf_by_id(const struct conf *, size_t from, size_t *count);
/* The conf's own copy of a file name, valid as long as the conf. */
const char *conf_file(struct conf *, const char *name);

void limits_unset(struct limits *);
/* Fill what is unset in limits from defaults; what is unset in both becomes
 * LIMIT_NONE. */
void limits_inherit(struct limits *, const struct limits *defaults);

void service_add_endpoint(struct service *, const struct addr *, bool v6only,
    bool optional);

/* The hard limit of a log file that has but a soft one, in bytes: a little
 * more than that, as in xinetd. */
uint64_t log_hard_limit(uint64_t soft);
/* Do the same lines go to the same place? */
bool log_target_same(const struct log_target *, const struct log_target *);
/* Alike in all that makes a difference once they run: conf/store.h. */
bool service_equal(const struct service *, const struct service *);
/* It cannot be served; retry: asking again later may help. */
void service_fail(struct service *, bool retry);

/* May NAME=value pass from superd's environment to a child, if asked for? */
bool variable_may_pass(const char *variable);

/* Is argv[0] something else than it would be if nobody said it? */
bool command_names_itself(const struct command *);

/* Is its socket itself handed to its server? */
bool service_lends_socket(const struct service *);

/* Whom its servers run as; own: superd's user. */
uid_t service_uid(const struct service *, uid_t own);

/* Does its server accept connections, so that nobody else sees who comes? */
bool service_accepts_itself(const struct service *);

/*
 * Can superd ask who the user at the other end of a connection is (RFC 1413)?
 * It has to accept connections of the internet itself; and who asks an ident
 * server may be asked by it in turn, without end.
 */
bool service_knows_user(const struct service *);
/* Is the user wanted in the log? */
bool service_logs_user(const struct service *);
/* May there be something about a client that has to be asked, of libwrap, a
 * server of names or of users, before a connection is served? */
bool service_asks(const struct service *);

/* String lists: NULL-terminated arrays of malloc'd strings. */
void strings_add(char ***list, const char *text);
/* All that are this text; false: there was none. */
bool strings_remove(char **list, const char *text);
size_t strings_count(char *const *list);
void strings_free(char **list);
char **strings_copy(char *const *list);
bool strings_equal(char *const *, char *const *);

#endif
