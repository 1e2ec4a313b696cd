/* Addresses and prefixes: parsed, printed, compared.  Pure. */
#include "conf/addr.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_DIGITS = 5, V4_BITS = 32, V6_BITS = 128 };

static void
set_in(struct addr *addr, const struct in_addr *host, uint16_t port)
{
	memset(addr, 0, sizeof(*addr));
	addr->len = sizeof(addr->u.in);
	addr->u.in.sin_family = AF_INET;
	addr->u.in.sin_addr = *host;
	addr->u.in.sin_port = htons(port);
}

static void
set_in6(struct addr *addr, const struct in6_addr *host, uint16_t port)
{
	memset(addr, 0, sizeof(*addr));
	addr->len = sizeof(addr->u.in6);
	addr->u.in6.sin6_family = AF_INET6;
	addr->u.in6.sin6_addr = *host;
	addr->u.in6.sin6_port = htons(port);
}

/* "%eth0" or "%2"; no scope at all is 0. */
static int
parse_scope(const char *text, uint32_t *scope)
{
	unsigned long number;
	char *end;

	*scope = if_nametoindex(text);
	if (*scope != 0)
		return 0;
	if (*text < '0' || *text > '9')
		return -1;
	number = strtoul(text, &end, 10);
	if (*end != '\0' || number == 0 || number > UINT32_MAX)
		return -1;
	*scope = (uint32_t)number;
	return 0;
}

int
addr_parse_host(const char *text, uint16_t port, struct addr *addr)
{
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 4], *scope;
	size_t length = strlen(text);
	struct in_addr in;
	struct in6_addr in6;
	bool brackets = length >= 2 && text[0] == '[' &&
	    text[length - 1] == ']';

	if (brackets) {
		text++;
		length -= 2;
	}
	if (length >= sizeof(host))
		return -1;
	memcpy(host, text, length);
	host[length] = '\0';
	if (!brackets && inet_pton(AF_INET, host, &in) == 1) {
		set_in(addr, &in, port);
		return 0;
	}
	scope = strchr(host, '%');
	if (scope != NULL)
		*scope++ = '\0';
	if (inet_pton(AF_INET6, host, &in6) != 1)
		return -1;
	set_in6(addr, &in6, port);
	return scope == NULL ?
	    0 :
	    parse_scope(scope, &addr->u.in6.sin6_scope_id);
}

int
addr_parse_unix(const char *path, struct addr *addr)
{
	size_t length = strlen(path);

	if (length == 0 || length >= sizeof(addr->u.un.sun_path) ||
	    (path[0] == '@' && length == 1))
		return -1;
	memset(addr, 0, sizeof(*addr));
	addr->u.un.sun_family = AF_UNIX;
	memcpy(addr->u.un.sun_path, path, length);
	addr->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    length);
	if (path[0] == '@')
		addr->u.un.sun_path[0] = '\0';
	else
		addr->len++; /* the NUL belongs to a path: unix(7) */
	return 0;
}

void
addr_of_user(uid_t uid, struct addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->len = sizeof(addr->u.user);
	addr->u.user.family = ADDR_USER;
	addr->u.user.uid = uid;
}

bool
addr_is_user(const struct addr *addr)
{
	return addr->len > 0 && addr->u.sa.sa_family == ADDR_USER;
}

static const char user_start[] = "uid:";

int
addr_parse_user(const char *text, struct addr *addr)
{
	size_t start = sizeof(user_start) - 1;
	unsigned long long number;
	const char *digits = text + start;

	if (strncmp(text, user_start, start) != 0 || digits[0] == '\0' ||
	    digits[strspn(digits, "0123456789")] != '\0')
		return -1;
	errno = 0;
	number = strtoull(digits, NULL, 10);
	if (errno != 0 || number >= (uid_t)-1)
		return -1;
	addr_of_user((uid_t)number, addr);
	return 0;
}

void
addr_any(sa_family_t family, uint16_t port, struct addr *addr)
{
	struct in_addr in = { htonl(INADDR_ANY) };

	if (family == AF_INET6)
		set_in6(addr, &in6addr_any, port);
	else
		set_in(addr, &in, port);
}

