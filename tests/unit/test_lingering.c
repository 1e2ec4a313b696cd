/* Connections that are closed a moment later. */
#include "tests/unit/unit.h"

#include <sys/socket.h>

#include <signal.h>
#include <unistd.h>

#include "superd/base/clock.h"
#include "superd/running/lingering.h"

static struct superd superd;
static bool reads; /* what a process with rights must not do */

ssize_t
recv(int fd, void *bytes, size_t size, int flags)
{
	reads = true;
	return recvfrom(fd, bytes, size, flags, NULL, NULL);
}

static int
setup(void **state)
{
	(void)state;
	memset(&superd, 0, sizeof(superd));
	superd.loop = loop_new();
	superd.lingering = lingering_new(&superd);
	reads = false;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	lingering_free(superd.lingering);
	loop_free(superd.loop);
	return 0;
}

/* Its client, who has been told "x". */
static int
refused(bool has_sent)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	if (has_sent)
		assert_int_equal(write(ends[0], "abc", 3), 3);
	assert_int_equal(write(ends[1], "x", 1), 1);
	lingering_close(&superd, ends[1]);
	return ends[0];
}

/* What comes after "x": 0, an end, or -1, a reset. */
static ssize_t
end_of(int client)
{
	char bytes[2];

	assert_int_equal(read(client, bytes, sizeof(bytes)), 1);
	return read(client, bytes, sizeof(bytes));
}

static bool
is_open(int client)
{
	return write(client, "x", 1) == 1;
}

static void
whoever_has_sent_something_is_told_of_the_end_first(void **state)
{
	int client = refused(true);

	(void)state;
	assert_int_equal(end_of(client), 0);
	assert_true(is_open(client));
	assert_false(reads);
	close(client);
}

static void
whoever_has_sent_nothing_does_not_wait(void **state)
{
	int client = refused(false);

	(void)state;
	assert_int_equal(end_of(client), 0);
	assert_false(is_open(client));
	assert_false(reads);
	close(client);
}

static void
the_oldest_makes_room(void **state)
{
	int clients[LINGERING_MAX + 3];

	(void)state;
	for (int i = 0; i < LINGERING_MAX + 3; i++)
		clients[i] = refused(true);
	for (int i = 0; i < LINGERING_MAX + 3; i++) {
		assert_int_equal(is_open(clients[i]), i >= 3);
		close(clients[i]);
	}
}

static void
stop(void *arg)
{
	loop_stop(arg);
}

static void
each_ends_after_two_seconds(void **state)
{
	int clients[] = { refused(true), refused(true) };
	int64_t before = loop_clock();
	struct loop_timer timer = { 0 };

	(void)state;
	loop_timer_init(&timer, stop, superd.loop);
	loop_timer_set(superd.loop, &timer, 2 * SECOND + 100 * MILLISECOND);
	loop_run(superd.loop);
	assert_true(loop_clock() - before >= 2 * SECOND);
	for (int i = 0; i < 2; i++) {
		assert_false(is_open(clients[i]));
		close(clients[i]);
	}
	/* and others come */
	clients[0] = refused(true);
	assert_true(is_open(clients[0]));
	close(clients[0]);
}

static void
all_end_where_descriptors_are_needed(void **state)
{
	int clients[] = { refused(true), refused(true) };

	(void)state;
	lingering_end(&superd);
	for (int i = 0; i < 2; i++) {
		assert_false(is_open(clients[i]));
		close(clients[i]);
	}
}

/* Its descriptors are not those of the daemon that it was forked from. */
static void
an_internal_process_reads_and_ends_nothing_of_the_daemons(void **state)
{
	int client = refused(true), other;

	(void)state;
	superd.inside = (struct inside *)&superd;
	lingering_end(&superd);
	assert_true(is_open(client));
	other = refused(true);
	assert_true(reads);
	assert_int_equal(end_of(other), 0);
	assert_false(is_open(other));
	close(client);
	close(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(whoever_has_sent_something_is_told_of_the_end_first),
		TEST(whoever_has_sent_nothing_does_not_wait),
		TEST(the_oldest_makes_room),
		TEST(each_ends_after_two_seconds),
		TEST(all_end_where_descriptors_are_needed),
		TEST(an_internal_process_reads_and_ends_nothing_of_the_daemons),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
