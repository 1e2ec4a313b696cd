/* Internal streams as machines, and streams and tunnels in a process of their
 * own that hosts them. */
#include "tests/unit/unit.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "services/host.h"
#include "services/io.h"
#include "services/services.h"
#include "services/stream.h"
#include "services/tunnel.h"
#include "tests/unit/desk.h"

static char block[STREAM_BLOCK];

/* Machines. */

static void
open_stream(struct stream *stream, int *client)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	memset(stream, 0, sizeof(*stream));
	stream->fd = fds[1];
	*client = fds[0];
}

static void
close_stream(struct stream *stream, int client)
{
	stream_free(stream);
	close(stream->fd);
	close(client);
}

static size_t
fill(int fd)
{
	static const char bytes[4096];
	size_t sent = 0;
	ssize_t n;

	while ((n = send(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		sent += (size_t)n;
	return sent;
}

static void
a_step_without_input_waits_for_it(void **state)
{
	static const char *const names[] = { "echo", "discard" };
	struct stream stream;
	int client;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		open_stream(&stream, &client);
		handler_find(names[i])->step(&stream, block);
		assert_false(stream.over);
		assert_int_equal(stream.wanted, EPOLLIN);
		assert_null(stream.rest);
		close_stream(&stream, client);
	}
}

static void
echo_keeps_one_block_at_most_for_a_client_that_does_not_read(void **state)
{
	const struct handler *echo = handler_find("echo");
	struct stream stream;
	uint64_t taken;
	size_t sent = 0;
	int client;

	(void)state;
	open_stream(&stream, &client);
	do {
		sent += fill(client);
		echo->step(&stream, block);
		assert_false(stream.over);
		assert_in_range(stream.held, 0, STREAM_BLOCK);
	} while (stream.held == 0);
	assert_int_equal(stream.wanted, EPOLLOUT);
	/* nothing more is taken until that is gone */
	taken = stream.in;
	for (int i = 0; i < 10; i++)
		echo->step(&stream, block);
	assert_int_equal(stream.in, taken);
	assert_int_equal(stream.out + stream.held, stream.in);
	/* and then nothing is kept */
	while (recv(client, block, sizeof(block), MSG_DONTWAIT) > 0)
		continue;
	assert_true(stream_flush(&stream));
	assert_null(stream.rest);
	close_stream(&stream, client);
	assert_true(sent >= taken);
}

static void
echo_sends_what_it_keeps_after_the_end_of_input(void **state)
{
	const struct handler *echo = handler_find("echo");
	struct stream stream;
	size_t sent = 0, got = 0;
	ssize_t n;
	int client;

	(void)state;
	open_stream(&stream, &client);
	do {
		sent += fill(client);
		echo->step(&stream, block);
	} while (stream.held == 0);
	shutdown(client, SHUT_WR);
	while (!stream.over) {
		while (
		    (n = recv(client, block, sizeof(block), MSG_DONTWAIT)) > 0)
			got += (size_t)n;
		echo->step(&stream, block);
	}
	while ((n = recv(client, block, sizeof(block), MSG_DONTWAIT)) > 0)
		got += (size_t)n;
	assert_int_equal(got, sent);
	assert_int_equal(stream.in, sent);
	assert_int_equal(stream.out, sent);
	close_stream(&stream, client);
}

static void
chargen_stops_at_a_full_socket_and_takes_input(void **state)
{
	const struct handler *chargen = handler_find("chargen");
	struct stream stream;
	uint64_t out;
	int client;

	(void)state;
	open_stream(&stream, &client);
	do {
		out = stream.out;
		chargen->step(&stream, block);
	} while (stream.out > out);
	assert_false(stream.over);
	assert_int_equal(stream.wanted, EPOLLIN | EPOLLOUT);
	assert_null(stream.rest);
	for (int i = 0; i < 100; i++) {
		assert_true(fill(client) > 0 || i > 0);
		chargen->step(&stream, block);
	}
	assert_true(stream.in > (1 << 20));
	/* the end of input: not waited for again */
	shutdown(client, SHUT_WR);
	while (!stream.ended)
		chargen->step(&stream, block);
	chargen->step(&stream, block);
	assert_int_equal(stream.wanted, EPOLLOUT);
	assert_false(stream.over);
	close_stream(&stream, client);
}

static void
discard_takes_a_bounded_amount_in_a_step(void **state)
{
	const struct handler *discard = handler_find("discard");
	struct stream stream;
	int client;

	(void)state;
	open_stream(&stream, &client);
	for (int i = 0; i < 200; i++) {
		uint64_t before = stream.in;

		fill(client);
		discard->step(&stream, block);
		assert_in_range(stream.in - before, 1, 9 * STREAM_BLOCK);
	}
	assert_int_equal(stream.out, 0);
	shutdown(client, SHUT_WR);
	while (!stream.over)
		discard->step(&stream, block);
	close_stream(&stream, client);
}

static void
a_client_that_has_gone_is_over(void **state)
{
	static const char *const names[] = { "echo", "discard", "chargen" };
	struct stream stream;
	int client;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		open_stream(&stream, &client);
		close(client);
		for (int steps = 0; !stream.over && steps < 10; steps++)
			handler_find(names[i])->step(&stream, block);
		assert_true(stream.over);
		close_stream(&stream, -1);
	}
}

/* Hosts. */

static void
wait_end(const struct office *office)
{
	int status;

	alarm(30);
	assert_int_equal(waitpid(office->pid, &status, 0), office->pid);
	alarm(0);
	assert_int_equal(status, 0);
}

/* A new connection, the next in number; our end. */
static int
enter(const struct office *office)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     fds),
	    0);
	give(office->channel, fds[1]);
	close(fds[1]);
	return fds[0];
}

