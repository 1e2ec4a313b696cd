/* The loop: watching, parking, timers, signals. */
#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>

#include "superd/base/descriptors.h"
#include "superd/base/loop.h"
#include "superd/base/loop_signal.h"

enum { MILLISECOND = 1000 };

struct fixture {
	struct loop *loop;
	struct loop_timer stop;
	char trace[256];
};

static void
stop(void *arg)
{
	struct fixture *f = arg;

	loop_stop(f->loop);
}

static void
start(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->loop = loop_new();
	f->stop.fn = stop;
	f->stop.arg = f;
}

static void
run_for(struct fixture *f, int64_t ms)
{
	loop_timer_set(f->loop, &f->stop, ms * MILLISECOND);
	assert_int_equal(loop_run(f->loop), 0);
}

struct pair {
	struct fixture *f;
	int fds[2];
	unsigned calls;
	char name;
	bool drain;
};

static void
on_read(void *arg)
{
	struct pair *p = arg;
	char byte;
	size_t n = strlen(p->f->trace);

	p->calls++;
	if (n + 1 < sizeof(p->f->trace))
		p->f->trace[n] = p->name;
	if (p->drain)
		assert_int_equal(read(p->fds[0], &byte, 1), 1);
}

static void
open_pair(struct fixture *f, struct pair *p, char name)
{
	memset(p, 0, sizeof(*p));
	p->f = f;
	p->name = name;
	p->drain = true;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, p->fds), 0);
}

static void
close_pair(struct pair *p)
{
	loop_unwatch(p->f->loop, p->fds[0]);
	close(p->fds[0]);
	close(p->fds[1]);
}

static void
timers_run_in_order_and_once(void **state)
{
	struct fixture f;
	struct pair marks[5];
	struct loop_timer timers[5] = { { .fn = NULL } };
	static const int64_t delays[5] = { 30, 10, 50, 20, 40 };

	(void)state;
	start(&f);
	for (int i = 0; i < 5; i++) {
		marks[i] = (struct pair){ .f = &f, .name = (char)('a' + i) };
		timers[i].fn = on_read;
		timers[i].arg = &marks[i];
		loop_timer_set(f.loop, &timers[i], delays[i] * MILLISECOND);
	}
	loop_timer_stop(f.loop, &timers[4]);
	assert_false(loop_timer_running(&timers[4]));
	run_for(&f, 100);
	assert_string_equal(f.trace, "bdac");
	loop_free(f.loop);
}

static void
many_timers_keep_their_order(void **state)
{
	enum { COUNT = 500 };
	static struct loop_timer timers[COUNT];
	static struct pair marks[COUNT];
	struct fixture f;
	unsigned calls = 0;

	(void)state;
	memset(timers, 0, sizeof(timers));
	start(&f);
	srand(1);
	for (int i = 0; i < COUNT; i++) {
		marks[i] = (struct pair){ .f = &f, .name = 'x' };
		timers[i].fn = on_read;
		timers[i].arg = &marks[i];
		loop_timer_set(f.loop, &timers[i], rand() % 20000);
	}
	for (int i = 0; i < COUNT; i += 3)
		loop_timer_stop(f.loop, &timers[i]);
	for (int i = 1; i < COUNT; i += 3)
		loop_timer_set(f.loop, &timers[i], rand() % 20000);
	run_for(&f, 60);
	for (int i = 0; i < COUNT; i++)
		calls += marks[i].calls;
	assert_int_equal(calls, COUNT - (COUNT + 2) / 3);
	loop_free(f.loop);
}

static void
ready_descriptors_take_turns(void **state)
{
	struct fixture f;
	struct pair a, b;

	(void)state;
	start(&f);
	open_pair(&f, &a, 'a');
	open_pair(&f, &b, 'b');
	assert_int_equal(write(a.fds[1], "xxxx", 4), 4);
	assert_int_equal(write(b.fds[1], "xxxx", 4), 4);
	loop_watch(f.loop, a.fds[0], on_read, &a);
	loop_watch(f.loop, b.fds[0], on_read, &b);
	run_for(&f, 20);
	assert_int_equal(strlen(f.trace), 8);
	for (size_t i = 0; i < 8; i += 2)
		assert_int_not_equal(f.trace[i], f.trace[i + 1]);
	close_pair(&a);
	close_pair(&b);
	loop_free(f.loop);
}

