/* The user and the groups of a client of a unix socket, as the kernel noted
 * them when it connected: unix(7), socket(7). */
#ifndef SUPERD_SPAWN_IDENTITY_H
#define SUPERD_SPAWN_IDENTITY_H

#include <sys/types.h>
#include <stddef.h>

struct identity {
	uid_t uid;
	gid_t gid;
	size_t ngroups;
	gid_t groups[]; /* supplementary */
};

/* Of the client at the other end of a connection; malloc'd.  NULL with
 * errno. */
struct identity *identity_of_peer(int fd);
/* malloc'd; NULL: no memory. */
struct identity *identity_copy(const struct identity *);
/* Its user alone.  0, or -1 with errno. */
int identity_user(int fd, uid_t *);

#endif
