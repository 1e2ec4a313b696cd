/* sd_notify(3)'s protocol, without the library. */
#include "superd/base/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "superd/base/loop_timer.h"

static struct sockaddr_un target;
static socklen_t target_length;
static bool stores;

static struct {
	long long usec; /* 0: there is none */
	struct loop *loop;
	struct loop_timer timer;
} watchdog;

static void
read_watchdog(void)
{
	const char *pid = getenv("WATCHDOG_PID");
	const char *usec = getenv("WATCHDOG_USEC");

	if (usec == NULL || (pid != NULL && atol(pid) != (long)getpid()))
		return;
	watchdog.usec = atoll(usec);
	if (watchdog.usec < 0)
		watchdog.usec = 0;
}

void
notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	const char *room = getenv("FDSTORE");
	size_t length;

	read_watchdog();
	stores = room != NULL && atol(room) > 0;
	if (path == NULL || (path[0] != '/' && path[0] != '@'))
		return;
	length = strlen(path);
	if (length < 2 || length >= sizeof(target.sun_path))
		return;
	target.sun_family = AF_UNIX;
	memcpy(target.sun_path, path, length);
	target_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    length);
	if (path[0] == '@')
		target.sun_path[0] = '\0';
}

void
notify_send(const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int fd, length;

	if (target_length == 0)
		return;
	va_start(ap, fmt);
	length = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || length < 0)
		return;
	sendto(fd, text, strnlen(text, sizeof(text)),
	    MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&target,
	    target_length);
	close(fd);
}

bool
notify_keeps(void)
{
	return target_length > 0 && stores;
}

static int
send_message(int to, int fd, const char *text)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = "" };
	struct iovec iov = { .iov_len = strlen(text) };
	struct msghdr msg = { .msg_name = &target,
		.msg_namelen = target_length,
		.msg_iov = &iov,
		.msg_iovlen = 1 };
	struct cmsghdr *head = &control.align;

	memcpy(&iov.iov_base, &text, sizeof(text));
	if (fd >= 0) {
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &fd, sizeof(int));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
	}
	return sendmsg(to, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

int
notify_send_fd(int fd, const char *text)
{
	int to = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), error;

	if (to < 0)
		return errno;
	error = send_message(to, fd, text);
	close(to);
	return error;
}

void
notify_reloading(void)
{
	notify_send("RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=reloading",
	    (long long)loop_clock());
}

static void
still_alive(void *arg)
{
	(void)arg;
	notify_send("WATCHDOG=1");
	loop_timer_set(watchdog.loop, &watchdog.timer, watchdog.usec / 2);
}

void
notify_start_watchdog(struct loop *loop)
{
	if (watchdog.usec == 0)
		return;
	watchdog.loop = loop;
	loop_timer_init(&watchdog.timer, still_alive, NULL);
	still_alive(NULL);
}