static void
listeners_beyond_the_direct_ones_are_served_alike(void **state)
{
	enum { COUNT = 3 * LOOP_DIRECT };
	struct fixture f;
	struct pair pairs[COUNT];

	(void)state;
	start(&f);
	for (int i = 0; i < COUNT; i++) {
		open_pair(&f, &pairs[i], 'x');
		loop_watch_listener(f.loop, pairs[i].fds[0], on_read,
		    &pairs[i]);
	}
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(write(pairs[i].fds[1], "xx", 2), 2);
	run_for(&f, 20);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(pairs[i].calls, 2);
	/* unwatched ones are left alone, whether parked or not */
	for (int i = 0; i < COUNT; i += 2)
		loop_unwatch(f.loop, pairs[i].fds[0]);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(write(pairs[i].fds[1], "x", 1), 1);
	run_for(&f, 20);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(pairs[i].calls, i % 2 ? 3 : 2);
	for (int i = 0; i < COUNT; i++)
		close_pair(&pairs[i]);
	loop_free(f.loop);
}

static void
descriptors_above_1024_are_watched(void **state)
{
	struct fixture f;
	struct pair p;
	int high;

	(void)state;
	if (fds_reserve(3000) != 0)
		skip();
	start(&f);
	open_pair(&f, &p, 'x');
	high = dup2(p.fds[0], 2500);
	assert_int_equal(high, 2500);
	close(p.fds[0]);
	p.fds[0] = high;
	loop_watch(f.loop, high, on_read, &p);
	assert_int_equal(write(p.fds[1], "x", 1), 1);
	run_for(&f, 20);
	assert_int_equal(p.calls, 1);
	close_pair(&p);
	loop_free(f.loop);
}

struct closing {
	struct pair *self, *other;
};

static void
close_other(void *arg)
{
	struct closing *c = arg;

	c->self->calls++;
	loop_unwatch(c->self->f->loop, c->other->fds[0]);
	loop_unwatch(c->self->f->loop, c->self->fds[0]);
}

static void
a_function_may_unwatch_others_of_the_same_round(void **state)
{
	struct fixture f;
	struct pair a, b;
	struct closing ca = { &a, &b }, cb = { &b, &a };

	(void)state;
	start(&f);
	open_pair(&f, &a, 'a');
	open_pair(&f, &b, 'b');
	assert_int_equal(write(a.fds[1], "x", 1), 1);
	assert_int_equal(write(b.fds[1], "x", 1), 1);
	loop_watch(f.loop, a.fds[0], close_other, &ca);
	loop_watch(f.loop, b.fds[0], close_other, &cb);
	run_for(&f, 20);
	assert_int_equal(a.calls + b.calls, 1);
	close_pair(&a);
	close_pair(&b);
	loop_free(f.loop);
}

static void
signals_come_even_when_descriptors_are_always_ready(void **state)
{
	struct fixture f;
	struct pair busy, mark;

	(void)state;
	start(&f);
	open_pair(&f, &busy, 'b');
	busy.drain = false;
	assert_int_equal(write(busy.fds[1], "x", 1), 1);
	loop_watch(f.loop, busy.fds[0], on_read, &busy);
	mark = (struct pair){ .f = &f, .name = 's' };
	signal(SIGUSR1, SIG_IGN);
	loop_signal(f.loop, SIGUSR1, on_read, &mark);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR1);
	run_for(&f, 20);
	assert_int_equal(mark.calls, 1);
	assert_true(busy.calls > 10);
	close_pair(&busy);
	loop_free(f.loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_run_in_order_and_once),
		cmocka_unit_test(many_timers_keep_their_order),
		cmocka_unit_test(ready_descriptors_take_turns),
		cmocka_unit_test(
		    listeners_beyond_the_direct_ones_are_served_alike),
		cmocka_unit_test(descriptors_above_1024_are_watched),
		cmocka_unit_test(
		    a_function_may_unwatch_others_of_the_same_round),
		cmocka_unit_test(
		    signals_come_even_when_descriptors_are_always_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
