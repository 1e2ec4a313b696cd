/*
 * Access rules as a program of the kernel's: it says of every source what the
 * rules say, and is one that the kernel takes.
 */
#include "conf/filter.h"

#include <sys/socket.h>

#include <unistd.h>

#include "conf/acl.h"
#include "tests/fuzz/input.h"
#include "tests/unit/bpf.h"

enum { RULES_MAX = 400, SOURCES_MAX = 64 };

/* The first byte says which family it is, and whether the others are to be
 * few: so that rules nest, and part in each word. */
static void
take_addr(struct input *input, struct addr *addr)
{
	uint8_t kind = input_byte(input);
	uint8_t *bytes;
	size_t length;

	addr_any(kind & 1 ? AF_INET6 : AF_INET, 0, addr);
	bytes = kind & 1 ?
	    addr->u.in6.sin6_addr.s6_addr :
	    (uint8_t *)&addr->u.in.sin_addr;
	length = kind & 1 ? 16 : 4;
	if (kind & 2) {
		input_bytes(input, bytes, length);
		return;
	}
	memset(bytes, kind & 4 ? 0xff : 0, length);
	for (uint8_t n = kind >> 4; n > 0; n--) {
		uint8_t where = input_byte(input);

		bytes[where % length] = input_byte(input);
	}
}

static bool
is_mapped(const struct addr *addr)
{
	return addr->u.sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_V4MAPPED(&addr->u.in6.sin6_addr);
}

static void
check_source(const struct acl *acl, const struct filter *filter,
    const struct addr *addr)
{
	bool allowed = !is_mapped(addr) && acl_decide(acl, addr) == ACL_ALLOW;
	struct packet packet;

	packet_from(addr, &packet);
	must(bpf_run(filter, &packet) == (allowed ? BPF_PASSES : BPF_DROPS));
	/* who says nothing of where it comes from comes from nowhere */
	packet.length = 0;
	must(bpf_run(filter, &packet) == BPF_DROPS);
}

static void
check_bytes(const struct acl *acl, const struct filter *filter,
    sa_family_t family, const uint8_t *bytes)
{
	struct addr addr;

	addr_any(family, 0, &addr);
	if (family == AF_INET6)
		memcpy(&addr.u.in6.sin6_addr, bytes, 16);
	else
		memcpy(&addr.u.in.sin_addr, bytes, 4);
	check_source(acl, filter, &addr);
}

/* The last of a prefix and the first behind it, or its first and the one
 * before. */
static void
check_edge(const struct acl *acl, const struct filter *filter,
    const struct prefix *prefix, bool last)
{
	size_t length = prefix->family == AF_INET6 ? 16 : 4, i = length;
	uint8_t bytes[16];

	memcpy(bytes, prefix->bytes, sizeof(bytes));
	for (size_t bit = prefix->bits; last && bit < length * 8; bit++)
		bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	check_bytes(acl, filter, prefix->family, bytes);
	while (i-- > 0 && (last ? ++bytes[i] == 0 : bytes[i]-- == 0))
		continue;
	check_bytes(acl, filter, prefix->family, bytes);
}

/* It checks each instruction and jump, and that there is an end. */
static void
check_kernel(struct filter *filter)
{
	struct sock_fprog program = { filter->count, filter->code };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(fd >= 0);
	must(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		 sizeof(program)) == 0);
	close(fd);
}

static size_t
take_rules(struct input *input, struct acl *acl, struct prefix *prefixes)
{
	size_t count = input_byte(input);
	struct addr addr;

	if (count > 0xf0)
		count = RULES_MAX;
	for (size_t i = 0; i < count; i++) {
		uint8_t bits = input_byte(input);

		take_addr(input, &addr);
		/* of an IPv4 address all, from 32 on */
		prefix_of(&addr, bits % 129, &prefixes[i]);
		acl_add_prefix(acl, bits & 0x80, &prefixes[i]);
	}
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct prefix prefixes[RULES_MAX];
	struct input input = { data, size };
	struct acl *acl = acl_new();
	struct filter filter;
	struct addr addr;
	size_t count;

	if (input_byte(&input) & 1)
		acl_require_match(acl);
	count = take_rules(&input, acl, prefixes);
	if (filter_make(acl, &filter) == NULL) {
		must(filter.count > 0 && filter.count <= FILTER_MAX);
		check_kernel(&filter);
		for (size_t i = 0; i < count; i++) {
			check_edge(acl, &filter, &prefixes[i], false);
			check_edge(acl, &filter, &prefixes[i], true);
		}
		for (int i = 0; i < SOURCES_MAX && input.left > 0; i++) {
			take_addr(&input, &addr);
			check_source(acl, &filter, &addr);
		}
	} else
		must(filter.count == 0 && count > 200);
	acl_free(acl);
	return 0;
}