static void
wait_readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&pfd, 1, 20000), 1);
}

static size_t
hear(const struct office *office, struct connection_end *ended, size_t most)
{
	ssize_t n;

	wait_readable(office->channel);
	n = recv(office->channel, ended, most * sizeof(*ended), 0);
	assert_true(n > 0 && (size_t)n % sizeof(*ended) == 0);
	return (size_t)n / sizeof(*ended);
}

static void
exchange(int fd)
{
	char answer[4];

	assert_int_equal(write(fd, "abcd", 4), 4);
	wait_readable(fd);
	assert_int_equal(recv(fd, answer, 4, MSG_WAITALL), 4);
	assert_memory_equal(answer, "abcd", 4);
}

static void
a_host_serves_many_and_is_told_the_end_of_each(void **state)
{
	enum { MANY = 200 };
	struct office office = hire(handler_find("echo"));
	struct connection_end ended[64];
	int fds[MANY];
	bool seen[MANY] = { false };
	size_t told = 0;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		fds[i] = enter(&office);
	for (int i = 0; i < MANY; i++)
		exchange(fds[i]);
	for (int i = 0; i < MANY; i++)
		close(fds[i]);
	while (told < MANY) {
		size_t n = hear(&office, ended, 64);

		for (size_t i = 0; i < n; i++) {
			assert_in_range(ended[i].id, 1, MANY);
			assert_false(seen[ended[i].id - 1]);
			seen[ended[i].id - 1] = true;
			assert_int_equal(ended[i].in, 4);
			assert_int_equal(ended[i].out, 4);
			assert_int_equal(ended[i].error, 0);
		}
		told += n;
	}
	close(office.channel);
	wait_end(&office);
}

static void
connections_go_on_while_no_more_come(void **state)
{
	struct office office = hire(handler_find("echo"));
	int fd = enter(&office), late;

	(void)state;
	exchange(fd);
	/* what was given before the channel was closed is served */
	late = enter(&office);
	close(office.channel);
	exchange(late);
	exchange(fd);
	assert_int_equal(waitpid(office.pid, NULL, WNOHANG), 0);
	close(fd);
	close(late);
	wait_end(&office);
}

/* Tunnels. */

static struct tunnel_target targets[2];

static int
listen_somewhere(struct tunnel_target *target)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&target->addr.sa;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(target, 0, sizeof(*target));
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	target->length = sizeof(*in);
	assert_int_equal(bind(fd, &target->addr.sa, target->length), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, &target->addr.sa, &target->length), 0);
	return fd;
}

static struct office
hire_tunnels(size_t ntargets, unsigned idle)
{
	plan = (struct tunnel_plan){ .ntargets = ntargets,
		.idle = idle,
		.connect = 5 };
	memcpy(plan.targets, targets, sizeof(targets));
	return hire(NULL);
}

static int
accept_one(int listener)
{
	wait_readable(listener);
	return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}

