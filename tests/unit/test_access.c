/* only_from and no_access: what each form of value lets in. */
#include "tests/unit/unit.h"

#include "conf/access.h"
#include "conf/acl.h"
#include "conf/service.h"

static enum acl_verdict
ask(const char *only_from, const char *no_access, const char *client)
{
	struct service *service = service_new();
	struct access *access = &service->access;
	struct place place = { "f", 1, 1 };
	enum acl_verdict verdict;
	struct reports reports;
	struct addr addr;

	reports_init(&reports);
	if (only_from != NULL) {
		access->only_from_set = true;
		strings_add(&access->only_from, only_from);
	}
	if (no_access != NULL)
		strings_add(&access->no_access, no_access);
	assert_int_equal(access_compile(access, &place, &reports), 0);
	assert_int_equal(reports.count, 0);
	assert_int_equal(addr_parse_host(client, 99, &addr), 0);
	verdict = access->acl == NULL ?
	    ACL_ALLOW :
	    acl_decide(access->acl, &addr);
	service_free(service);
	reports_free(&reports);
	return verdict;
}

static void
every_form_lets_in_what_it_names_and_nobody_else(void **state)
{
	static const struct {
		const char *value, *in, *out;
	} cases[] = {
		{ "192.0.2.7", "192.0.2.7", "192.0.2.6" },
		{ "192.0.2.0", "192.0.2.7", "192.0.3.7" },
		{ "10.0.0.0", "10.9.8.7", "11.0.0.1" },
		{ "10.0.2.0", "10.0.2.9", "10.0.3.9" },
		{ "0.0.0.0", "203.0.113.1", "2001:db8::1" },
		{ "192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1" },
		{ "::ffff:192.0.2.7", "192.0.2.7", "192.0.2.8" },
		{ "10.1.{2,3}", "10.1.3.4", "10.1.4.4" },
		{ "10.1.{0,3}", "10.1.0.4", "10.1.1.4" },
		{ "10.{0}", "10.0.7.7", "10.1.7.7" },
		{ "{10}", "10.1.2.3", "11.1.2.3" },
		{ "10.1.2.{0,255}", "10.1.2.255", "10.1.2.1" },
		{ "10.0.0.0/9", "10.127.0.1", "10.128.0.1" },
		{ "10.1.2.3/8", "10.9.9.9", "11.1.2.3" },
		{ "0.0.0.0/0", "203.0.113.1", "2001:db8::1" },
		{ "2001:db8::1", "2001:db8::1", "2001:db8::2" },
		{ "2001:db8::/32", "2001:db8:9::1", "2001:db9::1" },
		{ "2001:db8::1/32", "2001:db8:9::1", "2001:db9::1" },
		{ "::ffff:10.0.0.0/104", "10.1.2.3", "11.1.2.3" },
		{ "::", "2001:db8::1", "192.0.2.1" },
		{ "::/0", "2001:db8::1", "192.0.2.1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *value = cases[i].value;

		if (ask(value, NULL, cases[i].in) != ACL_ALLOW ||
		    ask(value, NULL, cases[i].out) != ACL_DENY ||
		    ask(NULL, value, cases[i].in) != ACL_DENY ||
		    ask(NULL, value, cases[i].out) != ACL_ALLOW)
			fail_msg("%s", value);
	}
}

static void
names_are_left_to_the_child(void **state)
{
	(void)state;
	assert_int_equal(ask("host.example", NULL, "192.0.2.1"), ACL_ASK);
	assert_int_equal(ask(".example", NULL, "192.0.2.1"), ACL_ASK);
	assert_int_equal(ask(NULL, "host-1_a", "192.0.2.1"), ACL_ASK);
}

static void
the_better_match_wins_and_a_tie_denies(void **state)
{
	(void)state;
	assert_int_equal(ask("127.0.0.1", "127.0.0.0/8", "127.0.0.1"),
	    ACL_ALLOW);
	assert_int_equal(ask("127.0.0.0/8", "127.0.0.1", "127.0.0.1"),
	    ACL_DENY);
	assert_int_equal(ask("127.0.0.1", "127.0.0.1", "127.0.0.1"), ACL_DENY);
	assert_int_equal(ask("10.0.0.0", "10.0.0.0/8", "10.0.0.1"), ACL_DENY);
}

static void
values_gone_wrong_are_found(void **state)
{
	static const char *const wrong[] = { "", "10.0.0.256", "10.1", "1.2.3",
		"10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/8x", "/8",
		"10.1.{2,3", "10.1.{}", "10.1.{2,}", "10.1.{2}.3",
		"10.1.{2,256}", "10.1.2.3.{4}", "10..{4}", "x.{4}", "a/8",
		"a,b", "fe80::1%lo", "[::1]", "[::1]/128", "a..b", "a b",
		"2001:db8::{1,2}", "::ffff:10.0.0.1/64", "1.2.3.4:5" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (access_wrong(wrong[i]) == NULL)
			fail_msg("%s", wrong[i]);
	assert_null(access_wrong("10.0.0.1"));
}

static void
a_value_gone_wrong_fails_the_whole(void **state)
{
	struct service *service = service_new();
	struct place place = { "f", 3, 2 };
	struct reports reports;

	(void)state;
	reports_init(&reports);
	strings_add(&service->access.no_access, "10.0.0.256");
	assert_int_equal(access_compile(&service->access, &place, &reports),
	    -1);
	assert_int_equal(reports.count, 1);
	assert_int_equal(reports.list[0].place.line, 3);
	service_free(service);
	reports_free(&reports);
}

static void
an_empty_only_from_is_nobody(void **state)
{
	struct service *service = service_new();
	struct place place = { "f", 1, 1 };
	struct reports reports;
	struct addr addr;

	(void)state;
	reports_init(&reports);
	service->access.only_from_set = true;
	assert_int_equal(access_compile(&service->access, &place, &reports), 0);
	addr_parse_host("127.0.0.1", 0, &addr);
	assert_int_equal(acl_decide(service->access.acl, &addr), ACL_DENY);
	service_free(service);
	reports_free(&reports);
}

static void
no_lists_are_no_rules(void **state)
{
	(void)state;
	assert_int_equal(ask(NULL, NULL, "192.0.2.1"), ACL_ALLOW);
}

static void
one_meaning_in_two_spellings_is_the_same(void **state)
{
	(void)state;
	assert_true(access_same("10.0.0.0", "10.0.0.0/8"));
	assert_true(access_same("10.1.{2}", "10.1.2.0"));
	assert_true(access_same("::1", "0:0::1"));
	assert_true(access_same("Host.Example", "host.example"));
	assert_false(access_same("10.0.0.0", "10.0.0.0/9"));
	assert_false(access_same("10.1.{2}", "10.1.{2,3}"));
	assert_false(access_same("host.example", "10.0.0.1"));
	assert_false(access_same("host.example", ".example"));
}

static void
a_better_match_that_opens_is_noticed(void **state)
{
	static const struct {
		const char *from, *no;
		bool opens;
	} cases[] = {
		{ "127.0.0.1", "127.0.0.0/8", true },
		{ "127.0.0.0/8", "127.0.0.1", false },
		{ "127.0.0.1", "127.0.0.1", false },
		{ "10.128.0.1", "10.0.0.0/9", false },
		{ "10.127.0.1", "10.0.0.0/9", true },
		{ "10.1.{2,3}", "10.1.3.0/23", true },
		{ "::1", "0.0.0.0", false },
		{ "2001:db8::1", "::", true },
		{ "host.example", "10.0.0.0", true },
		{ "host.example", "host.example", false },
		{ ".example", "10.0.0.0", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct service *service = service_new();
		const char *from, *no = NULL;

		strings_add(&service->access.only_from, cases[i].from);
		strings_add(&service->access.no_access, cases[i].no);
		from = access_overruled(&service->access, &no);
		if ((from != NULL) != cases[i].opens)
			fail_msg("%s %s", cases[i].from, cases[i].no);
		if (from != NULL)
			assert_string_equal(no, cases[i].no);
		service_free(service);
	}
}

static void
bits_behind_a_prefix_are_noticed(void **state)
{
	(void)state;
	assert_true(access_has_host_bits("10.1.2.3/8"));
	assert_false(access_has_host_bits("10.0.0.0/8"));
	assert_false(access_has_host_bits("10.1.2.3"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_form_lets_in_what_it_names_and_nobody_else),
		cmocka_unit_test(names_are_left_to_the_child),
		cmocka_unit_test(the_better_match_wins_and_a_tie_denies),
		cmocka_unit_test(values_gone_wrong_are_found),
		cmocka_unit_test(a_value_gone_wrong_fails_the_whole),
		cmocka_unit_test(an_empty_only_from_is_nobody),
		cmocka_unit_test(no_lists_are_no_rules),
		cmocka_unit_test(one_meaning_in_two_spellings_is_the_same),
		cmocka_unit_test(a_better_match_that_opens_is_noticed),
		cmocka_unit_test(bits_behind_a_prefix_are_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
