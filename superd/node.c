/* Unix socket nodes. */
#include "superd/node.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool
is_path(const struct addr *addr)
{
	return addr->u.sa.sa_family == AF_UNIX &&
	    addr->u.un.sun_path[0] != '\0';
}

/* 0 if the place is free now. */
static int
remove_stale(const struct addr *addr, int socktype)
{
	struct stat st;
	int fd, result;

	if (lstat(addr->u.un.sun_path, &st) != 0)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return -1;
	}
	fd = socket(AF_UNIX, socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	result = connect(fd, &addr->u.sa, addr->len);
	if (result == 0 || errno != ECONNREFUSED) {
		close(fd);
		errno = EADDRINUSE;
		return -1;
	}
	close(fd);
	return unlink(addr->u.un.sun_path);
}

int
node_bind(int fd, const struct addr *addr, int socktype, struct node *node)
{
	struct stat st;
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
	if (result != 0 || lstat(addr->u.un.sun_path, &st) != 0)
		return -1;
	node->device = st.st_dev;
	node->inode = st.st_ino;
	return 0;
}

int
node_permit(const struct addr *addr, uid_t uid, gid_t gid, mode_t mode)
{
	const char *path = addr->u.un.sun_path;

	if (!is_path(addr))
		return 0;
	if ((uid != (uid_t)-1 || gid != (gid_t)-1) &&
	    lchown(path, uid, gid) != 0)
		return -1;
	return chmod(path, mode);
}

void
node_remove(const struct addr *addr, struct node *node)
{
	struct stat st;

	if (node->inode == 0)
		return;
	if (lstat(addr->u.un.sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    st.st_dev == node->device && st.st_ino == node->inode)
		unlink(addr->u.un.sun_path);
	memset(node, 0, sizeof(*node));
}
