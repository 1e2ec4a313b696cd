/* Create, change and remove the nodes of unix sockets. */
#include "superd/base/unix_node.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <string.h>
#include <unistd.h>

#include "superd/base/descriptors.h"

/* <linux/un.h> does not go together with <sys/un.h> */
#ifndef SIOCUNIXFILE
#define SIOCUNIXFILE (SIOCPROTOPRIVATE + 0)
#endif

static bool
is_path(const struct addr *addr)
{
	return addr->u.sa.sa_family == AF_UNIX &&
	    addr->u.un.sun_path[0] != '\0';
}

/* Only a refused connection proves that there is no server. */
static bool
is_stale(const struct addr *addr, int socktype)
{
	int fd = socket(AF_UNIX, socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool stale;

	if (fd < 0)
		return false;
	stale = connect(fd, &addr->u.sa, addr->len) != 0 &&
	    errno == ECONNREFUSED;
	close(fd);
	return stale;
}

/* 0 if the path is free now. */
static int
remove_stale(const struct addr *addr, int socktype)
{
	const char *path = addr->u.un.sun_path;
	struct object object;
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : -1;
	errno = EEXIST;
	if (!S_ISSOCK(st.st_mode))
		return -1;
	errno = EADDRINUSE;
	if (!is_stale(addr, socktype))
		return -1;
	object.device = st.st_dev;
	object.inode = st.st_ino;
	return object_remove(path, &object);
}

/*
 * An O_PATH descriptor of the node that fd is bound to.  With CAP_NET_ADMIN
 * the kernel provides it.  Otherwise it is whatever has the name now, if only
 * we can have made it: a socket that we own, with a single name.
 */
static int
open_bound(int fd, const char *path)
{
	struct stat st;
	int node = ioctl(fd, SIOCUNIXFILE);

	if (node >= 0)
		return node;
	node = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (node < 0)
		return -1;
	if (fstat(node, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    st.st_uid == geteuid() && st.st_nlink == 1)
		return node;
	close(node);
	errno = ESTALE;
	return -1;
}

static int
learn_node(int fd, const char *path, struct object *node)
{
	int bound = open_bound(fd, path), result;

	if (bound < 0)
		return -1;
	result = object_of(bound, node);
	close(bound);
	return result;
}

int
node_bind(int fd, const struct addr *addr, int socktype, struct object *node)
{
	mode_t mask;
	int result;

	memset(node, 0, sizeof(*node));
	if (!is_path(addr))
		return bind(fd, &addr->u.sa, addr->len);
	if (remove_stale(addr, socktype) != 0)
		return -1;
	mask = umask(0177);
	result = bind(fd, &addr->u.sa, addr->len);
	umask(mask);
	return result != 0 ? -1 : learn_node(fd, addr->u.un.sun_path, node);
}

int
node_learn(int fd, const struct addr *addr, struct object *node)
{
	memset(node, 0, sizeof(*node));
	return is_path(addr) ? learn_node(fd, addr->u.un.sun_path, node) : 0;
}

int
node_permit(const struct addr *addr, const struct object *node, uid_t uid,
    gid_t gid, mode_t mode)
{
	int fd, result;

	if (!is_path(addr))
		return 0;
	fd = object_open(addr->u.un.sun_path, node);
	if (fd < 0)
		return -1;
	result = object_permit(fd, uid, gid, mode);
	fd_drop(fd);
	return result;
}

void
node_remove(const struct addr *addr, struct object *node)
{
	if (node->inode != 0)
		object_remove(addr->u.un.sun_path, node);
	memset(node, 0, sizeof(*node));
}
