/* Users of this host, who come through unix sockets: whom only_users,
 * only_groups and user = @peer let in. */
#ifndef SUPERD_POLICY_USERS_H
#define SUPERD_POLICY_USERS_H

#include <sys/types.h>
#include <stdbool.h>

struct service;

/* Does the service ask who its clients are? */
bool users_matter(const struct service *);
/* May whoever is at the other end of this connection be served?  Who cannot be
 * known may not. */
bool users_admit(const struct service *, int fd);

/* Is a user among only_users; false also where there are none. */
bool users_name(const struct service *, uid_t);
/* May a server run as this user, as which user = @peer would run it? */
bool users_may_be(const struct service *, uid_t);

#endif
