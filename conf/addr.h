/*
 * Socket addresses and address prefixes: parse, print, compare.
 * Numeric text only: names are asked in names.c.  Pure functions.
 */
#ifndef CONF_ADDR_H
#define CONF_ADDR_H

#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Large enough for any printed address: unix path, or [v6%scope]:port. */
#define ADDR_TEXT (sizeof(struct sockaddr_un) + 16)

struct addr {
	socklen_t len; /* 0: no address */
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} u;
};

/* An address with its last bits free.  bits counts from the left. */
struct prefix {
	sa_family_t family; /* AF_INET or AF_INET6 */
	uint8_t bits;
	uint8_t bytes[16]; /* network order; bits beyond are zero */
};

/*
 * A numeric IPv4 or IPv6 host, the latter with or without brackets and with
 * an optional %scope.  -1 if text is neither.
 */
int addr_parse_host(const char *text, uint16_t port, struct addr *);
/* A unix socket path ("@name": abstract).  -1 if it does not fit. */
int addr_parse_unix(const char *path, struct addr *);
/* The wildcard address of a family. */
void addr_any(sa_family_t, uint16_t port, struct addr *);
/* 0..65535 in decimal digits only; -1 otherwise. */
int addr_parse_port(const char *text, uint16_t *port);

uint16_t addr_port(const struct addr *); /* 0 for unix */
void addr_set_port(struct addr *, uint16_t);
bool addr_is_internet(const struct addr *); /* IPv4 or IPv6 */
bool addr_is_any(const struct addr *);
bool addr_is_multicast(const struct addr *);
/* An IPv4-mapped IPv6 address becomes the IPv4 address it stands for. */
void addr_unmap(struct addr *);
/* Total order: family, address, scope, port (or path). */
int addr_compare(const struct addr *, const struct addr *);
bool addr_equal(const struct addr *, const struct addr *);
/* Same host, whatever the port. */
bool addr_same_host(const struct addr *, const struct addr *);

/* "127.0.0.1:21", "[::1]:21", "/run/x", "@name", "*:21"-less: the wildcard
 * prints as 0.0.0.0:21 or [::]:21.  Returns buf. */
char *addr_print(const struct addr *, char *buf, size_t);
/* The host alone, without brackets. */
char *addr_print_host(const struct addr *, char *buf, size_t);

/* "10.0.0.0/8", "::1", "fe80::/10"; host bits that are set: -1. */
int prefix_parse(const char *text, struct prefix *);
/* The same, but such bits are cleared, and told. */
int prefix_read(const char *text, struct prefix *, bool *host_bits);
/* "10.1.0.0": xinetd's form, where rightmost zero octets are free; IPv4. */
int prefix_parse_octets(const char *text, struct prefix *);
char *prefix_print(const struct prefix *, char *buf, size_t);
/* A bit of its address, from the left. */
static inline unsigned
prefix_bit(const struct prefix *prefix, unsigned i)
{
	return (prefix->bytes[i / 8] >> (7 - i % 8)) & 1;
}

/* How many bits both begin with alike; they are of one family. */
unsigned prefix_common_bits(const struct prefix *, const struct prefix *);
/* Is the first one a part of the second, and less than it? */
bool prefix_within(const struct prefix *, const struct prefix *);
bool prefix_equal(const struct prefix *, const struct prefix *);
/* Total order: family, length, bytes. */
int prefix_compare(const struct prefix *, const struct prefix *);
/* The prefix of this length around an address (mapped ones unmapped). */
void prefix_of(const struct addr *, unsigned bits, struct prefix *);

/* How much of an address says who a client is; unless configured, a host of
 * IPv4 and a network of IPv6, which is what one customer is given. */
enum { CLIENT_BITS_V4 = 32, CLIENT_BITS_V6 = 64 };

struct client_bits {
	uint8_t v4, v6;
};

/*
 * The client that an address belongs to, which is what is counted, limited
 * and denied: an IPv6 host may have any address of its network.  A link-local
 * address is a client of its own, since all hosts are in that network; who
 * has no internet address is one client with all others of that kind.
 */
void client_of(const struct addr *, const struct client_bits *,
    struct prefix *);

#endif
