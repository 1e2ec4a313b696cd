/* Names: the system's answers, and the cache before them. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <unistd.h>

#include "conf/names.h"
#include "conf/xalloc.h"

/* The system. */

static void
users_are_found_by_name_and_by_number(void **state)
{
	struct names *names = names_new(NULL, NULL);
	struct account account;

	(void)state;
	assert_int_equal(names_user(names, "root", &account), 0);
	assert_int_equal(account.uid, 0);
	assert_string_equal(account.name, "root");
	assert_int_equal(account.home[0], '/');
	assert_int_equal(names_user(names, "0", &account), 0);
	assert_string_equal(account.name, "root");
	assert_int_equal(names_user(names, "0000000000", &account), 0);
	names_free(names);
}

static void
what_is_no_user_or_group_is_not_found(void **state)
{
	/* no number wraps around to the uid of another */
	static const char *const bad[] = { "", "no such user", "-1", "+0",
		"4294967294999", "4294967295", "4294967296", "00000000000",
		"0x0", NULL };
	struct names *names = names_new(NULL, NULL);
	struct account account;
	gid_t gid;

	(void)state;
	for (size_t i = 0; bad[i] != NULL; i++) {
		assert_int_equal(names_user(names, bad[i], &account), ENOENT);
		assert_int_equal(names_group(names, bad[i], &gid), ENOENT);
	}
	names_free(names);
}

static void
groups_are_found_by_name_and_by_number(void **state)
{
	struct names *names = names_new(NULL, NULL);
	gid_t gid = 1;

	(void)state;
	assert_int_equal(names_group(names, "root", &gid), 0);
	assert_int_equal(gid, 0);
	assert_int_equal(names_group(names, "0", &gid), 0);
	assert_int_equal(gid, 0);
	names_free(names);
}

static void
the_primary_group_comes_first(void **state)
{
	struct names *names = names_new(NULL, NULL);
	const gid_t *list;
	size_t count;

	(void)state;
	assert_int_equal(names_groups(names, "root", 4711, &list, &count), 0);
	assert_true(count >= 1);
	assert_int_equal(list[0], 4711);
	/* another primary group is another question */
	assert_int_equal(names_groups(names, "root", 4712, &list, &count), 0);
	assert_int_equal(list[0], 4712);
	names_free(names);
}

static void
services_and_protocols_are_found_with_their_aliases(void **state)
{
	struct names *names = names_new(NULL, NULL);
	uint16_t port;
	int number;

	(void)state;
	if (access("/etc/services", R_OK) != 0 ||
	    access("/etc/protocols", R_OK) != 0) {
		names_free(names);
		skip();
	}
	assert_int_equal(names_port(names, "smtp", "tcp", &port), 0);
	assert_int_equal(port, 25);
	assert_int_equal(names_port(names, "mail", "tcp", &port), 0);
	assert_int_equal(port, 25);
	assert_int_equal(names_port(names, "smtp", "udp", &port), ENOENT);
	assert_int_equal(names_protocol(names, "ICMP", &number), 0);
	assert_int_equal(number, 1);
	assert_int_equal(names_protocol(names, "nothing", &number), ENOENT);
	names_free(names);
}

static void
a_host_has_each_address_once_and_no_port(void **state)
{
	struct names *names = names_new(NULL, NULL);
	const struct addr *list;
	struct addr loopback;
	size_t count, seen = 0;

	(void)state;
	addr_parse_host("127.0.0.1", 0, &loopback);
	assert_int_equal(names_host(names, "localhost", AF_INET, &list, &count),
	    0);
	for (size_t i = 0; i < count; i++)
		seen += addr_equal(&list[i], &loopback);
	assert_int_equal(seen, 1);
	assert_int_equal(names_host(names, "", AF_UNSPEC, &list, &count),
	    ENOENT);
	assert_int_equal(count, 0);
	names_free(names);
}

