/* Memberships: what their texts mean, and which sockets hear them. */
#include "tests/unit/unit.h"

#include <netinet/in.h>

#include "conf/multicast.h"
#include "conf/service.h"

static void
texts_have_a_group_a_device_and_a_source(void **state)
{
	static const struct {
		const char *text, *group, *interface, *source;
	} cases[] = {
		{ "224.0.1.1", "224.0.1.1", "", NULL },
		{ "239.255.255.255@eth0", "239.255.255.255", "eth0", NULL },
		{ "ff02::fb@wlan-0.5", "ff02::fb", "wlan-0.5", NULL },
		{ "232.1.2.3 from 192.0.2.9", "232.1.2.3", "", "192.0.2.9" },
		{ "ff3e::1@v0 from 2001:db8::2", "ff3e::1", "v0",
		    "2001:db8::2" },
	};
	struct membership membership;
	char text[ADDR_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(membership_parse(cases[i].text, &membership),
		    0);
		assert_string_equal(addr_print_host(&membership.group, text,
					sizeof(text)),
		    cases[i].group);
		assert_string_equal(membership.interface, cases[i].interface);
		assert_int_equal(membership.source.len > 0,
		    cases[i].source != NULL);
		if (cases[i].source != NULL)
			assert_string_equal(addr_print_host(&membership.source,
						text, sizeof(text)),
			    cases[i].source);
	}
}

static void
other_texts_are_none(void **state)
{
	static const char *const texts[] = { "", "192.0.2.1", "fe80::1",
		"224.0.1", "224.0.1.1@", "224.0.1.1@/dev", "@eth0",
		"224.0.1.1@a-name-of-sixteen", "224.0.1.1 from ",
		"224.0.1.1 from 224.0.1.2", "224.0.1.1 from ::1",
		"ff02::1 from 192.0.2.1", "ff02::1%lo", "[ff02::1]",
		" from 192.0.2.1", "224.0.1.1  from 192.0.2.1",
		"224.0.1.1from 192.0.2.1", "host.example" };
	struct membership membership;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (membership_parse(texts[i], &membership) == 0)
			fail_msg("%s", texts[i]);
}

static void
only_some_sockets_hear_a_group(void **state)
{
	static const struct {
		const char *bound;
		bool v6only;
		const char *group;
		bool fits;
	} cases[] = {
		{ "0.0.0.0", false, "224.0.1.1", true },
		{ "224.0.1.1", false, "224.0.1.1", true },
		{ "224.0.1.2", false, "224.0.1.1", false },
		{ "192.0.2.1", false, "224.0.1.1", false },
		{ "::", true, "224.0.1.1", false },
		{ "::", false, "224.0.1.1", true },
		{ "::", true, "ff02::1", true },
		{ "0.0.0.0", false, "ff02::1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct endpoint endpoint = { .v6only = cases[i].v6only };
		struct membership membership;

		assert_int_equal(addr_parse_host(cases[i].bound, 99,
				     &endpoint.addr),
		    0);
		assert_int_equal(membership_parse(cases[i].group, &membership),
		    0);
		assert_int_equal(membership_fits(&membership, &endpoint),
		    cases[i].fits);
	}
}

static void
a_bound_group_is_one_on_the_device_of_the_service(void **state)
{
	struct service *service = service_new();
	struct endpoint endpoint = { .v6only = false };
	struct membership membership;

	(void)state;
	addr_parse_host("192.0.2.1", 99, &endpoint.addr);
	assert_false(membership_of(service, &endpoint, &membership));
	addr_parse_host("224.0.1.1", 99, &endpoint.addr);
	assert_true(membership_of(service, &endpoint, &membership));
	assert_string_equal(membership.interface, "");
	service->interface = strdup("eth0");
	assert_true(membership_of(service, &endpoint, &membership));
	assert_string_equal(membership.interface, "eth0");
	service_free(service);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_have_a_group_a_device_and_a_source),
		cmocka_unit_test(other_texts_are_none),
		cmocka_unit_test(only_some_sockets_hear_a_group),
		cmocka_unit_test(
		    a_bound_group_is_one_on_the_device_of_the_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