static void
a_tunnel_passes_the_end_of_each_direction_on(void **state)
{
	int listener = listen_somewhere(&targets[0]);
	struct office office = hire_tunnels(1, 0);
	struct connection_end ended;
	int client = enter(&office), target = accept_one(listener);
	char bytes[8];

	(void)state;
	assert_int_equal(write(client, "abc", 3), 3);
	shutdown(client, SHUT_WR);
	wait_readable(target);
	assert_int_equal(recv(target, bytes, 3, MSG_WAITALL), 3);
	wait_readable(target);
	assert_int_equal(read(target, bytes, 8), 0);
	/* the other direction goes on */
	assert_int_equal(write(target, "defgh", 5), 5);
	wait_readable(client);
	assert_int_equal(recv(client, bytes, 5, MSG_WAITALL), 5);
	close(target);
	wait_readable(client);
	assert_int_equal(read(client, bytes, 8), 0);
	assert_int_equal(hear(&office, &ended, 1), 1);
	assert_int_equal(ended.id, 1);
	assert_int_equal(ended.error, 0);
	assert_int_equal(ended.in, 3);
	assert_int_equal(ended.out, 5);
	close(client);
	close(listener);
	close(office.channel);
	wait_end(&office);
}

static unsigned char
octet(size_t at, unsigned seed)
{
	return (unsigned char)(at * 31 + at / 257 + seed);
}

