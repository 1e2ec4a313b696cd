/*
 * What the kernel says about sockets: nothing but the answer itself is read,
 * only the socket that was asked about is believed to be it, and a shortage
 * decides nothing.
 */
/* the source: it remembers what a kernel does not have */
#include "superd/base/sockdiag.c"

#include <fcntl.h>
#include <unistd.h>

#include "superd/base/backlog.h"
#include "tests/fuzz/input.h"

enum { ANSWER_MAX = 17000, COOKIE_OF_INTERNET = 44, COOKIE_OF_UNIX = 8 };

/* What the next answers are made of, and what was in them. */
static struct script {
	struct input input;
	uint8_t behind; /* what is in memory behind an answer */
	uint32_t number;
	uint32_t cookie[2];
	size_t cookie_at;
	bool seen;    /* the cookie was in one */
	bool arrived; /* anything but a shortage */
	unsigned answers;
} script;

int __real_socket(int, int, int);
int __wrap_socket(int, int, int);
ssize_t __wrap_send(int, const void *, size_t, int);
ssize_t __wrap_recv(int, void *, size_t, int);

int
__wrap_socket(int family, int type, int protocol)
{
	return family == AF_NETLINK ?
	    open("/dev/null", O_RDWR | O_CLOEXEC) :
	    __real_socket(family, type, protocol);
}

static bool
short_of(struct input *input)
{
	static const int errors[] = { ENOMEM, ENOBUFS, EAGAIN, EINTR };

	errno = errors[input_byte(input) % 4];
	return input_byte(input) > 0xf0;
}

ssize_t
__wrap_send(int fd, const void *bytes, size_t length, int flags)
{
	struct nlmsghdr head;

	(void)fd;
	(void)flags;
	must(length >= sizeof(head));
	memcpy(&head, bytes, sizeof(head));
	must(head.nlmsg_len == length);
	script.number = head.nlmsg_seq;
	if (short_of(&script.input))
		return -1;
	return (ssize_t)length;
}

static void
put(uint8_t *bytes, size_t length, size_t at, const void *what, size_t size)
{
	if (at <= length && size <= length - at)
		memcpy(bytes + at, what, size);
}

/* Messages that answer this question, about this socket: nobody could guess
 * that. */
static void
make_honest(uint8_t *bytes, size_t length, unsigned how)
{
	const uint16_t type = SOCK_DIAG_BY_FAMILY;
	struct nlmsghdr head;
	size_t at = 0;

	while (length - at >= sizeof(head)) {
		put(bytes, length, at + offsetof(struct nlmsghdr, nlmsg_seq),
		    &script.number, sizeof(script.number));
		if (how & 2)
			put(bytes, length,
			    at + offsetof(struct nlmsghdr, nlmsg_type), &type,
			    sizeof(type));
		if (how & 4)
			put(bytes, length, at + sizeof(head) + script.cookie_at,
			    script.cookie, sizeof(script.cookie));
		memcpy(&head, bytes + at, sizeof(head));
		if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > length ||
		    NLMSG_ALIGN(head.nlmsg_len) > length - at)
			return;
		at += NLMSG_ALIGN(head.nlmsg_len);
	}
}

ssize_t
__wrap_recv(int fd, void *bytes, size_t room, int flags)
{
	struct input *input = &script.input;
	uint8_t *answer = calloc(1, ANSWER_MAX);
	size_t length;
	unsigned how;

	(void)fd;
	must(answer != NULL && (flags & MSG_TRUNC) != 0);
	must(++script.answers < 1000);
	if (input->left == 0 || short_of(input)) {
		free(answer);
		errno = input->left == 0 ? EAGAIN : errno;
		return -1;
	}
	script.arrived = true;
	how = input_byte(input);
	/* longer than what is read at once, now and then */
	length = how & 8 ?
	    ANSWER_MAX :
	    (size_t)input_byte(input) | ((size_t)input_byte(input) & 3) << 8;
	input_bytes(input, answer, length < 1024 ? length : 1024);
	if (how & 1)
		make_honest(answer, length, how);
	script.seen |= memmem(answer, length, script.cookie,
			   sizeof(script.cookie)) != NULL;
	memset(bytes, script.behind, room);
	memcpy(bytes, answer, length < room ? length : room);
	free(answer);
	return (ssize_t)length;
}

static int
kinds_socket(int kind, int *socktype, struct addr *bound)
{
	bool is_unix = kind == OF_UNIX;

	*socktype = kind == OF_UDP ? SOCK_DGRAM : SOCK_STREAM;
	if (is_unix)
		must(addr_parse_unix("@fuzz", bound) == 0);
	else
		must(addr_parse_host("127.0.0.1", 7, bound) == 0);
	return socket(is_unix ? AF_UNIX : AF_INET, *socktype | SOCK_CLOEXEC, 0);
}

struct result {
	enum sockdiag seen;
	struct sockdiag_state state;
	struct backlog backlog;
};

static struct result
look(const struct input *input, uint8_t behind, int kind)
{
	struct result result = { .seen = SOCKDIAG_SEEN };
	socklen_t length = sizeof(script.cookie);
	struct addr bound;
	int socktype;
	int fd = kinds_socket(kind, &socktype, &bound);

	memset(never, 0, sizeof(never));
	memset(&script, 0, sizeof(script));
	script.input = *input;
	script.behind = behind;
	script.cookie_at = kind == OF_UNIX ?
	    COOKIE_OF_UNIX :
	    COOKIE_OF_INTERNET;
	must(fd >= 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_COOKIE, script.cookie, &length) == 0);
	result.seen = sockdiag_look(fd, socktype, &bound, &result.state);
	must(result.seen != SOCKDIAG_SEEN || script.seen);
	must(script.arrived || result.seen == SOCKDIAG_LATER);
	must(never[kind] == (result.seen == SOCKDIAG_NEVER));
	backlog_look(fd, &bound, &result.backlog);
	must(result.backlog.count <= BACKLOG_SEEN);
	close(fd);
	return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	int kind = input_byte(&input) % KINDS;
	struct result one = look(&input, 0, kind);
	struct result other = look(&input, 0xff, kind);
	const struct sockdiag_state *a = &one.state, *b = &other.state;

	must(one.seen == other.seen && a->waiting == b->waiting &&
	    a->connected == b->connected && a->shut_read == b->shut_read &&
	    a->shut_write == b->shut_write);
	must(one.backlog.known == other.backlog.known &&
	    one.backlog.count == other.backlog.count);
	must(memcmp(one.backlog.who, other.backlog.who,
		 one.backlog.count * sizeof(one.backlog.who[0])) == 0 ||
	    script.cookie_at == COOKIE_OF_INTERNET);
	return 0;
}
