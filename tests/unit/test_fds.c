/* Descriptors: closing connections. */
#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <netinet/in.h>

#include <stdbool.h>
#include <unistd.h>

#include "superd/base/descriptors.h"

enum { BLOCK = 65536 };

static void
tcp_pair(int fds[2])
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(sin);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(listener, (struct sockaddr *)&sin, length), 0);
	assert_int_equal(listen(listener, 1), 0);
	getsockname(listener, (struct sockaddr *)&sin, &length);
	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fds[0], (struct sockaddr *)&sin, length), 0);
	fds[1] = accept(listener, NULL, NULL);
	assert_true(fds[1] >= 0);
	close(listener);
}

/* A client that sends as fast as we read. */
static bool endless;
static unsigned calls;

ssize_t
recv(int fd, void *bytes, size_t size, int flags)
{
	if (!endless)
		return recvfrom(fd, bytes, size, flags, NULL, NULL);
	return calls++ < 1000000 ? (ssize_t)size : 0;
}

static void
a_client_that_goes_on_sending_is_not_waited_for(void **state)
{
	int fds[2];

	(void)state;
	tcp_pair(fds);
	endless = true;
	close_politely(fds[1]);
	endless = false;
	close(fds[0]);
	assert_in_range(calls, 1, 16);
}

/* What was there when we closed is gone without an error for its sender. */
static void
let_go(int fds[2], size_t octets)
{
	static char block[BLOCK];
	ssize_t sent;
	char byte;

	for (size_t n = 0; n < octets; n += (size_t)sent) {
		sent = send(fds[0], block,
		    octets - n < BLOCK ? octets - n : BLOCK, MSG_DONTWAIT);
		if (sent <= 0)
			break;
	}
	assert_int_equal(send(fds[1], "x", 1, 0), 1);
	close_politely(fds[1]);
	assert_int_equal(recv(fds[0], &byte, 1, 0), 1);
	assert_int_equal(recv(fds[0], &byte, 1, 0), 0);
	close(fds[0]);
}

static void
what_was_sent_before_the_end_causes_no_reset(void **state)
{
	static const size_t sizes[] = { 0, 1, 1023, 1024, 1025, 60000 };
	int fds[2];

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		tcp_pair(fds);
		let_go(fds, sizes[i]);
		if (sizes[i] > 20000)
			continue; /* more than our calls take of it */
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		let_go(fds, sizes[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_client_that_goes_on_sending_is_not_waited_for),
		cmocka_unit_test(what_was_sent_before_the_end_causes_no_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
