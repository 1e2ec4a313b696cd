/* What an internal process says, and how much of it is believed. */
#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "conf/service.h"
#include "superd/base/clock.h"
#include "superd/base/settings.h"
#include "superd/control/selfcheck.h"
#include "superd/log/log.h"
#include "superd/running/inside.h"
#include "superd/running/records.h"
#include "superd/running/running_more.h"
#include "superd/serve/notices.h"
#include "superd/serve/serving.h"
#include "superd/serve/post.h"
#include "tests/unit/bare.h"

enum { SLOT = 3, MOST = 50000, HELD = 2 * MOST + (1 << 16) };

static const struct options options = { .log_connections = false };

/* A process that serves one service. */
struct scene {
	struct superd superd;
	struct service service;
	struct listener listener;
	struct running *running, *services[1];
	bool gone[1], own[1];
	struct internal internal;
	unsigned lines;
};

static unsigned lookups, pages;

static void
started(struct internal *internal, struct child *child, uint32_t id)
{
	child_connect(child, internal, getpid(), id);
	internal->count++;
}

static void
ended(struct internal *internal, struct child *child)
{
	(void)child;
	internal->count--;
}

static void
look_up(struct internal *internal, struct running *running)
{
	(void)internal;
	(void)running;
	lookups++;
}

static bool
want_page(struct internal *internal, struct child *child, unsigned page)
{
	(void)internal;
	(void)child;
	(void)page;
	pages++;
	return pages == 1;
}

static const struct notices_to to = { started, ended, look_up, want_page };

static bool
count_line(void *arg, const struct record *record)
{
	unsigned *lines = arg;

	(void)record;
	(*lines)++;
	return true;
}

static void
scene_start(struct scene *scene)
{
	struct superd *superd = &scene->superd;

	memset(scene, 0, sizeof(*scene));
	superd->options = &options;
	scene->running = scene->services[0] = bare_start(superd,
	    &scene->service, &scene->listener);
	scene->running->elsewhere = true;
	scene->own[0] = true;
	scene->internal = (struct internal){ .superd = superd,
		.services = scene->services,
		.gone = scene->gone,
		.own = scene->own,
		.nservices = 1,
		.slot = SLOT,
		.most = MOST,
		.pid = getpid(),
		.ring = ring_new() };
	lookups = pages = 0;
	log_divert(count_line, &scene->lines);
}

static void
scene_end(struct scene *scene)
{
	struct child *child;

	for (uint32_t i = 1; i <= HELD + 1; i++) {
		child = children_connection(scene->superd.children,
		    SLOT << SLOT_SHIFT | i);
		if (child != NULL)
			child_drop(child);
	}
	log_divert(NULL, NULL);
	ring_free(scene->internal.ring);
	bare_end(&scene->superd, scene->running, &scene->listener);
}

static bool
say(struct scene *scene, const struct notice *notice)
{
	assert_true(
	    ring_put(scene->internal.ring, notice, sizeof(*notice), "", 0));
	return notices_read(&scene->internal, &to);
}

static void
a_process_has_no_more_connections_than_it_may(void **state)
{
	struct scene scene;
	struct notice notice = { .kind = NOTICE_STARTED };
	bool believed = true;

	(void)state;
	scene_start(&scene);
	/* its own, as many that it was given, and some that are answered */
	for (uint32_t i = 1; i <= HELD; i++) {
		notice.id = SLOT << SLOT_SHIFT | i;
		believed &= say(&scene, &notice);
	}
	assert_true(believed);
	assert_int_equal(scene.internal.count, HELD);
	notice.id++;
	assert_false(say(&scene, &notice));
	assert_int_equal(scene.internal.count, HELD);
	/* where there is room for more, there may be more */
	scene.internal.most = LIMIT_UNSET;
	assert_true(say(&scene, &notice));
	scene_end(&scene);
}

static void
nothing_is_believed_of_services_of_others(void **state)
{
	struct scene scene;
	const struct notice counted = { .kind = NOTICE_COUNTED, .accepted = 5 };
	const struct notice unknown = { .kind = NOTICE_COUNTED, .service = 1 };

	(void)state;
	scene_start(&scene);
	assert_true(say(&scene, &counted));
	assert_int_equal(scene.running->counters.accepted, 5);
	/* one that it knows, and another process serves */
	scene.own[0] = false;
	assert_false(say(&scene, &counted));
	assert_int_equal(scene.running->counters.accepted, 5);
	scene.own[0] = true;
	assert_false(say(&scene, &unknown));
	scene_end(&scene);
}

