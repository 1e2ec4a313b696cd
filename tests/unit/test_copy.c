/* A model in an arena: whole, without a way out of it, and read only. */
#include "tests/unit/unit.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "conf/acl.h"
#include "conf/copy.h"
#include "conf/print.h"
#include "conf/service.h"
#include "conf/store.h"
#include "conf/type.h"
#include "tests/unit/fake_names.h"

enum { ARENA = 4 << 20 };

#define LARGE (1ul << 30)

static const char banner_path[] = "/tmp/superd-test-copy-banner";

/* Every member that points to something is set in some service. */
static const char rich[] =
    "pid_file = /run/p\ncontrol = /run/c\ncontrol_group = staff\n"
    "control_admin = staff\nstate_file = /s\n"
    "log_type = {FILE, /var/log/superd}\nload_memory = 8M\n"
    "service full {\n"
    "name = ftp\nbind = {127.0.0.1, \"::1\"}\ninterface = lo\n"
    "user = alice\ngroup = staff\nserver = /bin/cat\n"
    "server_args = {-u, -}\nenv = {\"A=1\", \"B=2\"}\npassenv = {C, D}\n"
    "env_user = yes\nrlimit_core = 0\nchroot = /tmp\ndirectory = /x\n"
    "tos = ef\nttl = 3\n"
    "only_from = {10.0.0.0/8, 127.0.0.1, .example.org, \"::1\"}\n"
    "no_access = {10.1.0.0/16, bad.example.org}\n"
    "access_times = {08:00-12:00, 13:00-17:00}\n"
    "libwrap = yes\n libwrap_name = ftpd\n"
    "banner = /tmp/superd-test-copy-banner\n"
    "banner_success = /tmp/superd-test-copy-banner\n"
    "banner_fail = /tmp/superd-test-copy-banner\n"
    "log_type = {FILE, /var/log/ftp, 1M}\n}\n"
    "service inside { name = echo\n internal = echo }\n"
    "service groups { name = 2002\n protocol = udp\n user = alice\n"
    "server = /bin/cat\n multicast = 239.0.0.1 }\n"
    "service beside { name = 2000\n redirect = {example, 2001}\n"
    "proxy_protocol = v1\n proxy_from = 10.0.0.0/8 }\n"
    "service unix { listen = /run/s\n user = root\n server = /bin/cat\n"
    "socket_user = alice\n box = ctf\n root = /srv\n"
    "read_write = /a\n hidden = {/b, /c}\n"
    "only_users = {alice, 7}\n only_groups = staff }\n";

struct model {
	struct conf *conf, *copy;
	struct reports reports;
	struct arena arena;
};

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
model_load(struct model *model, const char *text)
{
	char path[] = "/tmp/test_copy.XXXXXX";
	struct load_context context;
	int fd = mkstemp(path);
	void *memory;

	assert_true(fd >= 0);
	close(fd);
	write_file(path, text);
	write_file(banner_path, "hello\n");
	fake_context(&context);
	context.have_libwrap = true;
	reports_init(&model->reports);
	model->conf = conf_load(path, NULL, &context, &model->reports);
	names_free(context.names);
	for (size_t i = 0; i < model->reports.count; i++)
		if (model->reports.list[i].level >= REPORT_SYNTAX)
			fail_msg("%s", model->reports.list[i].text);
	unlink(path);
	unlink(banner_path);
	memory = mmap(NULL, ARENA, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	arena_init(&model->arena, memory, ARENA);
	model->copy = conf_copy(&model->arena, model->conf);
	arena_done(&model->arena);
}

static void
model_free(struct model *model)
{
	munmap(model->arena.base, ARENA);
	reports_free(&model->reports);
}

/* Of any of these services, or of the globals. */
static bool
is_set(const struct conf *conf, const struct attribute *attribute)
{
	static const char nothing[sizeof(struct log_target)];
	const char *globals = (const char *)&conf->globals;

	if (attribute->in_globals != NOWHERE &&
	    memcmp(globals + attribute->in_globals, nothing, attribute->size) ==
		0)
		return false;
	for (size_t i = 0; attribute->in_service != NOWHERE && i < conf->count;
	     i++)
		if (memcmp((const char *)conf->services[i] +
			    attribute->in_service,
			nothing, attribute->size) != 0)
			return true;
	return attribute->in_service == NOWHERE;
}

/* Or the tests below prove nothing about it. */
static void
the_model_that_is_copied_has_every_member_that_points(void **state)
{
	struct model model;

	(void)state;
	model_load(&model, rich);
	for (size_t i = 0; i < attributes_count; i++)
		if (attributes[i].type->store != NULL &&
		    attributes[i].type->store->copy != NULL &&
		    !is_set(model.conf, &attributes[i]))
			fail_msg("row %zu is not set", i);
	conf_free(model.conf);
	model_free(&model);
}

static char *
print(const struct conf *conf)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	conf_print(conf, file);
	fclose(file);
	return text;
}

static void
a_copy_is_whole_without_its_original(void **state)
{
	struct model model;
	char *before, *after;

	(void)state;
	model_load(&model, rich);
	before = print(model.conf);
	for (size_t i = 0; i < model.conf->count; i++)
		assert_true(service_equal(model.conf->services[i],
		    model.copy->services[i]));
	conf_free(model.conf); /* the sanitizer sees what is shared */
	after = print(model.copy);
	assert_string_equal(before, after);
	assert_int_equal(model.copy->globals.load_memory, 8 << 20);
	assert_int_equal(model.copy->services[0]->banners[0]->length, 6);
	assert_memory_equal(model.copy->services[0]->banners[0]->bytes,
	    "hello\n", 6);
	free(before);
	free(after);
	model_free(&model);
}

