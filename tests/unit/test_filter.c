/* Filters against acl_decide(). */
#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <unistd.h>

#include "conf/acl.h"
#include "conf/filter.h"
#include "conf/service.h"
#include "tests/unit/bpf.h"

enum { ROUNDS = 3000, ADDRESSES = 60, RULES = 40, FAR = 700 };

static bool
passes(const struct filter *filter, const struct addr *addr)
{
	struct packet packet;
	enum bpf_end end;

	packet_from(addr, &packet);
	end = bpf_run(filter, &packet);
	assert_true(end == BPF_PASSES || end == BPF_DROPS);
	return end == BPF_PASSES;
}

/* Few different bits, all over the address, so that prefixes nest and part
 * within words and at their ends. */
static void
random_addr(struct addr *addr)
{
	static const uint8_t bytes[] = { 0, 0, 1, 0x7f, 0x80, 0xfe, 0xff };
	uint8_t *p;
	size_t length;

	addr_any(rand() % 2 ? AF_INET : AF_INET6, 0, addr);
	if (addr->u.sa.sa_family == AF_INET) {
		p = (uint8_t *)&addr->u.in.sin_addr;
		length = 4;
	} else {
		p = (uint8_t *)&addr->u.in6.sin6_addr;
		length = 16;
	}
	for (size_t i = 0; i < length; i++)
		p[i] = bytes[(size_t)rand() % sizeof(bytes)];
	if (length == 16 && rand() % 2)
		memset(p + 1, 0x55, 11);
}

static bool
is_mapped(const struct addr *addr)
{
	return addr->u.sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_V4MAPPED(&addr->u.in6.sin6_addr);
}

static void
check_addr(const struct acl *acl, const struct filter *filter,
    const struct addr *addr)
{
	char text[ADDR_TEXT];

	if (is_mapped(addr))
		assert_false(passes(filter, addr));
	else if (passes(filter, addr) != (acl_decide(acl, addr) == ACL_ALLOW))
		fail_msg("%s", addr_print_host(addr, text, sizeof(text)));
}

/* The first and the last of a prefix, and those around it. */
static void
check_edges(const struct acl *acl, const struct filter *filter,
    const struct prefix *prefix)
{
	bool v6 = prefix->family == AF_INET6;
	size_t length = v6 ? 16 : 4;

	for (int edge = 0; edge < 4; edge++) {
		struct addr addr;
		uint8_t bytes[16];
		size_t i = length;

		memcpy(bytes, prefix->bytes, sizeof(bytes));
		for (size_t bit = prefix->bits; edge >= 2 && bit < length * 8;
		     bit++)
			bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		while (edge == 1 && i-- > 0 && bytes[i]-- == 0)
			continue;
		while (edge == 3 && i-- > 0 && ++bytes[i] == 0)
			continue;
		addr_any(prefix->family, 0, &addr);
		if (v6)
			memcpy(&addr.u.in6.sin6_addr, bytes, length);
		else
			memcpy(&addr.u.in.sin_addr, bytes, length);
		check_addr(acl, filter, &addr);
	}
}

static void
filters_say_what_the_rules_say(void **state)
{
	struct filter filter;

	(void)state;
	srand(20261);
	for (int round = 0; round < ROUNDS; round++) {
		struct acl *acl = acl_new();
		struct prefix prefixes[RULES];
		size_t count = (size_t)rand() % RULES;
		struct addr addr;

		for (size_t i = 0; i < count; i++) {
			random_addr(&addr);
			prefix_of(&addr, (unsigned)rand() % 129, &prefixes[i]);
			acl_add_prefix(acl, rand() % 2, &prefixes[i]);
		}
		if (rand() % 2)
			acl_require_match(acl);
		assert_null(filter_make(acl, &filter));
		for (size_t i = 0; i < count; i++)
			check_edges(acl, &filter, &prefixes[i]);
		for (int i = 0; i < ADDRESSES; i++) {
			random_addr(&addr);
			check_addr(acl, &filter, &addr);
		}
		acl_free(acl);
	}
}

static struct acl *
many_networks(size_t count, sa_family_t family)
{
	struct acl *acl = acl_new();

	acl_require_match(acl);
	for (size_t i = 0; i < count; i++) {
		struct prefix prefix = { .family = family, .bits = 24 };

		prefix.bytes[0] = (uint8_t)(10 + i / 30000);
		prefix.bytes[1] = (uint8_t)(i >> 7);
		prefix.bytes[2] = (uint8_t)(i << 1);
		acl_add_prefix(acl, true, &prefix);
	}
	return acl;
}

