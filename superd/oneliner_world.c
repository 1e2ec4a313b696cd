/* Programs, ports and descriptors of "superd run". */
#include "superd/oneliner_world.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/addr.h"
#include "conf/xalloc.h"
#include "superd/base/descriptors.h"
#include "superd/base/settings.h"
#include "superd/base/text.h"
#include "superd/log/log.h"
#include "superd/running/event.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"
#include "superd/running/superd.h"
#include "superd/spawn/daemon.h"

/* Programs. */

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, X_OK) == 0;
}

char *
world_absolute(const char *path)
{
	return absolute_path(path);
}

/* The path, or NULL, and then it is free. */
static char *
if_program(char *path)
{
	if (is_program(path))
		return path;
	free(path);
	return NULL;
}

char *
world_find_program(const char *name)
{
	const char *variable = getenv("PATH");
	char *list, *rest, *one, *found = NULL;

	if (strchr(name, '/') != NULL)
		return if_program(absolute_path(name));
	list = rest = xstrdup(
	    variable != NULL ? variable : "/usr/local/bin:/usr/bin:/bin");
	while (name[0] != '\0' && found == NULL &&
	    (one = strsep(&rest, ":")) != NULL) {
		char *path = xasprintf("%s/%s", one[0] != '\0' ? one : ".",
		    name);

		found = if_program(absolute_path(path));
		free(path);
	}
	free(list);
	return found;
}

/* Ports. */

/*
 * A socket that is bound, and neither listens nor is asked: those that bind its
 * port by number may, for both have SO_REUSEADDR, and the system gives it to
 * nobody who leaves the choice to it.  Of UDP it would get the datagrams, so
 * that it is closed at once.
 */
static int held[16];
static size_t nheld;

static int
bind_any(int family, int type, struct addr *addr)
{
	int fd = fd_high(socket(family, type | SOCK_CLOEXEC, 0)), on = 1,
	    off = 0;
	socklen_t length = sizeof(addr->u);

	if (fd < 0)
		return -1;
	addr_any((sa_family_t)family, 0, addr);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, &addr->u.sa, addr->len) == 0 &&
	    getsockname(fd, &addr->u.sa, &length) == 0)
		return fd;
	close(fd);
	return -1;
}

unsigned
world_free_port(bool udp)
{
	int type = udp ? SOCK_DGRAM : SOCK_STREAM;
	struct addr addr;
	int fd = bind_any(AF_INET6, type, &addr);

	if (fd < 0)
		fd = bind_any(AF_INET, type, &addr);
	if (fd < 0)
		return 0;
	if (udp || nheld == sizeof(held) / sizeof(held[0]))
		close(fd);
	else
		held[nheld++] = fd;
	return addr_port(&addr);
}

/* The descriptor of --ready-fd. */

int
world_take_descriptor(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, FD_HIGH), null;

	if (copy < 0)
		return -1;
	close(fd);
	if (fd > STDERR_FILENO)
		return copy;
	null = open("/dev/null", O_RDWR);
	if (null >= 0 && null != fd) {
		dup2(null, fd);
		close(null);
	}
	return copy;
}

/* A reader that does not read is waited for, but not for long. */
static void
write_all(int fd, const char *bytes, size_t length)
{
	enum { PIECE = 4096, PATIENCE = 1000 };
	struct pollfd writable = { fd, POLLOUT, 0 };

	while (length > 0 && poll(&writable, 1, PATIENCE) > 0) {
		ssize_t n = write(fd, bytes, length < PIECE ? length : PIECE);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			break;
		if (n > 0) {
			bytes += n;
			length -= (size_t)n;
		}
	}
	if (length > 0)
		log_warnx("--ready-fd: nobody reads all addresses");
}

static void
tell_listener(const struct superd *superd, const struct listener *listener,
    struct text *text)
{
	char address[ADDR_TEXT];

	if (listener->fd < 0)
		return;
	if (superd->options->tell_addresses)
		event_bound(listener);
	text_add(text, "%s\n",
	    addr_print(listener->bound, address, sizeof(address)));
}

void
world_tell(struct superd *superd)
{
	const struct options *options = superd->options;
	struct text text = { .bytes = NULL };
	struct running *running;

	if (!options->one_line)
		return;
	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		for (size_t i = 0; i < running->nlisteners; i++)
			tell_listener(superd, running->listeners[i], &text);
	if (options->ready_fd > 0) {
		write_all(options->ready_fd, text.bytes, text.length);
		close(options->ready_fd);
	}
	text_free(&text);
	while (nheld > 0)
		close(held[--nheld]);
}
