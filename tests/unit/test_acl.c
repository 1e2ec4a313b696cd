/* The prefix tree, against a naive model. */
#include "tests/unit/unit.h"

#include "conf/acl.h"

enum { RULES = 60, ADDRESSES = 400, ROUNDS = 60 };

struct rule {
	struct prefix prefix;
	bool allow;
};

static struct addr
random_addr(void)
{
	struct addr addr;
	char text[64];

	/* few distinct bits, so that rules and addresses meet */
	if (rand() % 3 == 0) {
		snprintf(text, sizeof(text), "2001:db8::%x:%x", rand() % 4,
		    rand() % 8);
	} else {
		snprintf(text, sizeof(text), "10.%d.%d.%d", rand() % 2,
		    rand() % 4, rand() % 8);
	}
	assert_int_equal(addr_parse_host(text, 0, &addr), 0);
	return addr;
}

static enum acl_verdict
naive(const struct rule *rules, size_t count, bool require,
    const struct addr *addr)
{
	int best = -1;
	bool allow = false, deny = false;

	for (size_t i = 0; i < count; i++) {
		if (!prefix_contains(&rules[i].prefix, addr))
			continue;
		if (rules[i].prefix.bits > best) {
			best = rules[i].prefix.bits;
			allow = deny = false;
		}
		if (rules[i].prefix.bits == best) {
			allow |= rules[i].allow;
			deny |= !rules[i].allow;
		}
	}
	if (best < 0)
		return require ? ACL_DENY : ACL_ALLOW;
	return allow && !deny ? ACL_ALLOW : ACL_DENY;
}

static void
verdicts_are_those_of_a_naive_model(void **state)
{
	struct rule rules[RULES];

	(void)state;
	srand(4711);
	for (int round = 0; round < ROUNDS; round++) {
		struct acl *acl = acl_new();
		size_t count = (size_t)(rand() % RULES);
		bool require = rand() % 2;

		for (size_t i = 0; i < count; i++) {
			struct addr addr = random_addr();

			prefix_of(&addr, (unsigned)(rand() % 129),
			    &rules[i].prefix);
			rules[i].allow = rand() % 2;
			acl_add_prefix(acl, rules[i].allow,
			    &rules[i].prefix);
		}
		if (require)
			acl_require_match(acl);
		for (int i = 0; i < ADDRESSES; i++) {
			struct addr addr = random_addr();

			assert_int_equal(acl_decide(acl, &addr),
			    naive(rules, count, require, &addr));
		}
		acl_free(acl);
	}
}

static struct acl *
one_name(bool allow, const char *name)
{
	struct acl *acl = acl_new();

	acl_add_name(acl, allow, name);
	if (allow)
		acl_require_match(acl);
	return acl;
}

static void
a_host_without_a_verified_name_is_denied_by_every_name_rule(void **state)
{
	struct addr addr = random_addr();
	struct acl *acl;

	(void)state;
	acl = one_name(true, ".example.org");
	assert_int_equal(acl_decide(acl, &addr), ACL_ASK);
	assert_false(acl_allows_name(acl, &addr, NULL));
	assert_true(acl_allows_name(acl, &addr, "a.EXAMPLE.org"));
	assert_false(acl_allows_name(acl, &addr, "example.org"));
	assert_false(acl_allows_name(acl, &addr, "badexample.org"));
	acl_free(acl);
	acl = one_name(false, "bad.example.org");
	assert_false(acl_allows_name(acl, &addr, NULL));
	assert_false(acl_allows_name(acl, &addr, "bad.example.org"));
	assert_true(acl_allows_name(acl, &addr, "good.example.org"));
	acl_free(acl);
}

static void
an_exact_address_needs_no_name(void **state)
{
	struct addr addr = random_addr();
	struct acl *acl = one_name(false, "bad.example.org");
	struct prefix prefix;

	(void)state;
	prefix_of(&addr, 128, &prefix);
	acl_add_prefix(acl, true, &prefix);
	assert_int_equal(acl_decide(acl, &addr), ACL_ALLOW);
	acl_free(acl);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_are_those_of_a_naive_model),
		cmocka_unit_test(
		    a_host_without_a_verified_name_is_denied_by_every_name_rule),
		cmocka_unit_test(an_exact_address_needs_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