/* The mappings that malloc takes its memory from, and not the large one in
 * which a sanitizer keeps its notes. */
static bool
is_heap(uintptr_t at)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long from, to;
	char line[512], mode[8];
	bool found = false;

	assert_non_null(maps);
	while (!found && fgets(line, sizeof(line), maps) != NULL)
		found = sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 &&
		    at >= from && at < to && mode[1] == 'w' &&
		    to - from < LARGE && strstr(line, "/") == NULL &&
		    strstr(line, "[stack") == NULL;
	fclose(maps);
	return found;
}

/* Whatever member was forgotten. */
static void
no_word_of_a_copy_leads_out_of_it(void **state)
{
	struct model model;
	const char *base, *end;

	(void)state;
	model_load(&model, rich);
	base = model.arena.base;
	end = base + model.arena.used;
	for (const char *p = base; p + sizeof(uintptr_t) <= end;
	     p += sizeof(uintptr_t)) {
		uintptr_t word;

		memcpy(&word, p, sizeof(word));
		if (word < 65536 ||
		    (word >= (uintptr_t)base && word < (uintptr_t)end))
			continue;
		if (is_heap(word))
			fail_msg("at %zu: %#lx leads to the heap",
			    (size_t)(p - base), (unsigned long)word);
	}
	conf_free(model.conf);
	model_free(&model);
}

static bool
denies(const struct service *service, const char *host, const char *name)
{
	struct addr addr;

	assert_int_equal(addr_parse_host(host, 0, &addr), 0);
	return !acl_allows_name(service->access.acl, &addr, name);
}

static void
a_copy_denies_whom_its_original_denies(void **state)
{
	struct model model;
	const struct service *service;

	(void)state;
	model_load(&model, rich);
	conf_free(model.conf);
	service = model.copy->services[0];
	assert_string_equal(service->id, "full");
	assert_true(denies(service, "10.2.0.1", NULL));
	assert_false(denies(service, "10.2.0.1", "a.org"));
	assert_true(denies(service, "10.1.0.1", "a.org"));
	assert_true(denies(service, "10.2.0.1", "bad.example.org"));
	assert_false(denies(service, "192.0.2.1", "good.example.org"));
	assert_true(denies(service, "192.0.2.1", "example.com"));
	model_free(&model);
}

static void
what_is_equal_is_there_once(void **state)
{
	struct model model;
	const struct service *a, *b;

	(void)state;
	model_load(&model,
	    "service a { name = 2000\n server = /bin/cat\n"
	    "user = alice\n only_from = 10.0.0.0/8 }\n"
	    "service b { name = 2001\n server = /bin/cat\n user = alice\n"
	    "only_from = 10.0.0.0/8 }\n");
	a = model.copy->services[0];
	b = model.copy->services[1];
	assert_ptr_equal(a->command.program, b->command.program);
	assert_ptr_equal(a->command.groups, b->command.groups);
	assert_ptr_equal(a->command.argv, b->command.argv);
	assert_ptr_equal(a->access.acl, b->access.acl);
	assert_ptr_not_equal(a->id, b->id);
	conf_free(model.conf);
	model_free(&model);
}

static void
texts_and_arrays_of_any_number_are_kept(void **state)
{
	enum { MANY = 5000 };
	void *memory = malloc(ARENA);
	char **texts = xcalloc(MANY, sizeof(char *)), text[32];
	uint64_t numbers[2];
	struct arena arena;

	(void)state;
	assert_non_null(memory);
	arena_init(&arena, memory, ARENA);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "text %u", i);
		texts[i] = arena_text(&arena, text);
		numbers[0] = numbers[1] = i;
		assert_int_equal((uintptr_t)arena_share(&arena, numbers,
				     sizeof(numbers)) %
			sizeof(uint64_t),
		    0);
	}
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "text %u", i);
		assert_string_equal(texts[i], text);
		assert_ptr_equal(arena_text(&arena, text), texts[i]);
	}
	assert_null(arena_text(&arena, NULL));
	assert_null(arena_share(&arena, text, 0));
	arena_done(&arena);
	free(texts);
	free(memory);
}

/* Alignment is that of the size, and an empty array takes nothing. */
static void
what_is_taken_is_aligned_for_its_size(void **state)
{
	static const size_t sizes[] = { 16, 0, 1, 8, 0, 24, 120, 2, 48, 4096 };
	void *memory = aligned_alloc(4096, 65536);
	struct arena arena;

	(void)state;
	assert_non_null(memory);
	arena_init(&arena, memory, 65536);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t used = arena.used, alignment = 16;
		char *at = arena_take(&arena, sizes[i]);

		while (sizes[i] % alignment != 0)
			alignment /= 2;
		assert_int_equal((uintptr_t)at % alignment, 0);
		assert_in_range(arena.used, used + sizes[i],
		    used + sizes[i] + 15);
	}
	arena_done(&arena);
	free(memory);
}

static void
a_full_arena_is_out_of_memory(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		char memory[4096];
		struct arena arena;

		close(STDERR_FILENO);
		arena_init(&arena, memory, sizeof(memory));
		for (int i = 0; i < 100; i++)
			arena_take(&arena, 100);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), XALLOC_STATUS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_model_that_is_copied_has_every_member_that_points),
		cmocka_unit_test(a_copy_is_whole_without_its_original),
		cmocka_unit_test(no_word_of_a_copy_leads_out_of_it),
		cmocka_unit_test(a_copy_denies_whom_its_original_denies),
		cmocka_unit_test(what_is_equal_is_there_once),
		cmocka_unit_test(texts_and_arrays_of_any_number_are_kept),
		cmocka_unit_test(what_is_taken_is_aligned_for_its_size),
		cmocka_unit_test(a_full_arena_is_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