int
addr_parse_port(const char *text, uint16_t *port)
{
	size_t length = strspn(text, "0123456789");
	unsigned long number;

	if (length == 0 || text[length] != '\0' || length > PORT_DIGITS)
		return -1;
	number = strtoul(text, NULL, 10);
	if (number > UINT16_MAX)
		return -1;
	*port = (uint16_t)number;
	return 0;
}

uint16_t
addr_port(const struct addr *addr)
{
	if (addr->len == 0)
		return 0;
	if (addr->u.sa.sa_family == AF_INET)
		return ntohs(addr->u.in.sin_port);
	if (addr->u.sa.sa_family == AF_INET6)
		return ntohs(addr->u.in6.sin6_port);
	return 0;
}

void
addr_set_port(struct addr *addr, uint16_t port)
{
	if (addr->u.sa.sa_family == AF_INET)
		addr->u.in.sin_port = htons(port);
	else if (addr->u.sa.sa_family == AF_INET6)
		addr->u.in6.sin6_port = htons(port);
}

bool
addr_is_internet(const struct addr *addr)
{
	return addr->len > 0 &&
	    (addr->u.sa.sa_family == AF_INET ||
		addr->u.sa.sa_family == AF_INET6);
}

bool
addr_is_any(const struct addr *addr)
{
	if (addr->u.sa.sa_family == AF_INET)
		return addr->u.in.sin_addr.s_addr == htonl(INADDR_ANY);
	return addr->u.sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&addr->u.in6.sin6_addr);
}

bool
addr_is_multicast(const struct addr *addr)
{
	if (addr->u.sa.sa_family == AF_INET)
		return IN_MULTICAST(ntohl(addr->u.in.sin_addr.s_addr));
	return addr->u.sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_MULTICAST(&addr->u.in6.sin6_addr);
}

void
addr_unmap(struct addr *addr)
{
	struct in_addr in;

	if (addr->len == 0 || addr->u.sa.sa_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&addr->u.in6.sin6_addr))
		return;
	memcpy(&in, addr->u.in6.sin6_addr.s6_addr + 12, sizeof(in));
	set_in(addr, &in, ntohs(addr->u.in6.sin6_port));
}

/* Comparing. */

/* The bytes of the host, and how many; a path for unix. */
static const void *
host_bytes(const struct addr *addr, size_t *length)
{
	switch (addr->u.sa.sa_family) {
	case AF_INET:
		*length = sizeof(addr->u.in.sin_addr);
		return &addr->u.in.sin_addr;
	case AF_INET6:
		*length = sizeof(addr->u.in6.sin6_addr);
		return &addr->u.in6.sin6_addr;
	case ADDR_USER:
		*length = sizeof(addr->u.user.uid);
		return &addr->u.user.uid;
	case AF_UNIX:
		*length = addr->len - offsetof(struct sockaddr_un, sun_path);
		return addr->u.un.sun_path;
	default:
		*length = 0;
		return addr;
	}
}

static uint32_t
scope_of(const struct addr *addr)
{
	return addr->u.sa.sa_family == AF_INET6 ? addr->u.in6.sin6_scope_id : 0;
}

static int
compare_hosts(const struct addr *a, const struct addr *b)
{
	size_t la, lb;
	const void *ha, *hb;
	int order;

	if (a->len == 0 || b->len == 0)
		return (a->len != 0) - (b->len != 0);
	if (a->u.sa.sa_family != b->u.sa.sa_family)
		return a->u.sa.sa_family < b->u.sa.sa_family ? -1 : 1;
	ha = host_bytes(a, &la);
	hb = host_bytes(b, &lb);
	order = memcmp(ha, hb, la < lb ? la : lb);
	if (order != 0)
		return order < 0 ? -1 : 1;
	if (la != lb)
		return la < lb ? -1 : 1;
	return (scope_of(a) > scope_of(b)) - (scope_of(a) < scope_of(b));
}

int
addr_compare(const struct addr *a, const struct addr *b)
{
	int order = compare_hosts(a, b);

	if (order != 0)
		return order;
	return (addr_port(a) > addr_port(b)) - (addr_port(a) < addr_port(b));
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_compare(a, b) == 0;
}

