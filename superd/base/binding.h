/*
 * What a socket was made with: kept, since one that others have too cannot be
 * asked without waiting for them, nor need it tell the truth.
 */
#ifndef SUPERD_BASE_BINDING_H
#define SUPERD_BASE_BINDING_H

#include <linux/filter.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

/* What few sockets are made with; all zero: nothing of it. */
struct particulars {
	char *interface; /* NULL: none */
	char **multicast;
	struct sock_filter *filter; /* NULL: none */
	size_t filter_count;
	char scope[IF_NAMESIZE]; /* of the address; "": none */
	/* these can be changed, but not to the system's default */
	unsigned rcvbuf, sndbuf; /* 0: that */
};

/* All zero: nothing. */
struct binding {
	struct particulars *particulars; /* NULL: none */
	/* only a new socket can be rid of these */
	int socktype, protocol;
	bool internal; /* with packet info */
	/* these can be changed */
	bool nodelay, keepalive;
	unsigned backlog;
};

/* It was made, or changed, for this service and an address with this scope
 * (0: none). */
void binding_take(struct binding *, const struct service *, unsigned scope);
void binding_free(struct binding *);
/* The network device of its address's scope; "": none. */
const char *binding_scope(const struct binding *);
/* Would it do for that service, once its options are changed? */
bool binding_fits(const struct binding *, const struct service *);
/* Has it the options already that can be changed? */
bool binding_has_options(const struct binding *, const struct service *);

#endif