/* Send so many octets and then the end, or check them; in a child. */
static pid_t
stream_octets(int fd, size_t count, unsigned seed, bool sends)
{
	unsigned char bytes[10007];
	pid_t pid = fork();
	size_t at = 0;
	ssize_t n;

	if (pid != 0)
		return pid;
	while (sends && at < count) {
		size_t size = count - at < sizeof(bytes) ?
		    count - at :
		    sizeof(bytes);

		for (size_t i = 0; i < size; i++)
			bytes[i] = octet(at + i, seed);
		if (write_all(fd, bytes, size, -1) != 0)
			_exit(1);
		at += size;
	}
	if (sends)
		shutdown(fd, SHUT_WR);
	while (!sends && (n = read(fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (bytes[i] != octet(at++, seed))
				_exit(2);
	_exit(at == count ? 0 : 3);
}

static void
a_tunnel_loses_no_octet_both_ways_at_once(void **state)
{
	enum { SIZE = 20 << 20 };
	int listener = listen_somewhere(&targets[0]);
	struct office office = hire_tunnels(1, 0);
	struct connection_end ended;
	int client = enter(&office), target = accept_one(listener);
	pid_t pids[4] = { stream_octets(client, SIZE, 1, true),
		stream_octets(client, SIZE + 7, 2, false),
		stream_octets(target, SIZE + 7, 2, true),
		stream_octets(target, SIZE, 1, false) };

	(void)state;
	for (int i = 0; i < 4; i++) {
		int status;

		waitpid(pids[i], &status, 0);
		assert_int_equal(status, 0);
	}
	close(client);
	close(target);
	assert_int_equal(hear(&office, &ended, 1), 1);
	assert_int_equal(ended.in, SIZE);
	assert_int_equal(ended.out, SIZE + 7);
	close(listener);
	close(office.channel);
	wait_end(&office);
}

static void
a_side_that_does_not_read_stops_the_other(void **state)
{
	enum { MOST = 64 << 20 };
	int listener = listen_somewhere(&targets[0]);
	struct office office = hire_tunnels(1, 0);
	int client = enter(&office), target = accept_one(listener);
	size_t sent = 0, got = 0;
	ssize_t n;

	(void)state;
	while (sent < MOST && write_all(client, block, sizeof(block), 500) == 0)
		sent += sizeof(block);
	assert_in_range(sent, 1, MOST / 2);
	shutdown(client, SHUT_WR);
	while ((n = read(target, block, sizeof(block))) > 0)
		got += (size_t)n;
	assert_in_range(got, sent, sent + sizeof(block));
	close(target);
	close(client);
	close(listener);
	close(office.channel);
	wait_end(&office);
}

static void
the_second_target_is_tried_when_the_first_refuses(void **state)
{
	int down = listen_somewhere(&targets[0]);
	int listener = listen_somewhere(&targets[1]);
	struct office office;
	struct connection_end ended;
	int client, target;

	(void)state;
	close(down);
	office = hire_tunnels(2, 0);
	client = enter(&office);
	target = accept_one(listener);
	assert_int_equal(write(client, "abcd", 4), 4);
	wait_readable(target);
	close(client);
	close(target);
	hear(&office, &ended, 1);
	assert_int_equal(ended.error, 0);
	close(listener);
	close(office.channel);
	wait_end(&office);
}

static void
a_target_that_refuses_is_told(void **state)
{
	int down = listen_somewhere(&targets[0]);
	struct office office;
	struct connection_end ended;
	char byte;
	int client;

	(void)state;
	close(down);
	office = hire_tunnels(1, 0);
	client = enter(&office);
	assert_int_equal(hear(&office, &ended, 1), 1);
	assert_int_equal(ended.error, ECONNREFUSED);
	assert_int_equal(read(client, &byte, 1), 0);
	close(client);
	close(office.channel);
	wait_end(&office);
}

static void
an_idle_tunnel_ends_and_a_busy_one_does_not(void **state)
{
	int listener = listen_somewhere(&targets[0]);
	struct office office = hire_tunnels(1, 1);
	struct connection_end ended;
	int idle = enter(&office), idle_target = accept_one(listener);
	int busy = enter(&office), busy_target = accept_one(listener);
	struct pollfd pfd = { .fd = office.channel, .events = POLLIN };
	char byte;

	(void)state;
	for (int i = 0; i < 40 && poll(&pfd, 1, 50) == 0; i++) {
		assert_int_equal(write(busy, "x", 1), 1);
		assert_int_equal(read(busy_target, &byte, 1), 1);
	}
	hear(&office, &ended, 1);
	assert_int_equal(ended.id, 1);
	assert_int_equal(read(idle, &byte, 1), 0);
	assert_int_equal(read(idle_target, &byte, 1), 0);
	close(idle);
	close(idle_target);
	close(busy);
	close(busy_target);
	close(listener);
	close(office.channel);
	wait_end(&office);
}

static void
a_reset_is_passed_on_as_one(void **state)
{
	static const struct linger now = { 1, 0 };
	int listener = listen_somewhere(&targets[0]);
	struct office office = hire_tunnels(1, 0);
	struct tunnel_target where;
	int door = listen_somewhere(&where);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int inside, target;
	char byte;

	(void)state;
	assert_int_equal(connect(client, &where.addr.sa, where.length), 0);
	inside = accept_one(door);
	give(office.channel, inside);
	close(inside);
	target = accept_one(listener);
	setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(client);
	wait_readable(target);
	assert_int_equal(read(target, &byte, 1), -1);
	assert_int_equal(errno, ECONNRESET);
	close(target);
	close(door);
	close(listener);
	close(office.channel);
	wait_end(&office);
}

static size_t
descriptors_of(pid_t pid)
{
	char path[64];
	size_t count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static void
tunnels_hold_pipes_only_while_data_is_under_way(void **state)
{
	enum { TUNNELS = 8, SIZE = 8 << 20 };
	int listener = listen_somewhere(&targets[0]);
	struct office office = hire_tunnels(1, 0);
	int clients[TUNNELS], ends[TUNNELS];
	size_t before, pipes = 0;

	(void)state;
	for (uint32_t i = 0; i < TUNNELS; i++) {
		clients[i] = enter(&office);
		ends[i] = accept_one(listener);
	}
	before = descriptors_of(office.pid);
	/* one after the other: they all take the same pipe */
	for (int i = 0; i < TUNNELS; i++) {
		pid_t sender = stream_octets(ends[i], SIZE, 1, true);
		pid_t reader = stream_octets(clients[i], SIZE, 1, false);
		int status;

		waitpid(sender, NULL, 0);
		waitpid(reader, &status, 0);
		assert_int_equal(status, 0);
	}
	pipes = (descriptors_of(office.pid) - before) / 2;
	assert_in_range(pipes, 0, 1);
	for (int i = 0; i < TUNNELS; i++) {
		close(clients[i]);
		close(ends[i]);
	}
	close(listener);
	close(office.channel);
	wait_end(&office);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_without_input_waits_for_it),
		cmocka_unit_test(
		    echo_keeps_one_block_at_most_for_a_client_that_does_not_read),
		cmocka_unit_test(
		    echo_sends_what_it_keeps_after_the_end_of_input),
		cmocka_unit_test(
		    chargen_stops_at_a_full_socket_and_takes_input),
		cmocka_unit_test(discard_takes_a_bounded_amount_in_a_step),
		cmocka_unit_test(a_client_that_has_gone_is_over),
		cmocka_unit_test(
		    a_host_serves_many_and_is_told_the_end_of_each),
		cmocka_unit_test(connections_go_on_while_no_more_come),
		cmocka_unit_test(a_tunnel_passes_the_end_of_each_direction_on),
		cmocka_unit_test(a_tunnel_loses_no_octet_both_ways_at_once),
		cmocka_unit_test(a_side_that_does_not_read_stops_the_other),
		cmocka_unit_test(
		    the_second_target_is_tried_when_the_first_refuses),
		cmocka_unit_test(a_target_that_refuses_is_told),
		cmocka_unit_test(an_idle_tunnel_ends_and_a_busy_one_does_not),
		cmocka_unit_test(a_reset_is_passed_on_as_one),
		cmocka_unit_test(
		    tunnels_hold_pipes_only_while_data_is_under_way),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