bool
addr_same_host(const struct addr *a, const struct addr *b)
{
	return compare_hosts(a, b) == 0;
}

/* Printing. */

static void
print_unix(const struct addr *addr, char *buf, size_t size)
{
	size_t length = addr->len <= offsetof(struct sockaddr_un, sun_path) ?
	    0 :
	    addr->len - offsetof(struct sockaddr_un, sun_path);
	const char *path = addr->u.un.sun_path;

	if (length == 0)
		snprintf(buf, size, "unix");
	else if (path[0] == '\0')
		snprintf(buf, size, "@%.*s", (int)(length - 1), path + 1);
	else
		snprintf(buf, size, "%.*s", (int)strnlen(path, length), path);
}

static void
print_in6(const struct addr *addr, char *buf, size_t size)
{
	char host[INET6_ADDRSTRLEN], scope[IF_NAMESIZE];

	inet_ntop(AF_INET6, &addr->u.in6.sin6_addr, host, sizeof(host));
	if (scope_of(addr) == 0)
		snprintf(buf, size, "%s", host);
	else if (if_indextoname(scope_of(addr), scope) != NULL)
		snprintf(buf, size, "%s%%%s", host, scope);
	else
		snprintf(buf, size, "%s%%%u", host, scope_of(addr));
}

char *
addr_print_host(const struct addr *addr, char *buf, size_t size)
{
	char host[INET_ADDRSTRLEN];

	switch (addr->len == 0 ? AF_UNSPEC : addr->u.sa.sa_family) {
	case ADDR_USER:
		snprintf(buf, size, "%s%u", user_start, addr->u.user.uid);
		break;
	case AF_UNIX:
		print_unix(addr, buf, size);
		break;
	case AF_INET:
		snprintf(buf, size, "%s",
		    inet_ntop(AF_INET, &addr->u.in.sin_addr, host,
			sizeof(host)));
		break;
	case AF_INET6:
		print_in6(addr, buf, size);
		break;
	default:
		snprintf(buf, size, "-");
		break;
	}
	return buf;
}

char *
addr_print(const struct addr *addr, char *buf, size_t size)
{
	char host[ADDR_TEXT];

	addr_print_host(addr, host, sizeof(host));
	if (addr->len > 0 && addr->u.sa.sa_family == AF_INET)
		snprintf(buf, size, "%s:%u", host, addr_port(addr));
	else if (addr->len > 0 && addr->u.sa.sa_family == AF_INET6)
		snprintf(buf, size, "[%s]:%u", host, addr_port(addr));
	else
		snprintf(buf, size, "%s", host);
	return buf;
}

/* Prefixes. */

static unsigned
family_bits(sa_family_t family)
{
	return family == AF_INET ? V4_BITS : V6_BITS;
}

unsigned
prefix_common_bits(const struct prefix *a, const struct prefix *b)
{
	unsigned most = a->bits < b->bits ? a->bits : b->bits, i = 0;

	while (i + 8 <= most && a->bytes[i / 8] == b->bytes[i / 8])
		i += 8;
	while (i < most && prefix_bit(a, i) == prefix_bit(b, i))
		i++;
	return i;
}

bool
prefix_within(const struct prefix *narrow, const struct prefix *wide)
{
	return narrow->family == wide->family && narrow->bits > wide->bits &&
	    prefix_common_bits(narrow, wide) == wide->bits;
}

/* Was one of them set? */
static bool
clear_free_bits(struct prefix *prefix)
{
	uint8_t *bytes = prefix->bytes;
	uint8_t kept = (uint8_t)(0xff00u >> prefix->bits % 8);
	bool found = false;

	for (size_t i = prefix->bits / 8; i < sizeof(prefix->bytes); i++) {
		found |= (bytes[i] & ~kept) != 0;
		bytes[i] &= kept;
		kept = 0;
	}
	return found;
}

