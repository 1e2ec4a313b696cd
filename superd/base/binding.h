/*
 * Binding: the options that a socket was created with.  They are recorded
 * because a socket that other processes share cannot be queried without
 * possibly waiting for its lock, and those processes may have changed it.
 */
#ifndef SUPERD_BASE_BINDING_H
#define SUPERD_BASE_BINDING_H

#include <linux/filter.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

/* Options that few sockets have, allocated only for those; all zero: none. */
struct particulars {
	char *interface; /* NULL: none */
	char **multicast;
	struct sock_filter *filter; /* NULL: none */
	size_t filter_count;
	char scope[IF_NAMESIZE]; /* device of the address; "": none */
	/* Octets; 0: the system's default, which cannot be restored on an
	 * open socket. */
	unsigned rcvbuf, sndbuf;
	struct socket_option *options;
	size_t noptions;
};

/* All zero: empty. */
struct binding {
	struct particulars *particulars; /* owned; NULL: none */
	/* fixed for the life of the socket */
	int socktype, protocol;
	bool internal; /* with packet info, where it needs that */
	/* can be changed on an open socket */
	bool nodelay, keepalive;
	unsigned backlog;
};

/* Record that the socket was created, or adjusted, for this service and an
 * address with this scope (interface index; 0: none).  Copies what it keeps
 * and replaces what it held. */
void binding_take(struct binding *, const struct service *, unsigned scope);
/* Free the contents and leave it empty. */
void binding_free(struct binding *);
/* The network device of the address's scope; "": none.  Valid until the
 * binding changes. */
const char *binding_scope(const struct binding *);
/* Can the socket serve this service once its changeable options are set? */
bool binding_fits(const struct binding *, const struct service *);
/* Does the socket have the changeable options of this service already? */
bool binding_has_options(const struct binding *, const struct service *);

#endif
