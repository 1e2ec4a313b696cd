/*
 * Options of sockets that few services set: what they are called in
 * superd.conf stands in conf/attribute_rows.c, what they mean to the kernel in
 * superd/base/sockopt_more.c.
 */
#ifndef CONF_SOCKET_OPTIONS_H
#define CONF_SOCKET_OPTIONS_H

#include <stdbool.h>

#include "conf/attribute.h"

/* The option of a list, or NULL. */
const struct socket_option *socket_option_find(const struct socket_option *,
    size_t count, enum option_id);
/* What an option is for, as "expected a TCP service": "" is for all. */
const char *socket_option_wants(const struct socket_option *,
    const struct service *);
/* Remove an option from the list of a service that is being made. */
void socket_option_remove(struct service *, size_t);

#endif