void
prefix_of(const struct addr *addr, unsigned bits, struct prefix *prefix)
{
	struct addr plain = *addr;
	const void *bytes;
	size_t length;

	addr_unmap(&plain);
	memset(prefix, 0, sizeof(*prefix));
	prefix->family = plain.u.sa.sa_family;
	bytes = host_bytes(&plain, &length);
	memcpy(prefix->bytes, bytes,
	    length < sizeof(prefix->bytes) ? length : sizeof(prefix->bytes));
	prefix->bits = (uint8_t)(bits < family_bits(prefix->family) ?
		bits :
		family_bits(prefix->family));
	clear_free_bits(prefix);
}

int
prefix_read(const char *text, struct prefix *prefix, bool *host_bits)
{
	char host[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t length = slash == NULL ? strlen(text) : (size_t)(slash - text);
	unsigned bits;
	struct addr addr;
	uint16_t number;

	if (length >= sizeof(host))
		return -1;
	memcpy(host, text, length);
	host[length] = '\0';
	if (strchr(host, '%') != NULL || addr_parse_host(host, 0, &addr) != 0)
		return -1;
	bits = family_bits(addr.u.sa.sa_family);
	if (slash != NULL &&
	    (addr_parse_port(slash + 1, &number) != 0 || number > bits))
		return -1;
	prefix_of(&addr, V6_BITS, prefix);
	*host_bits = false;
	if (slash == NULL)
		return 0;
	/* ::ffff:10.0.0.0/104 is 10.0.0.0/8 */
	if (prefix->family != addr.u.sa.sa_family) {
		if (number < V6_BITS - V4_BITS)
			return -1;
		number = (uint16_t)(number - (V6_BITS - V4_BITS));
	}
	prefix->bits = (uint8_t)number;
	*host_bits = clear_free_bits(prefix);
	return 0;
}

int
prefix_parse(const char *text, struct prefix *prefix)
{
	bool host_bits;

	return prefix_read(text, prefix, &host_bits) == 0 && !host_bits ?
	    0 :
	    -1;
}

int
prefix_parse_octets(const char *text, struct prefix *prefix)
{
	struct addr addr;
	unsigned bits = V4_BITS;

	if (addr_parse_host(text, 0, &addr) != 0 ||
	    addr.u.sa.sa_family != AF_INET)
		return -1;
	prefix_of(&addr, V4_BITS, prefix);
	while (bits > 0 && prefix->bytes[bits / 8 - 1] == 0)
		bits -= 8;
	prefix->bits = (uint8_t)bits;
	return 0;
}

static void
print_user_prefix(const struct prefix *prefix, char *buf, size_t size)
{
	uid_t uid;

	memcpy(&uid, prefix->bytes, sizeof(uid));
	snprintf(buf, size, "%s%u", user_start, uid);
}

char *
prefix_print(const struct prefix *prefix, char *buf, size_t size)
{
	char host[INET6_ADDRSTRLEN];

	if (prefix->family == ADDR_USER) {
		print_user_prefix(prefix, buf, size);
		return buf;
	}
	if (inet_ntop(prefix->family, prefix->bytes, host, sizeof(host)) ==
	    NULL)
		snprintf(buf, size, "unix");
	else if (prefix->bits == family_bits(prefix->family))
		snprintf(buf, size, "%s", host);
	else
		snprintf(buf, size, "%s/%u", host, prefix->bits);
	return buf;
}

bool
prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return prefix_compare(a, b) == 0;
}

int
prefix_compare(const struct prefix *a, const struct prefix *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->bits != b->bits)
		return a->bits < b->bits ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

void
client_of(const struct addr *addr, const struct client_bits *bits,
    struct prefix *client)
{
	struct addr plain = *addr;

	addr_unmap(&plain);
	memset(client, 0, sizeof(*client));
	client->family = plain.len == 0 ? AF_UNSPEC : plain.u.sa.sa_family;
	if (client->family == AF_INET)
		prefix_of(&plain, bits->v4, client);
	else if (client->family == AF_INET6)
		prefix_of(&plain,
		    IN6_IS_ADDR_LINKLOCAL(&plain.u.in6.sin6_addr) ?
			V6_BITS :
			bits->v6,
		    client);
	else if (client->family == ADDR_USER)
		memcpy(client->bytes, &plain.u.user.uid,
		    sizeof(plain.u.user.uid));
}
