/* What is wrong with a socket. */
#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <netinet/in.h>

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "superd/base/spoiled.h"

static const struct kind {
	int family, type;
} kinds[] = {
	{ AF_INET, SOCK_STREAM },
	{ AF_INET6, SOCK_STREAM },
	{ AF_INET, SOCK_DGRAM },
	{ AF_INET6, SOCK_DGRAM },
	{ AF_UNIX, SOCK_STREAM },
	{ AF_UNIX, SOCK_DGRAM },
	{ AF_UNIX, SOCK_SEQPACKET },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* Bound to a port, or an abstract name, of the system's choice, on the
 * loopback where that is no unix socket. */
static int
make(const struct kind *kind, struct addr *bound)
{
	int fd = socket(kind->family, kind->type | SOCK_NONBLOCK, 0);
	socklen_t length = sizeof(bound->u);

	memset(bound, 0, sizeof(*bound));
	bound->u.sa.sa_family = (sa_family_t)kind->family;
	bound->len = sizeof(sa_family_t);
	if (kind->family == AF_INET) {
		bound->u.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		bound->len = sizeof(bound->u.in);
	} else if (kind->family == AF_INET6) {
		bound->u.in6.sin6_addr = in6addr_loopback;
		bound->len = sizeof(bound->u.in6);
	}
	assert_true(fd >= 0);
	if (bind(fd, &bound->u.sa, bound->len) != 0) {
		close(fd); /* no IPv6 here */
		return -1;
	}
	getsockname(fd, &bound->u.sa, &length);
	bound->len = length;
	if (socktype_listens(kind->type))
		assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static void
a_good_one_is_left_as_it_is(void **state)
{
	struct addr bound;
	char byte;

	(void)state;
	for (int i = 0; i < KINDS; i++) {
		int fd = make(&kinds[i], &bound), client;

		if (fd < 0)
			continue;
		client = socket(kinds[i].family, kinds[i].type, 0);
		assert_int_equal(connect(client, &bound.u.sa, bound.len), 0);
		if (!socktype_listens(kinds[i].type))
			assert_int_equal(send(client, "x", 1, 0), 1);
		for (int j = 0; j < 3; j++)
			assert_null(socket_spoiled(fd, kinds[i].type, &bound));
		if (socktype_listens(kinds[i].type))
			assert_true(accept(fd, NULL, NULL) >= 0);
		else
			assert_int_equal(recv(fd, &byte, 1, 0), 1);
		close(client);
		close(fd);
	}
}

static void
one_that_was_shut_down_is_spoiled(void **state)
{
	static const int hows[] = { SHUT_RD, SHUT_RDWR };
	struct addr bound;

	(void)state;
	for (int i = 0; i < KINDS * 2; i++) {
		const struct kind *kind = &kinds[i / 2];
		int fd = make(kind, &bound);

		if (fd < 0)
			continue;
		shutdown(fd, hows[i % 2]);
		assert_string_equal(socket_spoiled(fd, kind->type, &bound),
		    "shut down");
		close(fd);
	}
}

static bool
is_readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) > 0;
}

/* It gets what comes, but cannot answer. */
static void
one_of_datagrams_that_was_shut_for_writing_is_spoiled(void **state)
{
	struct addr bound;

	(void)state;
	for (int i = 0; i < KINDS; i++) {
		int fd = make(&kinds[i], &bound);

		if (fd < 0)
			continue;
		shutdown(fd, SHUT_WR);
		if (socktype_listens(kinds[i].type))
			assert_null(socket_spoiled(fd, kinds[i].type, &bound));
		else
			assert_string_equal(socket_spoiled(fd, kinds[i].type,
						&bound),
			    "shut down");
		close(fd);
	}
}

/* An error queue that nobody reads. */
static void
errors_are_read(void **state)
{
	static const struct kind udp = { AF_INET, SOCK_DGRAM };
	struct addr bound, nobody;
	int on = 1, fd;

	(void)state;
	fd = make(&udp, &bound);
	close(make(&udp, &nobody));
	setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	sendto(fd, "x", 1, 0, &nobody.u.sa, nobody.len);
	assert_true(is_readable(fd));
	assert_null(socket_spoiled(fd, SOCK_DGRAM, &bound));
	assert_false(is_readable(fd));
	close(fd);
}

/* Whether its port is of the system's choice, and so gone with the peer, or
 * ours. */
static void
one_with_a_peer_is_spoiled(void **state)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct addr bound, other;

	(void)state;
	for (int i = 0; i < KINDS; i++) {
		int fd, peer;

		if (kinds[i].type != SOCK_DGRAM || kinds[i].family == AF_UNIX)
			continue;
		fd = make(&kinds[i], &bound);
		if (fd < 0)
			continue;
		peer = make(&kinds[i], &other);
		assert_int_equal(connect(fd, &other.u.sa, other.len), 0);
		assert_string_equal(socket_spoiled(fd, SOCK_DGRAM, &bound),
		    "connected to a peer");
		connect(fd, &none, sizeof(none));
		assert_string_equal(socket_spoiled(fd, SOCK_DGRAM, &bound),
		    "bound to another port");
		close(fd);
		fd = socket(kinds[i].family, SOCK_DGRAM, 0);
		assert_int_equal(bind(fd, &bound.u.sa, bound.len), 0);
		assert_int_equal(connect(fd, &other.u.sa, other.len), 0);
		assert_string_equal(socket_spoiled(fd, SOCK_DGRAM, &bound),
		    "connected to a peer");
		connect(fd, &none, sizeof(none));
		assert_null(socket_spoiled(fd, SOCK_DGRAM, &bound));
		close(peer);
		close(fd);
	}
}

static void
unix_one_is_disconnected(void **state)
{
	static const struct kind local = { AF_UNIX, SOCK_DGRAM };
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	struct addr bound, other;
	int fd = make(&local, &bound), client = make(&local, &other);

	(void)state;
	assert_int_equal(connect(fd, &other.u.sa, other.len), 0);
	assert_null(socket_spoiled(fd, SOCK_DGRAM, &bound));
	assert_int_equal(getpeername(fd, (struct sockaddr *)&peer, &length),
	    -1);
	close(client);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_one_is_left_as_it_is),
		cmocka_unit_test(one_that_was_shut_down_is_spoiled),
		cmocka_unit_test(
		    one_of_datagrams_that_was_shut_for_writing_is_spoiled),
		cmocka_unit_test(errors_are_read),
		cmocka_unit_test(one_with_a_peer_is_spoiled),
		cmocka_unit_test(unix_one_is_disconnected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
