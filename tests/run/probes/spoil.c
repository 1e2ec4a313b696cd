/*
 * spoil HOW [LATE [STAY]]: take what woke us, leave the socket in a bad state
 * and end.  LATE: that is done so many milliseconds later by a process that
 * is left behind, which has the socket for STAY milliseconds more.
 * HOW: shutdown, shutread, shutwrite, connect, disconnect, errors (an error
 * queue that nobody reads), nonblock, steal (make it blocking, and take what
 * comes before superd can), lock (hold the lock that getsockname(2) takes:
 * needs the rights of root).
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct sockaddr_storage from;
static socklen_t from_length = sizeof(from);

static void
take(void)
{
	int type = 0;
	socklen_t length = sizeof(type);
	char byte;

	getsockopt(0, SOL_SOCKET, SO_TYPE, &type, &length);
	if (type == SOCK_DGRAM)
		recvfrom(0, &byte, 1, 0, (struct sockaddr *)&from,
		    &from_length);
	else
		close(accept(0, NULL, NULL));
}

/* To a port where nobody is. */
static void
queue_error(void)
{
	struct sockaddr_in nobody = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int on = 1;

	setsockopt(0, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	sendto(0, "x", 1, 0, (struct sockaddr *)&nobody, sizeof(nobody));
}

static void
steal(int milliseconds)
{
	for (int i = 0; i < milliseconds; i++) {
		struct pollfd pfd = { .fd = 0, .events = POLLIN };

		fcntl(0, F_SETFL, 0);
		if (poll(&pfd, 1, 1) == 1)
			close(accept(0, NULL, NULL));
	}
}

/* Give an option whose value is in memory that never comes. */
static void
lock(int milliseconds)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct sock_fprog program = { .len = 1 };

	program.filter = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	range.range.start = (uintptr_t)program.filter;
	range.range.len = size;
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) != 0 ||
	    ioctl(fd, UFFDIO_REGISTER, &range) != 0)
		return;
	alarm((unsigned)milliseconds / 1000);
	setsockopt(0, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static void
spoil(const char *how, int stay)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	if (strcmp(how, "shutdown") == 0)
		shutdown(0, SHUT_RDWR);
	else if (strcmp(how, "shutread") == 0)
		shutdown(0, SHUT_RD);
	else if (strcmp(how, "shutwrite") == 0)
		shutdown(0, SHUT_WR);
	else if (strcmp(how, "connect") == 0)
		connect(0, (struct sockaddr *)&from, from_length);
	else if (strcmp(how, "disconnect") == 0)
		connect(0, &none, sizeof(none));
	else if (strcmp(how, "errors") == 0)
		queue_error();
	else if (strcmp(how, "steal") == 0)
		steal(stay);
	else if (strcmp(how, "lock") == 0)
		lock(stay);
	else
		fcntl(0, F_SETFL, 0);
}

int
main(int argc, char *argv[])
{
	int late = argc > 2 ? atoi(argv[2]) : 0;
	int stay = argc > 3 ? atoi(argv[3]) : 0;

	take();
	if (argc > 2 && fork() != 0)
		return 0;
	usleep((useconds_t)late * 1000);
	spoil(argv[1], stay);
	if (strcmp(argv[1], "steal") != 0)
		usleep((useconds_t)stay * 1000);
	return 0;
}