static void
nothing_is_believed_of_listeners_that_are_not_its_own(void **state)
{
	struct scene scene;
	struct notice notice = { .kind = NOTICE_BLOCKED,
		.value = BLOCK_RATE | BLOCK_INSTANCES,
		.in = 3600 * (uint64_t)SECOND };
	const struct notice waiting = { .kind = NOTICE_WAITING, .id = 9 };

	(void)state;
	scene_start(&scene);
	notice.listener = (uintptr_t)&scene.listener;
	/* a service that asks: the daemon accepts its clients */
	scene.running->elsewhere = false;
	assert_true(say(&scene, &notice) && say(&scene, &waiting));
	assert_int_equal(scene.listener.told, 0);
	assert_int_equal(scene.running->told_waiting, 0);
	assert_false(
	    loop_timer_running(&running_more_of(scene.running)->rate_timer));
	scene.running->elsewhere = true;
	assert_true(say(&scene, &notice) && say(&scene, &waiting));
	assert_int_equal(scene.listener.told, BLOCK_RATE | BLOCK_INSTANCES);
	assert_int_equal(scene.running->told_waiting, 9);
	/* who waits there does not here */
	assert_int_equal(selfcheck_run(&scene.superd), 0);
	scene_end(&scene);
}

static void
pages_are_for_connections_of_its_own(void **state)
{
	struct scene scene;
	const struct notice begin = { .kind = NOTICE_STARTED,
		.id = SLOT << SLOT_SHIFT | 1 };
	struct notice notice = { .kind = NOTICE_PAGE, .id = begin.id };
	struct child *child;

	(void)state;
	scene_start(&scene);
	/* nobody's: there was no memory for it */
	assert_true(say(&scene, &notice));
	assert_int_equal(pages, 0);
	assert_true(say(&scene, &begin) && say(&scene, &notice));
	assert_int_equal(pages, 1);
	/* who is asked may say that it cannot be */
	assert_false(say(&scene, &notice));
	child = children_connection(scene.superd.children, begin.id);
	child->hosted.internal = NULL;
	assert_false(say(&scene, &notice));
	assert_int_equal(pages, 2);
	child->hosted.internal = &scene.internal;
	scene_end(&scene);
}

/* It knows their names, and does not serve them. */
static void
nothing_is_believed_of_services_behind_tcpmux(void **state)
{
	struct scene scene;
	const struct notice begin = { .kind = NOTICE_STARTED,
		.id = SLOT << SLOT_SHIFT | 1,
		.accepted = 5 };

	(void)state;
	scene_start(&scene);
	scene.service.mux = MUX_PLAIN;
	assert_true(say(&scene, &begin));
	assert_int_equal(scene.internal.count, 0);
	assert_int_equal(scene.running->counters.accepted, 0);
	scene_end(&scene);
}

static void
shortages_do_not_fill_the_log(void **state)
{
	struct scene scene;
	const struct notice notice = { .kind = NOTICE_SHORTAGE, .value = 1 };

	(void)state;
	scene_start(&scene);
	for (int i = 0; i < 100; i++)
		assert_true(say(&scene, &notice));
	assert_int_equal(scene.lines, 1);
	scene_end(&scene);
}

static void
hosts_are_not_looked_up_all_the_time(void **state)
{
	struct scene scene;
	const struct notice notice = { .kind = NOTICE_LOOK_UP };

	(void)state;
	scene_start(&scene);
	for (int i = 0; i < 100; i++)
		assert_true(say(&scene, &notice));
	assert_in_range(lookups, 1, 12);
	scene_end(&scene);
}

static void
orders_that_nobody_reads_are_not_kept_for_ever(void **state)
{
	struct scene scene;
	const struct order order = { .kind = ORDER_ENDED };
	pid_t pid = fork();
	int ends[2], status;
	long sent = 0;

	(void)state;
	if (pid == 0)
		for (;;)
			pause();
	scene_start(&scene);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	STAILQ_INIT(&scene.internal.posts);
	scene.internal.channel = ends[0];
	scene.internal.pid = pid;
	while (sent < 1000000 && internal_post(&scene.internal, &order, -1))
		sent++;
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_in_range(sent, 10000, 200000);
	internal_post_drop(&scene.internal);
	assert_int_equal(scene.internal.nposts, 0);
	close(ends[0]);
	close(ends[1]);
	scene_end(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_has_no_more_connections_than_it_may),
		cmocka_unit_test(nothing_is_believed_of_services_of_others),
		cmocka_unit_test(
		    nothing_is_believed_of_listeners_that_are_not_its_own),
		cmocka_unit_test(pages_are_for_connections_of_its_own),
		cmocka_unit_test(nothing_is_believed_of_services_behind_tcpmux),
		cmocka_unit_test(shortages_do_not_fill_the_log),
		cmocka_unit_test(hosts_are_not_looked_up_all_the_time),
		cmocka_unit_test(
		    orders_that_nobody_reads_are_not_kept_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
