/* The loader: whatever becomes of the process that loads. */
#include "tests/unit/unit.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/loop_signal.h"
#include "superd/base/watched.h"
#include "superd/loader.h"
#include "superd/spawn/process.h"

/* Built in the arena: a list whose pointers are good in the daemon. */
struct link {
	struct link *next;
	int number;
};

enum { LINKS = 10000, SECONDS = 20 };

static int mode;
static const char constant[] = "constant";

struct test {
	struct loop *loop;
	struct loader *loader;
	struct loaded loaded;
	int calls;
};

static void
on_loaded(void *arg, struct loaded *loaded)
{
	struct test *test = arg;

	test->loaded = *loaded;
	test->calls++;
	loop_stop(test->loop);
}

static void
on_child(void *arg)
{
	int status;
	pid_t pid;

	(void)arg;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		process_ended(pid, status, NULL);
}

static int
setup(void **state)
{
	struct test *test = calloc(1, sizeof(*test));

	test->loop = loop_new();
	test->loader = loader_new(test->loop, on_loaded, test);
	*state = test;
	return loop_signal(test->loop, SIGCHLD, on_child, test);
}

static int
teardown(void **state)
{
	struct test *test = *state;

	loader_free(test->loader);
	loop_free(test->loop);
	free(test);
	return 0;
}

static const void *
build_list(void *arg, struct arena *arena)
{
	struct link *first = NULL;

	(void)arg;
	for (int i = 0; i < LINKS; i++) {
		struct link *link = arena_take(arena, sizeof(*link));

		link->next = first;
		link->number = i;
		first = link;
	}
	return first;
}

static void *
tell_text(void *arg, struct arena *arena)
{
	const char **told = arena_take(arena, 2 * sizeof(*told));

	(void)arg;
	told[0] = arena_text(arena, "told");
	told[1] = constant;
	return told;
}

static size_t
count_fds(void)
{
	DIR *directory = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(directory);
	while (readdir(directory) != NULL)
		count++;
	closedir(directory);
	return count;
}

/* What it has: descriptors, signals that are blocked, its group. */
struct state {
	size_t fds;
	bool blocked, leads;
};

static const void *
build_state(void *arg, struct arena *arena)
{
	struct state *own = arena_take(arena, sizeof(*own));
	sigset_t mask;

	(void)arg;
	own->fds = count_fds();
	own->leads = getpgrp() == getpid();
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int signo = 1; signo < SIGRTMIN; signo++)
		own->blocked |= sigismember(&mask, signo) == 1;
	return own;
}

static const struct loader_job list_job = {
	.seconds = SECONDS, .build = build_list, .tell = tell_text
};

static void
load(struct test *test, const struct loader_job *job)
{
	test->calls = 0;
	assert_int_equal(loader_start(test->loader, job), 0);
	assert_true(loader_running(test->loader));
	loop_run(test->loop);
	assert_int_equal(test->calls, 1);
	assert_false(loader_running(test->loader));
}

static void
check_list(const struct loaded *loaded)
{
	const struct link *link = loaded->built;
	const char *const *told = loaded->told;

	assert_non_null(link);
	for (int i = LINKS - 1; i >= 0; i--, link = link->next) {
		assert_true(region_holds(&loaded->region, link, sizeof(*link)));
		assert_int_equal(link->number, i);
	}
	assert_null(link);
	assert_string_equal(told[0], "told");
	assert_ptr_equal(told[1], constant);
}

static void
what_was_built_is_read_where_it_was_built(void **state)
{
	struct test *test = *state;

	load(test, &list_job);
	check_list(&test->loaded);
	region_free(&test->loaded.region);
}

static void
what_was_told_goes_and_the_rest_stays(void **state)
{
	struct test *test = *state;
	const struct link *link;
	char **told;

	load(test, &list_job);
	told = test->loaded.told;
	told[0] = NULL; /* it may be written to */
	region_trim(&test->loaded.region);
	assert_int_equal(test->loaded.region.size, test->loaded.region.lasting);
	link = test->loaded.built;
	assert_int_equal(link->number, LINKS - 1);
	region_free(&test->loaded.region);
}

/* The status of a child that does this. */
static int
status_of(void (*fn)(const struct loaded *), const struct loaded *loaded)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		/* a sanitizer would report what is expected */
		signal(SIGSEGV, SIG_DFL);
		fn(loaded);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
write_to_it(const struct loaded *loaded)
{
	*(volatile int *)(uintptr_t) &
	    ((const struct link *)loaded->built)->number = 1;
}

