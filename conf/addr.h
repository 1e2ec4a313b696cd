/*
 * Socket addresses and address prefixes: parsing, printing, comparing.  Only
 * numeric text: names.h looks names up.  Pure.
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

/* Of no socket: a client of a unix socket is known by its user. */
enum { ADDR_USER = 0xff };

struct addr_user {
	sa_family_t family; /* ADDR_USER */
	uid_t uid;
};

struct addr {
	socklen_t len; /* 0: no address */
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		struct addr_user user;
	} u;
};

/* A network: the first bits of an address; or a user. */
struct prefix {
	sa_family_t family; /* AF_INET, AF_INET6 or ADDR_USER */
	uint8_t bits;
	uint8_t bytes[16]; /* network byte order; other bits are zero */
};

/*
 * A numeric IPv4 or IPv6 host, the latter with or without brackets and with
 * an optional %scope.  -1 if text is neither.
 */
int addr_parse_host(const char *text, uint16_t port, struct addr *);
/* A unix socket path ("@name": abstract).  -1 if it does not fit. */
int addr_parse_unix(const char *path, struct addr *);
/* The client with this user. */
void addr_of_user(uid_t, struct addr *);
/* "uid:1000", as it is printed.  -1 if text is none. */
int addr_parse_user(const char *text, struct addr *);
bool addr_is_user(const struct addr *);
/* The wildcard address of a family. */
void addr_any(sa_family_t, uint16_t port, struct addr *);
/* 0..65535 in decimal digits only; -1 otherwise. */
int addr_parse_port(const char *text, uint16_t *port);

uint16_t addr_port(const struct addr *); /* 0 for unix */
void addr_set_port(struct addr *, uint16_t);
bool addr_is_internet(const struct addr *); /* IPv4 or IPv6 */
bool addr_is_any(const struct addr *);
bool addr_is_multicast(const struct addr *);
/* Turn an IPv4-mapped IPv6 address into the IPv4 address. */
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

/* Parse "10.0.0.0/8", "::1" or "fe80::/10".  0, or -1, also if a bit after the
 * prefix is set. */
int prefix_parse(const char *text, struct prefix *);
/* The same, but clear such bits and set *host_bits if there were any. */
int prefix_read(const char *text, struct prefix *, bool *host_bits);
/* Parse xinetd's form of an IPv4 network, "10.1.0.0", whose trailing zero
 * octets match anything.  0 or -1. */
int prefix_parse_octets(const char *text, struct prefix *);
char *prefix_print(const struct prefix *, char *buf, size_t);
/* The i-th bit of its address, from the left. */
static inline unsigned
prefix_bit(const struct prefix *prefix, unsigned i)
{
	return (prefix->bytes[i / 8] >> (7 - i % 8)) & 1;
}

/* The number of leading bits that two prefixes of one family share. */
unsigned prefix_common_bits(const struct prefix *, const struct prefix *);
/* Is the first one a proper part of the second? */
bool prefix_within(const struct prefix *, const struct prefix *);
bool prefix_equal(const struct prefix *, const struct prefix *);
/* Total order: family, length, bytes. */
int prefix_compare(const struct prefix *, const struct prefix *);
/* The prefix of this length around an address (mapped ones unmapped). */
void prefix_of(const struct addr *, unsigned bits, struct prefix *);

/* How many bits of an address identify a client.  The defaults are an IPv4
 * address, and the /64 network that an IPv6 host can choose addresses from. */
enum { CLIENT_BITS_V4 = 32, CLIENT_BITS_V6 = 64 };

struct client_bits {
	uint8_t v4, v6;
};

/*
 * The client of an address, as limits, counts and the deny list know it: the
 * prefix of this length.  A link-local IPv6 address is a client of its own,
 * since all neighbours share its network.  A user is one, too; all addresses
 * of other families are one client.
 */
void client_of(const struct addr *, const struct client_bits *,
    struct prefix *);

#endif
