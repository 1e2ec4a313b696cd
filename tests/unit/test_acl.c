/* The prefix tree, against a naive model. */
#include "tests/unit/unit.h"

#include "conf/acl.h"

enum {
	RULES = 60,
	ADDRESSES = 400,
	ROUNDS = 60,
	ARENA = 4 << 20,
	MANY_RULES = 10000,
	MANY_ADDRESSES = 500
};

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

static bool
contains(const struct prefix *prefix, const struct addr *addr)
{
	struct prefix other;

	prefix_of(addr, prefix->bits, &other);
	return prefix_equal(prefix, &other);
}

static enum acl_verdict
naive(const struct rule *rules, size_t count, bool require,
    const struct addr *addr)
{
	int best = -1;
	bool allow = false, deny = false;

	for (size_t i = 0; i < count; i++) {
		if (!contains(&rules[i].prefix, addr))
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
			acl_add_prefix(acl, rules[i].allow, &rules[i].prefix);
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

/* Any bits at all, in a few networks. */
static struct addr
wild_addr(void)
{
	struct addr addr;

	if (rand() % 2) {
		addr_any(AF_INET, 0, &addr);
		addr.u.in.sin_addr.s_addr = htonl(
		    0x0a000000u + (uint32_t)rand() % 0x40000);
		return addr;
	}
	addr_any(AF_INET6, 0, &addr);
	addr.u.in6.sin6_addr.s6_addr[0] = 0x20;
	for (size_t i = 13; i < 16; i++)
		addr.u.in6.sin6_addr.s6_addr[i] = (uint8_t)(rand() & 3);
	return addr;
}

static void
ten_thousand_rules_are_those_of_a_naive_model(void **state)
{
	struct rule *rules = calloc(MANY_RULES, sizeof(*rules));
	struct acl *acl = acl_new(), *copy;
	void *memory = malloc(ARENA);
	struct arena arena;

	(void)state;
	assert_non_null(rules);
	assert_non_null(memory);
	arena_init(&arena, memory, ARENA);
	srand(815);
	for (size_t i = 0; i < MANY_RULES; i++) {
		struct addr addr = wild_addr();
		unsigned bits = addr.u.sa.sa_family == AF_INET ? 33 : 129;

		prefix_of(&addr, bits - 1 - (unsigned)rand() % 12,
		    &rules[i].prefix);
		rules[i].allow = rand() % 2;
		acl_add_prefix(acl, rules[i].allow, &rules[i].prefix);
	}
	copy = acl_copy(&arena, acl);
	for (int i = 0; i < MANY_ADDRESSES; i++) {
		struct addr addr = wild_addr();
		enum acl_verdict expected = naive(rules, MANY_RULES, false,
		    &addr);

		assert_int_equal(acl_decide(acl, &addr), expected);
		assert_int_equal(acl_decide(copy, &addr), expected);
	}
	acl_free(acl);
	arena_done(&arena);
	free(memory);
	free(rules);
}

/* Rules as in "+10.0.0.0/8 -.example.org", "!" for require_match. */
static struct acl *
acl_of(const char *text)
{
	struct acl *acl = acl_new();
	char *copy = strdup(text), *rest = copy, *word;
	struct prefix prefix;

	while ((word = strsep(&rest, " ")) != NULL) {
		if (word[0] == '!')
			acl_require_match(acl);
		else if (prefix_parse(word + 1, &prefix) == 0)
			acl_add_prefix(acl, word[0] == '+', &prefix);
		else
			acl_add_name(acl, word[0] == '+', word + 1);
	}
	free(copy);
	return acl;
}

static const struct {
	const char *rules, *host; /* of 10.1.2.3 */
	enum acl_verdict decide;
	bool allowed;
} orders[] = {
	/* the longer name wins, a whole name is the longest */
	{ "-.org +.example.org", "a.example.org", ACL_ASK, true },
	{ "+.org -.example.org", "a.example.org", ACL_ASK, false },
	{ "-.example.org +a.example.org", "a.example.org", ACL_ASK, true },
	{ "+.example.org -a.example.org", "a.example.org", ACL_ASK, false },
	{ "+.example.org -.Example.org", "a.example.org", ACL_ASK, false },
	/* a domain and a network are a tie, which denies */
	{ "! +.example.org -10.0.0.0/8", "a.example.org", ACL_DENY, false },
	{ "+10.0.0.0/8 -.example.org", "a.example.org", ACL_ASK, false },
	{ "+10.0.0.0/8 -.example.org", "a.example.com", ACL_ASK, true },
	/* a whole name is better than a network */
	{ "! +a.example.org -10.0.0.0/8", "a.example.org", ACL_ASK, true },
	{ "+10.0.0.0/8 -a.example.org", "a.example.org", ACL_ASK, false },
	/* a whole address is better than any name */
	{ "! +10.1.2.3 -a.example.org", "a.example.org", ACL_ALLOW, true },
	{ "+a.example.org -10.1.2.3", "a.example.org", ACL_DENY, false },
	/* no look-up where names cannot change anything */
	{ "! +10.0.0.0/8 +.example.org", "a.example.com", ACL_ALLOW, true },
	{ "! +11.0.0.0/8 -.example.org", "a.example.com", ACL_DENY, false },
	{ "-10.0.0.0/8 -a.example.org", "a.example.com", ACL_DENY, false },
	{ "+.example.org", "a.example.com", ACL_ALLOW, true },
};

static void
the_better_match_of_names_and_networks_wins(void **state)
{
	struct addr addr;

	(void)state;
	addr_parse_host("10.1.2.3", 0, &addr);
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct acl *acl = acl_of(orders[i].rules);

		if (acl_decide(acl, &addr) != orders[i].decide ||
		    acl_allows_name(acl, &addr, orders[i].host) !=
			orders[i].allowed)
			fail_msg("%s for %s", orders[i].rules, orders[i].host);
		acl_free(acl);
	}
}

static void
what_is_decided_without_a_name_is_so_for_every_name(void **state)
{
	static const char *const words[] = { "+10.0.0.0/8", "-10.0.0.0/8",
		"+10.1.0.0/16", "-10.1.0.0/16", "+10.1.2.3", "-10.1.2.3",
		"+.org", "-.org", "+.a.org", "-.a.org", "+h.a.org", "-h.a.org",
		"!" };
	static const char *const hosts[] = { NULL, "h.a.org", "i.a.org",
		"b.org", "c.com" };
	struct addr addr;

	(void)state;
	addr_parse_host("10.1.2.3", 0, &addr);
	for (unsigned set = 0; set < 1u << 13; set++) {
		struct acl *acl;
		enum acl_verdict verdict;
		char text[256] = "+192.0.2.1";

		for (unsigned i = 0; i < 13; i++)
			if (set >> i & 1)
				strcat(strcat(text, " "), words[i]);
		acl = acl_of(text);
		verdict = acl_decide(acl, &addr);
		for (size_t i = 0; i < 5 && verdict != ACL_ASK; i++)
			if (acl_allows_name(acl, &addr, hosts[i]) !=
			    (verdict == ACL_ALLOW))
				fail_msg("%s", text);
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
		cmocka_unit_test(ten_thousand_rules_are_those_of_a_naive_model),
		cmocka_unit_test(the_better_match_of_names_and_networks_wins),
		cmocka_unit_test(
		    what_is_decided_without_a_name_is_so_for_every_name),
		cmocka_unit_test(
		    a_host_without_a_verified_name_is_denied_by_every_name_rule),
		cmocka_unit_test(an_exact_address_needs_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