static void
who_writes_to_a_model_dies_of_it(void **state)
{
	struct test *test = *state;
	int status;

	load(test, &list_job);
	status = status_of(write_to_it, &test->loaded);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	region_free(&test->loaded.region);
}

/* Failures. */

static const void *
build_badly(void *arg, struct arena *arena)
{
	static const char words[] = "the reason\n";
	struct arena small;
	char memory[64];

	(void)arg;
	arena_take(arena, 1000);
	switch (mode) {
	case 0:
		dprintf(STDERR_FILENO, "%s", words);
		exit(2); /* as libconfuse's scanner */
	case 1:
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
		break;
	case 2:
		kill(0, SIGKILL); /* its group is not the daemon's */
		break;
	case 3:
		arena_init(&small, memory, sizeof(memory));
		arena_take(&small, 100);
		break;
	case 4:
		_exit(0); /* in the middle, and all is well? */
	default:
		for (;;)
			pause();
	}
	return NULL;
}

static void
fails_with(struct test *test, int how, unsigned seconds, const char *reason)
{
	struct loader_job job = list_job;

	mode = how;
	job.build = build_badly;
	job.seconds = seconds;
	load(test, &job);
	assert_null(test->loaded.built);
	assert_null(test->loaded.region.base);
	if (strstr(test->loaded.reason, reason) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", reason,
		    test->loaded.reason);
}

static void
every_end_of_the_loader_is_a_reason(void **state)
{
	struct test *test = *state;

	fails_with(test, 0, SECONDS, "ended with status 2: the reason");
	fails_with(test, 1, SECONDS, "signal 11 (Segmentation fault)");
	fails_with(test, 2, SECONDS, "signal 9 (Killed)");
	fails_with(test, 3, SECONDS, "out of memory");
	fails_with(test, 4, SECONDS, "cannot be used");
	fails_with(test, 5, 1, "not finished within 1 second");
	load(test, &list_job);
	check_list(&test->loaded);
	region_free(&test->loaded.region);
}

static const void *
build_too_much(void *arg, struct arena *arena)
{
	(void)arg;
	for (int i = 0; i < 1000; i++)
		memset(xmalloc(1 << 20), 1, 1 << 20);
	return build_list(arg, arena);
}

static void
who_wants_more_memory_than_allowed_gets_none(void **state)
{
	struct test *test = *state;
	struct loader_job job = list_job;

	if (memory_is_watched())
		skip();
	job.build = build_too_much;
	job.memory = 64 << 20;
	load(test, &job);
	assert_null(test->loaded.built);
	assert_string_equal(test->loaded.reason,
	    "out of memory: the limit is 64 MiB (load_memory): superd: out "
	    "of memory");
}

/* In MiB: what it may take still. */
static size_t
room_left(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	struct rlimit limit;
	size_t pages = 0;

	if (file == NULL || fscanf(file, "%zu", &pages) != 1 ||
	    getrlimit(RLIMIT_AS, &limit) != 0)
		abort();
	fclose(file);
	return (limit.rlim_cur - pages * (size_t)sysconf(_SC_PAGESIZE)) >> 20;
}

/* arg: of addresses that it takes, in MiB; without memory for them. */
static const void *
build_room(void *arg, struct arena *arena)
{
	size_t *room = arena_take(arena, sizeof(*room));
	size_t size = *(const size_t *)arg << 20;

	*room = room_left();
	if (size > 0 &&
	    mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		MAP_FAILED)
		abort();
	return room;
}

static void
has_room(struct test *test, size_t memory, size_t takes, size_t room)
{
	const struct loader_job job = { memory << 20, SECONDS, build_room,
		tell_text, &takes };
	const size_t *had;

	load(test, &job);
	had = test->loaded.built;
	assert_non_null(had);
	assert_in_range(*had, room - 16, room + 16);
	region_free(&test->loaded.region);
}

static void
a_load_may_take_a_gigabyte_or_four_times_the_last_one(void **state)
{
	struct test *test = *state;

	if (memory_is_watched() || sizeof(void *) < 8)
		skip();
	has_room(test, 0, 100, 1024);
	has_room(test, 0, 400, 1024);
	has_room(test, 0, 400, 1600);
	has_room(test, 64, 0, 64);
	has_room(test, 0, 0, 1024);
}

