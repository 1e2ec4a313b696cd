/*
 * Names: looking up users, groups, services, protocols, RPC programs, hosts and
 * programs; nothing else in conf/ asks the system.  Answers are cached for the
 * life of a struct names, which is one load.  Tests have a backend of their
 * own.
 */
#ifndef CONF_NAMES_H
#define CONF_NAMES_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/addr.h"

struct names;

struct account {
	uid_t uid;
	gid_t gid;
	const char *name; /* canonical; owned by the cache */
	const char *home;
	const char *shell;
};

enum name_kind {
	NAME_USER,
	NAME_GROUPS, /* of a user */
	NAME_HOST,
	/* numbers */
	NAME_GROUP, /* by name, or decimal digits for a gid with an entry */
	NAME_PORT,  /* /etc/services with aliases; host order */
	NAME_PROTOCOL,
	NAME_RPC,
	NAME_PROGRAM, /* no number: can superd execute the file? */
	NAME_NETWORK  /* /etc/networks: IPv4, host order */
};

/*
 * Each returns 0 and fills its result, or an errno: ENOENT for a name that
 * does not exist, EAGAIN where asking again later may help, others as they
 * come.  Lists are malloc'd and given to the caller.
 */
struct names_backend {
	/* name: a login name, or decimal digits for a uid with an entry */
	int (*user)(void *arg, const char *name, struct account *,
	    char **storage); /* storage: one malloc'd block behind it */
	/* supplementary groups as initgroups(3) would set them, the primary
	   one first */
	int (*groups)(void *arg, const char *user, gid_t primary, gid_t **list,
	    size_t *count);
	/* every address of a host; family AF_UNSPEC, AF_INET or AF_INET6;
	   never AI_ADDRCONFIG, so that localhost works with only lo up */
	int (*host)(void *arg, const char *name, int family, struct addr **list,
	    size_t *count);
	/* more: the protocol of a port, or "" */
	int (*number)(void *arg, enum name_kind, const char *name,
	    const char *more, uint32_t *);
};

/* The backend of the system, nsswitch.conf(5); it ignores arg. */
const struct names_backend *names_system(void);
/* backend NULL: the system's.  Never returns NULL. */
struct names *names_new(const struct names_backend *, void *arg);
void names_free(struct names *);
/* After look-ups of hosts that had no answer have taken this many seconds
 * together, fail all further ones with EAGAIN.  Without this call, there is no
 * bound. */
void names_give_up_hosts(struct names *, unsigned seconds);

int names_user(struct names *, const char *name, struct account *);
int names_group(struct names *, const char *name, gid_t *);
/* list owned by the cache */
int names_groups(struct names *, const char *user, gid_t primary,
    const gid_t **list, size_t *count);
int names_port(struct names *, const char *service, const char *proto,
    uint16_t *port);
int names_protocol(struct names *, const char *name, int *number);
int names_rpc(struct names *, const char *name, unsigned long *program);
/* list owned by the cache; ports are 0 */
int names_host(struct names *, const char *name, int family,
    const struct addr **list, size_t *count);
int names_program(struct names *, const char *path);
int names_network(struct names *, const char *name, uint32_t *number);

#endif
