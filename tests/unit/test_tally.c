/* The tally: what processes know at once of the places of others. */
#include "tests/unit/unit.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include <unistd.h>

#include "superd/running/tally.h"

enum { PROCESSES = 3, MOST = 5, ROUNDS = 20000 };

static struct prefix
client(unsigned n)
{
	return (struct prefix){ AF_INET, 32,
		{ 192, 0, (uint8_t)(n >> 8), (uint8_t)n } };
}

static void
places_are_counted_over_all_slots(void **state)
{
	struct tally *tally = tally_new();
	struct prefix one = client(1), two = client(2);

	(void)state;
	tally_clear(tally, 7);
	tally_add(tally, 7, &one);
	assert_true(tally_take(tally, &one, 3));
	assert_true(tally_take(tally, &two, 3));
	assert_false(tally_take(tally, &two, 3));
	assert_int_equal(tally_used(tally), 3);
	assert_int_equal(tally_client(tally, &one), 2);
	assert_int_equal(tally_client(tally, &two), 1);
	tally_drop(tally, 0, &two);
	assert_int_equal(tally_client(tally, &two), 0);
	assert_true(tally_take(tally, NULL, 3));
	/* nothing is left of one that died */
	tally_clear(tally, 7);
	assert_int_equal(tally_used(tally), 2);
	assert_int_equal(tally_client(tally, &one), 1);
	tally_free(tally);
}

/* Others never make it less, and seldom more. */
static void
a_client_is_told_from_thousands(void **state)
{
	struct tally *tally = tally_new();
	struct prefix hog = client(0);
	unsigned mistaken = 0;

	(void)state;
	for (unsigned i = 1; i <= 2000; i++) {
		struct prefix other = client(i);

		tally_add(tally, 0, &other);
		tally_add(tally, 0, &hog);
	}
	assert_in_range(tally_client(tally, &hog), 2000, 2100);
	for (unsigned i = 1; i <= 2000; i++) {
		struct prefix other = client(i);

		assert_true(tally_client(tally, &other) >= 1);
		mistaken += tally_client(tally, &other) >= 2000;
	}
	/* the chance is one in 250,000, of each */
	assert_true(mistaken < 5);
	tally_free(tally);
}

static void
services_that_hold_places_are_counted_until_it_retires(void **state)
{
	struct tally *tally = tally_new();

	(void)state;
	tally_hold(tally, 1); /* the daemon's own do not count */
	assert_int_equal(tally_holding(tally), 0);
	tally_clear(tally, 2);
	tally_be(tally, 2);
	tally_hold(tally, 1);
	tally_hold(tally, 1);
	tally_hold(tally, -1);
	assert_int_equal(tally_holding(tally), 1);
	tally_retire(tally);
	tally_hold(tally, -1);
	assert_int_equal(tally_holding(tally), 0);
	tally_free(tally);
}

static void
who_waits_says_so_once(void **state)
{
	struct tally *tally = tally_new();

	(void)state;
	tally_clear(tally, 1);
	tally_be(tally, 1);
	assert_true(tally_want(tally, true));
	assert_false(tally_want(tally, true));
	assert_true(tally_wants(tally, 1));
	assert_false(tally_wants(tally, 0));
	assert_false(tally_want(tally, false));
	assert_false(tally_wants(tally, 1));
	tally_free(tally);
}

/* False: more were taken at once than there are. */
static bool
take_and_give_back(struct tally *tally, unsigned slot, unsigned *held)
{
	const struct prefix mine = client(slot);
	unsigned count = 0;
	bool well = true;

	tally_be(tally, slot);
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (count < MOST && tally_take(tally, &mine, MOST)) {
			count++;
			well &= __atomic_add_fetch(held, 1, __ATOMIC_SEQ_CST) <=
			    MOST;
		} else if (count > 0) {
			__atomic_sub_fetch(held, 1, __ATOMIC_SEQ_CST);
			tally_drop(tally, slot, &mine);
			count--;
		}
	}
	__atomic_sub_fetch(held, count, __ATOMIC_SEQ_CST);
	while (count-- > 0)
		tally_drop(tally, slot, &mine);
	return well;
}

static void
no_race_takes_more_than_there_are(void **state)
{
	struct tally *tally = tally_new();
	unsigned *held = mmap(NULL, sizeof(*held), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	(void)state;
	assert_true(held != MAP_FAILED);
	for (unsigned slot = 1; slot <= PROCESSES; slot++) {
		pid_t pid;

		tally_clear(tally, slot);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			_exit(!take_and_give_back(tally, slot, held));
	}
	for (unsigned i = 0; i < PROCESSES; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(tally_used(tally), 0);
	munmap(held, sizeof(*held));
	tally_free(tally);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_counted_over_all_slots),
		cmocka_unit_test(a_client_is_told_from_thousands),
		cmocka_unit_test(
		    services_that_hold_places_are_counted_until_it_retires),
		cmocka_unit_test(who_waits_says_so_once),
		cmocka_unit_test(no_race_takes_more_than_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
