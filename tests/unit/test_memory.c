/* Out of memory on a client's path is a refusal, and no end. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/service.h"
#include "superd/base/loop.h"
#include "superd/policy/pause.h"
#include "superd/policy/waiters.h"
#include "superd/running/blocked.h"
#include "superd/running/child.h"
#include "superd/running/line.h"
#include "superd/running/listener_more.h"
#include "superd/running/records.h"
#include "superd/running/renew.h"
#include "superd/running/sources.h"
#include "superd/running/waiting.h"

/* The linker gives us these calls: see the Makefile. */

static bool none; /* there is no memory */

void *__real_calloc(size_t, size_t);
void *__wrap_calloc(size_t, size_t);
void *__real_reallocarray(void *, size_t, size_t);
void *__wrap_reallocarray(void *, size_t, size_t);

void *
__wrap_calloc(size_t count, size_t size)
{
	errno = ENOMEM;
	return none ? NULL : __real_calloc(count, size);
}

void *
__wrap_reallocarray(void *old, size_t count, size_t size)
{
	errno = ENOMEM;
	return none ? NULL : __real_reallocarray(old, count, size);
}

static unsigned calls;

static void
called(void *arg)
{
	char byte;

	calls++;
	assert_int_equal(read(*(int *)arg, &byte, 1), 1);
}

static void
stop(void *arg)
{
	loop_stop(arg);
}

static void
loop_goes_on(struct loop *loop, unsigned expected)
{
	struct loop_timer timer = { .fn = stop, .arg = loop };

	calls = 0;
	loop_timer_set(loop, &timer, 20000);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(calls, expected);
}

static void
the_loop_says_that_it_cannot_watch(void **state)
{
	struct loop *loop = loop_new();
	struct loop_timer timers[100] = { { .fn = NULL } };
	int ends[2], high;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	high = fcntl(ends[0], F_DUPFD, 300);
	assert_true(high >= 300);
	assert_int_equal(write(ends[1], "x", 1), 1);
	none = true;
	assert_int_equal(loop_watch(loop, high, called, &high), -1);
	assert_int_equal(loop_watch_write(loop, high, called, &high), -1);
	assert_int_equal(loop_watch_listener(loop, high, called, &high), -1);
	loop_unwatch(loop, high);
	for (size_t i = 0; i < 100; i++)
		loop_timer_set(loop, &timers[i], 1000000);
	loop_goes_on(loop, 0);
	none = false;
	assert_int_equal(loop_watch(loop, high, called, &high), 0);
	loop_goes_on(loop, 1);
	loop_free(loop);
	close(high);
	close(ends[0]);
	close(ends[1]);
}

static void
add_pid(void *sum, const struct child *child)
{
	*(int *)sum += child->pid;
}

static void
children_are_prepared_for_before_they_are_started(void **state)
{
	struct superd superd = { .children = children_new() };
	struct running running = { .superd = &superd, .place = PLACES };
	const pid_t last = 1000;
	int sum = 0;

	(void)state;
	none = true;
	assert_false(children_prepare(superd.children));
	for (pid_t pid = 1; pid <= last; pid++) {
		none = false;
		assert_true(children_prepare(superd.children));
		/* nor is there any to find them faster */
		none = true;
		assert_true(children_prepare(superd.children));
		child_add(&running, pid, NULL);
	}
	children_each(superd.children, add_pid, &sum);
	assert_int_equal(sum, last * (last + 1) / 2);
	none = false;
	children_free(superd.children);
}

static void
who_cannot_wait_is_given_back(void **state)
{
	struct superd superd = { .sources = sources_new(10),
		.loop = loop_new(),
		.client_bits = { 32, 64 } };
	struct running running = { .superd = &superd, .place = PLACES };
	struct connection client = { .running = &running,
		.fd = open("/dev/null", O_RDWR) };
	int fd = client.fd;

	(void)state;
	superd.waiters = waiters_new(&superd, NULL);
	addr_any(AF_INET, 4711, &client.peer);
	none = true;
	assert_int_equal(waiters_add(&client), -1);
	assert_int_equal(waiters_add_client(&client), -1);
	none = false;
	assert_int_equal(client.fd, fd);
	assert_true(fcntl(fd, F_GETFD) >= 0);
	assert_int_equal(lines_waiting(&running), 0);
	assert_int_equal(waiters_add_client(&client), 0);
	assert_int_equal(client.fd, -1);
	assert_int_equal(lines_waiting(&running), 1);
	lines_drop(&running);
	assert_int_equal(lines_waiting(&running), 0);
	assert_int_equal(lines_all(&superd), 0);
	assert_int_equal(sources_count(superd.sources), 0);
	waiters_free(&superd);
	sources_free(superd.sources);
	loop_free(superd.loop);
}

/* ... and is no spin: the listener stands with those for whom something
 * lacks, not watched. */
static void
what_cannot_be_remembered_of_a_listener_is_a_shortage(void **state)
{
	struct superd superd = { .loop = loop_new() };
	const struct service service = {
		.limits = { .instances = LIMIT_NONE, .rate = { 1, 60 } }
	};
	struct running running = { .superd = &superd,
		.place = PLACES,
		.service = &service };
	struct listener listener = { .running = &running, .fd = -1 };

	(void)state;
	superd.waiters = waiters_new(&superd, NULL);
	none = true;
	listener_futile(&listener);
	assert_int_equal(listener.blocked, BLOCK_HELD);
	assert_string_equal(superd.waiters->shortage, "memory");
	waiters_forget(&listener);
	listener.blocked = 0;
	/* above its rate, and nothing would tell when that is over */
	assert_true(bucket_try(&running.starts, &service.limits.rate,
	    loop_now(superd.loop)));
	assert_false(running_may_start(&running, &listener));
	assert_int_equal(listener.blocked, BLOCK_HELD);
	none = false;
	waiters_forget(&listener);
	listener.blocked = 0;
	assert_non_null(more_get(&listener));
	listener.more->renewed = loop_now(superd.loop);
	listener_futile(&listener);
	assert_int_equal(listener.blocked, 0);
	free(listener.more);
	waiters_free(&superd);
	loop_free(superd.loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_loop_says_that_it_cannot_watch),
		cmocka_unit_test(
		    children_are_prepared_for_before_they_are_started),
		cmocka_unit_test(who_cannot_wait_is_given_back),
		cmocka_unit_test(
		    what_cannot_be_remembered_of_a_listener_is_a_shortage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
