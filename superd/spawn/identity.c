/* Credentials of peers. */
#include "superd/spawn/identity.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59 /* socket(7), since Linux 4.13 */
#endif

static int
credentials(int fd, struct ucred *who)
{
	socklen_t length = sizeof(*who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, who, &length) != 0)
		return -1;
	/* what has no peer has no user */
	if (who->uid != (uid_t)-1 && who->gid != (gid_t)-1)
		return 0;
	errno = ENOTCONN;
	return -1;
}

int
identity_user(int fd, uid_t *uid)
{
	struct ucred who;

	if (credentials(fd, &who) != 0)
		return -1;
	*uid = who.uid;
	return 0;
}

static size_t
size_of(size_t ngroups)
{
	return sizeof(struct identity) + ngroups * sizeof(gid_t);
}

/* How long the list of groups is, the kernel says where there is no room.  It
 * is what it was when the client connected. */
struct identity *
identity_of_peer(int fd)
{
	struct identity *identity;
	struct ucred who;
	socklen_t length = 0;
	size_t ngroups;

	if (credentials(fd, &who) != 0 ||
	    (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &length) != 0 &&
		errno != ERANGE))
		return NULL;
	ngroups = length / sizeof(gid_t);
	identity = malloc(size_of(ngroups));
	if (identity == NULL)
		return NULL;
	identity->uid = who.uid;
	identity->gid = who.gid;
	if (length > 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, identity->groups,
		&length) != 0) {
		free(identity);
		return NULL;
	}
	identity->ngroups = length / sizeof(gid_t);
	return identity;
}

struct identity *
identity_copy(const struct identity *identity)
{
	struct identity *copy = malloc(size_of(identity->ngroups));

	if (copy != NULL)
		memcpy(copy, identity, size_of(identity->ngroups));
	return copy;
}
