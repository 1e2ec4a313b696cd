/* The lock on a configuration. */
#include "superd/instance.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "superd/base/descriptors.h"
#include "superd/log/log.h"

enum { TRIES = 50, PAUSE = 10000, QUEUE = 16 };

static int lock = -1;
static struct loop *watching;

/* FNV-1a, 64 bits. */
static uint64_t
hash(const char *text)
{
	uint64_t value = 0xcbf29ce484222325;

	for (; *text != '\0'; text++)
		value = (value ^ (unsigned char)*text) * 0x100000001b3;
	return value;
}

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/*
 * What a file is whoever looks at it: editors make a new file, and another
 * root directory has other files under the same name, but a directory with
 * a name in it stays the same.  False: there is none.
 */
static bool
make_name(const struct options *options, struct sockaddr_un *sun,
    socklen_t *length)
{
	char path[PATH_MAX], key[3 * PATH_MAX], *base;
	struct stat st;

	if (realpath(options->file, path) == NULL)
		return false;
	base = strrchr(path, '/') + 1;
	snprintf(key, sizeof(key), "%s\n%s\n%s", base,
	    or_empty(options->directory), or_empty(options->address));
	base[0] = '\0';
	if (stat(path, &st) != 0)
		return false;
	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	*length = (socklen_t)offsetof(struct sockaddr_un, sun_path) + 1 +
	    (socklen_t)snprintf(sun->sun_path + 1, sizeof(sun->sun_path) - 1,
		"superd/%jx/%jx/%016jx", (uintmax_t)st.st_dev,
		(uintmax_t)st.st_ino, (uintmax_t)hash(key));
	return true;
}

/* Who listens there, as of its listen(2).  0, or an errno. */
static int
ask_holder(const struct sockaddr_un *sun, socklen_t length,
    struct ucred *holder)
{
	socklen_t size = sizeof(*holder);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0;

	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)sun, length) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, holder, &size) != 0)
		error = errno;
	close(fd);
	return error;
}

enum taken { TAKEN, TAKE_AGAIN, NOT_TAKEN };

static enum taken
look_at_holder(const struct options *options, const struct sockaddr_un *sun,
    socklen_t length)
{
	struct ucred holder = { .uid = (uid_t)-1 };
	int error = ask_holder(sun, length, &holder);

	if (error == ECONNREFUSED)
		return TAKE_AGAIN; /* it comes, or it goes */
	if (error != 0 || (holder.uid != 0 && holder.uid != geteuid())) {
		log_warnx(
		    "error lock: its name is taken by %s, who is not trusted",
		    error != 0 ? "somebody" : "another user");
		return TAKEN;
	}
	log_warnx("%s: superd is already running, pid %d", options->file,
	    (int)holder.pid);
	return NOT_TAKEN;
}

static enum taken
take(const struct options *options, const struct sockaddr_un *sun,
    socklen_t length)
{
	int fd = fd_high(
	    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));

	if (fd >= 0 && bind(fd, (const struct sockaddr *)sun, length) == 0 &&
	    listen(fd, QUEUE) == 0) {
		lock = fd;
		return TAKEN;
	}
	if (fd >= 0)
		fd_drop(fd);
	if (errno == EADDRINUSE)
		return look_at_holder(options, sun, length);
	log_warn("error lock");
	return TAKEN;
}

int
instance_lock(const struct options *options)
{
	enum taken taken = TAKE_AGAIN;
	struct sockaddr_un sun;
	socklen_t length;

	if (lock >= 0 || !make_name(options, &sun, &length))
		return 0; /* loading it says why */
	for (int i = 0; taken == TAKE_AGAIN && i < TRIES; i++) {
		if (i > 0)
			usleep(PAUSE);
		taken = take(options, &sun, length);
	}
	return taken == NOT_TAKEN ? -1 : 0;
}

void
instance_resume(int fd)
{
	lock = fd;
}

int
instance_fd(void)
{
	return lock;
}

/* Whoever asks has seen who we are: it is room for the next one. */
static void
drop_asker(void *arg)
{
	int fd = accept4(lock, NULL, NULL, SOCK_CLOEXEC);

	(void)arg;
	if (fd >= 0)
		close(fd);
}

void
instance_watch(struct loop *loop)
{
	if (lock < 0)
		return;
	watching = loop;
	loop_watch(loop, lock, drop_asker, NULL);
}

void
instance_unlock(void)
{
	if (lock < 0)
		return;
	if (watching != NULL)
		loop_unwatch(watching, lock);
	close(lock);
	lock = -1;
}