static void
a_cancelled_load_is_not_heard_of(void **state)
{
	struct test *test = *state;
	struct loader_job job = list_job;

	mode = 5;
	job.build = build_badly;
	test->calls = 0;
	assert_int_equal(loader_start(test->loader, &job), 0);
	loader_cancel(test->loader);
	assert_false(loader_running(test->loader));
	load(test, &list_job);
	check_list(&test->loaded);
	region_free(&test->loaded.region);
}

static void
one_that_is_killed_at_any_time_is_a_reason_or_a_result(void **state)
{
	static const int signals[] = { SIGKILL, SIGTERM, SIGHUP, SIGABRT };
	struct test *test = *state;

	for (unsigned i = 0; i < 200; i++) {
		char path[64], text[16] = "";
		FILE *file;

		test->calls = 0;
		assert_int_equal(loader_start(test->loader, &list_job), 0);
		/* the only child there is */
		snprintf(path, sizeof(path), "/proc/self/task/%d/children",
		    (int)getpid());
		file = fopen(path, "r");
		assert_non_null(file);
		assert_non_null(fgets(text, sizeof(text), file));
		fclose(file);
		usleep(i * 20);
		kill(atoi(text), signals[i % 4]);
		loop_run(test->loop);
		assert_int_equal(test->calls, 1);
		if (test->loaded.built != NULL)
			check_list(&test->loaded);
		else
			assert_true(test->loaded.reason[0] != '\0');
		region_free(&test->loaded.region);
	}
}

static size_t
count_lines(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t count = 0;
	int c;

	assert_non_null(file);
	while ((c = getc(file)) != EOF)
		count += c == '\n';
	fclose(file);
	return count;
}

static void
loads_leave_no_mapping_and_no_descriptor(void **state)
{
	struct test *test = *state;
	size_t maps = 0, fds = 0;

	for (int i = 0; i < 300; i++) {
		load(test, &list_job);
		if (i % 2 == 0)
			region_trim(&test->loaded.region);
		region_free(&test->loaded.region);
		if (i % 3 == 0)
			fails_with(test, 4, SECONDS, "");
		if (i == 20) {
			maps = count_lines("/proc/self/maps");
			fds = count_fds();
		}
	}
	assert_int_equal(count_fds(), fds);
	/* a sanitizer's own may come */
	if (!memory_is_watched())
		assert_int_equal(count_lines("/proc/self/maps"), maps);
}

static void
it_has_nothing_of_the_daemon(void **state)
{
	struct test *test = *state;
	struct loader_job job = list_job;
	const struct state *own;
	int fds[20];

	for (size_t i = 0; i < 20; i++)
		fds[i] = dup(STDIN_FILENO);
	job.build = build_state;
	load(test, &job);
	own = test->loaded.built;
	assert_non_null(own);
	/* ".", "..", 0 to 2, its memory, and the directory itself */
	assert_in_range(own->fds, 1, 7);
	assert_false(own->blocked);
	assert_true(own->leads);
	region_free(&test->loaded.region);
	for (size_t i = 0; i < 20; i++)
		close(fds[i]);
}

/* Where files may not be as large, the memory is shared without one.  The last
 * test: who is not privileged cannot take it back. */
static void
limits_on_files_do_not_matter(void **state)
{
	const struct rlimit small = { 1 << 16, 1 << 16 };
	struct test *test = *state;
	struct rlimit after;
	int status;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int i = 0; i < 10; i++) {
		load(test, &list_job);
		check_list(&test->loaded);
		status = status_of(write_to_it, &test->loaded);
		assert_true(WIFSIGNALED(status));
		region_trim(&test->loaded.region);
		assert_int_equal(((const struct link *)test->loaded.built)
				     ->number,
		    LINKS - 1);
		region_free(&test->loaded.region);
	}
	fails_with(test, 0, SECONDS, "ended with status 2");
	/* that it could be raised was only tried */
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &after), 0);
	assert_int_equal(after.rlim_max, small.rlim_max);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(what_was_built_is_read_where_it_was_built),
		TEST(what_was_told_goes_and_the_rest_stays),
		TEST(who_writes_to_a_model_dies_of_it),
		TEST(every_end_of_the_loader_is_a_reason),
		TEST(who_wants_more_memory_than_allowed_gets_none),
		TEST(a_load_may_take_a_gigabyte_or_four_times_the_last_one),
		TEST(a_cancelled_load_is_not_heard_of),
		TEST(one_that_is_killed_at_any_time_is_a_reason_or_a_result),
		TEST(loads_leave_no_mapping_and_no_descriptor),
		TEST(it_has_nothing_of_the_daemon),
		TEST(limits_on_files_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
