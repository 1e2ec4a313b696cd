/* What is read off the state: its pages, and whether it agrees with itself. */
#include "tests/unit/unit.h"

#include <netinet/in.h>

#include <unistd.h>

#include "conf/conf.h"
#include "superd/base/generation.h"
#include "superd/control/selfcheck.h"
#include "superd/running/waiting.h"
#include "superd/pages.h"
#include "tests/unit/bare.h"

/* One service with a socket, and a child, which is this process. */
struct scene {
	struct superd superd;
	struct service service;
	struct listener listener;
	struct addr bound;
	struct listener *list[1];
	struct running *running;
	struct child *child;
};

static void
scene_start(struct scene *scene)
{
	struct addr peer;

	memset(scene, 0, sizeof(*scene));
	scene->superd.pages = superd_pages;
	scene->superd.npages = superd_npages;
	scene->service.protocol = IPPROTO_TCP;
	scene->running = bare_start(&scene->superd, &scene->service,
	    &scene->listener);
	addr_any(AF_INET, 7, &scene->bound);
	scene->listener.bound = &scene->bound;
	addr_parse_host("192.0.2.7", 4711, &peer);
	scene->child = child_add(scene->running, getpid(), &peer);
}

static void
scene_end(struct scene *scene)
{
	scene->running->children = 0;
	bare_end(&scene->superd, scene->running, &scene->listener);
}

static void
expect_page(struct scene *scene, const char *name, const char *expected)
{
	int page = page_find(&scene->superd, name, NULL);
	struct text text = { 0 };

	assert_true(page >= 0);
	page_write(&scene->superd, (unsigned)page, &text);
	assert_string_equal(text.bytes, expected);
	text_free(&text);
}

static void
pages_have_a_line_for_each(void **state)
{
	struct scene scene;
	struct text text = { 0 };
	char line[64];

	(void)state;
	scene_start(&scene);
	expect_page(&scene, "services", "one tcp 7 0.0.0.0\n");
	snprintf(line, sizeof(line), "one %d 0 192.0.2.7:4711\n",
	    (int)getpid());
	expect_page(&scene, "servers", line);
	/* a socket that is not bound is none */
	scene.service.mux = MUX_PLAIN;
	scene.listener.fd = -1;
	expect_page(&scene, "services", "one tcpmux - -\n");
	scene.running->removed = true;
	page_write(&scene.superd,
	    (unsigned)page_find(&scene.superd, "services", NULL), &text);
	assert_null(text.bytes);
	assert_int_equal(page_find(&scene.superd, "echo", NULL), -1);
	/* one that has paths has no other */
	assert_true(page_find(&scene.superd, "metrics", "/metrics") >= 0);
	assert_int_equal(page_find(&scene.superd, "metrics", "/"), -1);
	assert_int_equal(page_find(&scene.superd, "metrics", NULL), -1);
	scene_end(&scene);
}

static void
what_does_not_agree_is_found(void **state)
{
	struct scene scene;
	struct region region;

	(void)state;
	scene_start(&scene);
	assert_int_equal(selfcheck_run(&scene.superd), 0);
	/* of its service, and of all */
	scene.running->children++;
	assert_int_equal(selfcheck_run(&scene.superd), 2);
	scene.running->children--;
	scene.superd.waiters->connections++;
	scene.superd.pools[PLACE_TALK].used++;
	scene.superd.pools[PLACE_PROCESS].idle++;
	assert_int_equal(selfcheck_run(&scene.superd), 3);
	memset(scene.superd.pools, 0, sizeof(scene.superd.pools));
	scene.superd.waiters->connections = 0;
	scene.listener.blocked = BLOCK_BUSY;
	assert_int_equal(selfcheck_run(&scene.superd), 1);
	scene.listener.blocked = BLOCK_UNBOUND;
	assert_int_equal(selfcheck_run(&scene.superd), 1);
	scene.listener.blocked = 0;
	scene.listener.fd = 1000000;
	assert_int_equal(selfcheck_run(&scene.superd), 1);
	scene.listener.fd = 0;
	scene.child->listener = &scene.listener;
	assert_int_equal(selfcheck_run(&scene.superd), 1);
	scene.listener.server = scene.child;
	scene.listener.blocked = BLOCK_BUSY;
	assert_int_equal(selfcheck_run(&scene.superd), 0);
	/* a configuration that runs, in which its service is not */
	assert_int_equal(region_reserve(&region, 1 << 20), -1);
	assert_int_equal(region_reserve(&region, 8 << 20), 0);
	assert_int_equal(generation_add(&scene.superd.generations, &region), 0);
	assert_null(region.base);
	assert_int_equal(selfcheck_run(&scene.superd), 1);
	generations_free(&scene.superd.generations);
	scene_end(&scene);
}

static void
what_internal_processes_keep_is_compared(void **state)
{
	struct scene scene;
	struct internal internal = { .pid = getpid(), .channel = -1 };
	struct source_entry nobodys = { .children = 0 };

	(void)state;
	scene_start(&scene);
	internal.superd = &scene.superd;
	TAILQ_INIT(&internal.connections);
	child_connect(scene.child, &internal, internal.pid, 7);
	TAILQ_INSERT_TAIL(&internal.connections, scene.child, hosted.mates);
	internal.count++;
	/* of a process that nobody knows */
	assert_int_equal(selfcheck_run(&scene.superd), 1);
	scene.child->source = &nobodys;
	assert_int_equal(selfcheck_run(&scene.superd), 2);
	scene.child->handed = 1000000;
	assert_int_equal(selfcheck_run(&scene.superd), 3);
	scene_end(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_have_a_line_for_each),
		cmocka_unit_test(what_does_not_agree_is_found),
		cmocka_unit_test(what_internal_processes_keep_is_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