static void
only_a_regular_file_with_an_x_bit_is_a_program(void **state)
{
	static const struct {
		const char *path;
		int error;
	} cases[] = {
		{ "/bin/sh", 0 },
		{ "/", EISDIR },
		{ "/etc/passwd", EACCES },
		{ "/dev/null", EACCES },
		{ "/nonexistent", ENOENT },
		{ "/etc/passwd/x", ENOTDIR },
		{ "", ENOENT },
	};
	struct names *names = names_new(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(names_program(names, cases[i].path),
		    cases[i].error);
	names_free(names);
}

/* The cache.  The backend counts what it is asked. */

static int
count_user(void *arg, const char *name, struct account *account, char **storage)
{
	++*(unsigned *)arg;
	if (strcmp(name, "none") == 0)
		return EAGAIN;
	*storage = xstrdup(name);
	account->uid = (uid_t)strlen(name);
	account->name = account->home = account->shell = *storage;
	return 0;
}

static int
count_host(void *arg, const char *name, int family, struct addr **list,
    size_t *count)
{
	++*(unsigned *)arg;
	(void)name;
	*list = xcalloc(1, sizeof(**list));
	addr_any((sa_family_t)family, 0, *list);
	*count = 1;
	return 0;
}

static int
count_number(void *arg, enum name_kind kind, const char *name, const char *more,
    uint32_t *number)
{
	++*(unsigned *)arg;
	if (kind == NAME_PROGRAM)
		return EISDIR;
	*number = kind == NAME_PORT ?
	    (uint32_t)atoi(name) + (more[0] == 'u') :
	    (uint32_t)strlen(name);
	return 0;
}

static const struct names_backend counting = {
	.user = count_user, .host = count_host, .number = count_number
};

static void
each_question_is_asked_once(void **state)
{
	unsigned asked = 0;
	struct names *names = names_new(&counting, &asked);
	const struct addr *list;
	struct account account;
	size_t count;
	gid_t gid;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(names_user(names, "same", &account), 0);
		assert_string_equal(account.home, "same");
		assert_int_equal(names_group(names, "same", &gid), 0);
		assert_int_equal(gid, 4);
		assert_int_equal(names_host(names, "same", AF_INET6, &list,
				     &count),
		    0);
		assert_int_equal(count, 1);
		assert_int_equal(list->u.sa.sa_family, AF_INET6);
		assert_int_equal(names_program(names, "same"), EISDIR);
	}
	assert_int_equal(asked, 4);
	names_free(names);
}

static void
failures_are_remembered_too(void **state)
{
	unsigned asked = 0;
	struct names *names = names_new(&counting, &asked);
	struct account account;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(names_user(names, "none", &account), EAGAIN);
	assert_int_equal(asked, 1);
	names_free(names);
}

static void
questions_that_differ_in_one_part_are_not_mixed_up(void **state)
{
	unsigned asked = 0;
	struct names *names = names_new(&counting, &asked);
	const struct addr *list;
	uint16_t port;
	size_t count;

	(void)state;
	for (int i = 0; i < 2; i++) {
		names_port(names, "7", "tcp", &port);
		assert_int_equal(port, 7);
		names_port(names, "7", "udp", &port);
		assert_int_equal(port, 8);
		names_host(names, "7", AF_INET, &list, &count);
		assert_int_equal(list->u.sa.sa_family, AF_INET);
		names_host(names, "7", AF_INET6, &list, &count);
		assert_int_equal(list->u.sa.sa_family, AF_INET6);
	}
	assert_int_equal(asked, 4);
	names_free(names);
}

static void
ten_thousand_names_are_all_remembered(void **state)
{
	enum { MANY = 10000 };
	unsigned asked = 0;
	struct names *names = names_new(&counting, &asked);
	char name[16];
	uint16_t port;

	(void)state;
	for (int i = 0; i < 2 * MANY; i++) {
		snprintf(name, sizeof(name), "%d", i % MANY);
		assert_int_equal(names_port(names, name, "tcp", &port), 0);
		assert_int_equal(port, i % MANY);
	}
	assert_int_equal(asked, MANY);
	names_free(names);
}

/* Hosts. */

static int
silent_host(void *arg, const char *name, int family, struct addr **list,
    size_t *count)
{
	unsigned *asked = arg;

	(void)family;
	(void)list;
	(void)count;
	++*asked;
	usleep(1000);
	return name[0] == 's' ? EAGAIN : ENOENT;
}

/* The time of those who do not exist, which somebody has answered, is not
 * counted. */
static void
after_some_time_no_more_silent_servers_are_asked(void **state)
{
	const struct names_backend backend = { .host = silent_host };
	const struct addr *list;
	unsigned asked = 0;
	struct names *names = names_new(&backend, &asked);
	size_t count;
	char name[24];

	(void)state;
	names_give_up_hosts(names, 0);
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "none%d", i);
		assert_int_equal(names_host(names, name, AF_UNSPEC, &list,
				     &count),
		    ENOENT);
	}
	assert_int_equal(asked, 5);
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "silent%d", i);
		assert_int_equal(names_host(names, name, AF_UNSPEC, &list,
				     &count),
		    EAGAIN);
	}
	assert_int_equal(asked, 6);
	names_free(names);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users_are_found_by_name_and_by_number),
		cmocka_unit_test(what_is_no_user_or_group_is_not_found),
		cmocka_unit_test(groups_are_found_by_name_and_by_number),
		cmocka_unit_test(the_primary_group_comes_first),
		cmocka_unit_test(
		    services_and_protocols_are_found_with_their_aliases),
		cmocka_unit_test(a_host_has_each_address_once_and_no_port),
		cmocka_unit_test(
		    only_a_regular_file_with_an_x_bit_is_a_program),
		cmocka_unit_test(
		    after_some_time_no_more_silent_servers_are_asked),
		cmocka_unit_test(each_question_is_asked_once),
		cmocka_unit_test(failures_are_remembered_too),
		cmocka_unit_test(
		    questions_that_differ_in_one_part_are_not_mixed_up),
		cmocka_unit_test(ten_thousand_names_are_all_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
