/* Options of the sockets of few services, conf/socket_options.h: as rows.
 * socket(7), ip(7), ipv6(7), tcp(7). */
#ifndef SUPERD_BASE_SOCKOPT_MORE_H
#define SUPERD_BASE_SOCKOPT_MORE_H

#include "conf/conf.h"

/* Set all of a service; accepted sockets inherit them.  0, or -1 with errno. */
int sockopt_set_more(int fd, const struct service *);
/* Can a socket with these options have those of the service, or does it have
 * one that cannot be taken back, or lack one that must come before bind(2)? */
bool sockopt_more_fits(const struct socket_option *, size_t count,
    const struct service *);

#endif