/* Jumps reach 255 instructions. */
static void
long_lists_are_searched_by_long_jumps(void **state)
{
	struct acl *acl = many_networks(FAR, AF_INET);
	struct filter filter;
	struct addr addr;
	bool long_one = false;

	(void)state;
	assert_null(filter_make(acl, &filter));
	for (size_t i = 0; i < filter.count; i++)
		long_one |= filter.code[i].code == (BPF_JMP | BPF_JA);
	assert_true(long_one);
	for (uint32_t i = 0; i < FAR * 4; i++) {
		addr_any(AF_INET, 0, &addr);
		addr.u.in.sin_addr.s_addr = htonl(
		    0x0a000000 + (i << 8) + (i & 0xff));
		check_addr(acl, &filter, &addr);
	}
	acl_free(acl);
}

static void
a_list_that_is_too_long_is_told(void **state)
{
	struct acl *acl = many_networks(3000, AF_INET);
	struct filter filter;

	(void)state;
	assert_non_null(strstr(filter_make(acl, &filter), "too long"));
	assert_int_equal(filter.count, 0);
	acl_free(acl);
	acl = many_networks(700, AF_INET6);
	assert_null(filter_make(acl, &filter));
	acl_free(acl);
}

static void
names_are_no_matter_of_the_kernel(void **state)
{
	struct acl *acl = acl_new();
	struct filter filter;

	(void)state;
	acl_add_name(acl, false, "host.example");
	assert_non_null(strstr(filter_make(acl, &filter), "names"));
	acl_free(acl);
}

static void
what_is_neither_ipv4_nor_ipv6_or_cut_short_does_not_pass(void **state)
{
	struct acl *acl = acl_new();
	struct filter filter;
	struct packet packet = { .length = 20 };

	(void)state;
	assert_null(filter_make(acl, &filter));
	for (unsigned version = 0; version < 16; version++) {
		packet.bytes[0] = (uint8_t)(version << 4);
		assert_int_equal(bpf_run(&filter, &packet) == BPF_PASSES,
		    version == 4 || version == 6);
	}
	acl_free(acl);
	acl = many_networks(1, AF_INET);
	assert_null(filter_make(acl, &filter));
	packet = (struct packet){ { 0x45, [12] = 10 }, 16 };
	assert_int_equal(bpf_run(&filter, &packet), BPF_PASSES);
	packet.length = 15;
	assert_int_equal(bpf_run(&filter, &packet), BPF_DROPS);
	acl_free(acl);
}

/* The longest that may come out is one that the kernel takes. */
static void
the_kernel_takes_them(void **state)
{
	size_t count = 1;
	struct filter filter;

	(void)state;
	for (size_t step = 2048; step > 0; step /= 2) {
		struct acl *acl = many_networks(count + step, AF_INET);

		if (filter_make(acl, &filter) == NULL)
			count += step;
		acl_free(acl);
	}
	assert_true(count > 600);
	for (; count > 0; count /= 2) {
		struct acl *acl = many_networks(count, AF_INET);
		struct sock_fprog program = { 0, filter.code };
		int fd = socket(AF_INET, SOCK_DGRAM, 0);

		if (fd < 0)
			skip();
		assert_null(filter_make(acl, &filter));
		program.len = filter.count;
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER,
				     &program, sizeof(program)),
		    0);
		close(fd);
		acl_free(acl);
	}
}

static void
only_sockets_that_a_server_takes_have_one(void **state)
{
	struct service *service = service_new();
	struct filter filter;

	(void)state;
	service->access.acl = many_networks(3, AF_INET);
	service->family = FAMILY_INET;
	service->protocol = IPPROTO_TCP;
	service->socktype = SOCK_STREAM;
	filter_of(service, &filter);
	assert_int_equal(filter.count, 0);
	service->wait = true;
	assert_null(filter_impossible(service));
	filter_of(service, &filter);
	assert_int_not_equal(filter.count, 0);
	service->protocol = IPPROTO_SCTP;
	assert_non_null(filter_impossible(service));
	service->protocol = 0;
	service->family = FAMILY_UNIX;
	assert_non_null(filter_impossible(service));
	filter_of(service, &filter);
	assert_int_equal(filter.count, 0);
	service_free(service);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_say_what_the_rules_say),
		cmocka_unit_test(long_lists_are_searched_by_long_jumps),
		cmocka_unit_test(a_list_that_is_too_long_is_told),
		cmocka_unit_test(names_are_no_matter_of_the_kernel),
		cmocka_unit_test(
		    what_is_neither_ipv4_nor_ipv6_or_cut_short_does_not_pass),
		cmocka_unit_test(the_kernel_takes_them),
		cmocka_unit_test(only_sockets_that_a_server_takes_have_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
