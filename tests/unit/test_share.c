/* Fair shares: what holds for services and clients, whatever they do. */
#include "tests/unit/unit.h"

#include "conf/service.h"
#include "superd/policy/waiters.h"
#include "superd/running/child.h"
#include "superd/running/running.h"
#include "superd/running/share.h"
#include "superd/serve/ways.h"
#include "superd/running/sources.h"
#include "superd/running/records.h"

enum { SERVICES = 12, CHILDREN = 256 };

struct scene {
	struct superd superd;
	struct service service;
	char ids[SERVICES][16];
	struct running *running[SERVICES];
	struct child children[CHILDREN];
	size_t count;
};

static void
scene_start(struct scene *scene, unsigned services, unsigned max)
{
	memset(scene, 0, sizeof(*scene));
	RB_INIT(&scene->superd.running_tree);
	scene->superd.loop = loop_new();
	scene->superd.waiters = waiters_new(&scene->superd, NULL);
	scene->superd.sources = sources_new(100);
	scene->superd.client_bits = (struct client_bits){ 32, 64 };
	scene->superd.pools[PLACE_PROCESS].max = max;
	limits_unset(&scene->service.limits);
	for (unsigned i = 0; i < services; i++) {
		snprintf(scene->ids[i], sizeof(scene->ids[i]), "s%u", i);
		scene->running[i] = running_get(&scene->superd, scene->ids[i]);
		scene->running[i]->service = &scene->service;
		scene->running[i]->removed = false;
		scene->running[i]->way = way_of(&scene->service);
		share_define(scene->running[i]);
	}
}

static void
scene_end(struct scene *scene)
{
	while (scene->count > 0)
		share_give_back(&scene->children[--scene->count], ALL_PLACES);
	assert_int_equal(scene->superd.pools[PLACE_PROCESS].used, 0);
	assert_int_equal(sources_count(scene->superd.sources), 0);
	for (unsigned i = 0; i < SERVICES && scene->running[i] != NULL; i++)
		running_remove(scene->running[i]);
	assert_int_equal(scene->superd.pools[PLACE_PROCESS].services, 0);
	assert_int_equal(scene->superd.pools[PLACE_PROCESS].idle, 0);
	waiters_free(&scene->superd);
	sources_free(scene->superd.sources);
	loop_free(scene->superd.loop);
}

static struct addr
client(unsigned n)
{
	struct addr addr;

	addr_any(AF_INET, 4711, &addr);
	addr.u.in.sin_addr.s_addr = htonl((10u << 24) + n);
	return addr;
}

/* A client comes to a service; is it served? */
static bool
comes(struct scene *scene, unsigned service, unsigned n)
{
	struct running *running = scene->running[service];
	struct addr addr = client(n);
	struct child *child = &scene->children[scene->count];

	if (scene->count == CHILDREN || share_service(running) != ADMITTED ||
	    share_client(running, &addr) != ADMITTED)
		return false;
	memset(child, 0, sizeof(*child));
	child->running = running;
	child->peer = addr;
	share_take(child);
	scene->count++;
	return true;
}

static void
leaves(struct scene *scene, size_t i)
{
	share_give_back(&scene->children[i], ALL_PLACES);
	/* the entries of the sources know nothing of children */
	scene->children[i] = scene->children[--scene->count];
}

static unsigned
comes_until_refused(struct scene *scene, unsigned service, unsigned n)
{
	unsigned served = 0;

	while (comes(scene, service, n))
		served++;
	return served;
}

static void
one_client_leaves_a_quarter_to_others(void **state)
{
	struct scene scene;
	unsigned mine;

	(void)state;
	scene_start(&scene, 1, 100);
	assert_int_equal(comes_until_refused(&scene, 0, 1), 75);
	/* the next one gets what is left, up to half of all */
	assert_int_equal(comes_until_refused(&scene, 0, 2), 25);
	leaves(&scene, 0);
	assert_false(comes(&scene, 0, 1));
	assert_true(comes(&scene, 0, 2));
	scene_end(&scene);

	scene_start(&scene, 10, 100);
	mine = comes_until_refused(&scene, 0, 1);
	assert_in_range(mine, 60, 75);
	assert_true(comes(&scene, 0, 2));
	/* nor does it by coming to many services */
	for (unsigned i = 1; i < 10; i++)
		mine += comes_until_refused(&scene, i, 1);
	assert_true(mine < 90);
	for (unsigned i = 0; i < 10; i++)
		assert_true(comes(&scene, i, 3) ||
		    scene.running[i]->places[PLACE_PROCESS] > 10);
	scene_end(&scene);
}

static void
few_places_are_not_divided(void **state)
{
	struct scene scene;

	(void)state;
	for (unsigned max = 1; max < 4; max++) {
		scene_start(&scene, 1, max);
		assert_int_equal(comes_until_refused(&scene, 0, 1), max);
		scene_end(&scene);
	}
}

static void
no_limit_has_no_shares(void **state)
{
	struct scene scene;

	(void)state;
	scene_start(&scene, 2, LIMIT_NONE);
	assert_int_equal(comes_until_refused(&scene, 0, 1), CHILDREN);
	scene_end(&scene);
}

static void
per_source_goes_before_shares(void **state)
{
	struct scene scene;

	(void)state;
	scene_start(&scene, 1, 100);
	scene.service.limits.per_source = LIMIT_NONE;
	assert_int_equal(comes_until_refused(&scene, 0, 1), 100);
	scene_end(&scene);
}

/* Those that hold nothing are served, whatever the others do. */
static void
idle_services_find_a_place_at_any_time(void **state)
{
	const struct pool *pool;
	struct scene scene;

	(void)state;
	srandom(4711);
	for (unsigned max = SERVICES * 2; max < 200; max += 37) {
		scene_start(&scene, SERVICES, max);
		pool = &scene.superd.pools[PLACE_PROCESS];
		for (unsigned i = 0; i < 20000; i++) {
			unsigned n = (unsigned)random();

			if (n % 5 != 0)
				comes(&scene, n / 5 % SERVICES % (1 + i % 7),
				    n / 60 % 5);
			else if (scene.count > 0)
				leaves(&scene, n / 5 % scene.count);
			assert_true(pool->used <= max);
			assert_true(pool->max - pool->used >= pool->idle);
		}
		scene_end(&scene);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_client_leaves_a_quarter_to_others),
		cmocka_unit_test(few_places_are_not_divided),
		cmocka_unit_test(no_limit_has_no_shares),
		cmocka_unit_test(per_source_goes_before_shares),
		cmocka_unit_test(idle_services_find_a_place_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
