/*
 * The PROXY protocol, versions 1 and 2, as haproxy's proxy-protocol.txt has
 * them: the header by which a proxy says whose connection it forwards.  Knows
 * bytes and one descriptor; whom to believe is not its business.
 */
#ifndef SERVICES_PROXY_H
#define SERVICES_PROXY_H

#include <sys/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest header that is read, in octets: addresses and what extensions
 * proxies send take some hundreds.  The longest that is written. */
enum { PROXY_MOST = 4096, PROXY_WRITTEN = 108 };

/* An end of the connection between the client and its proxy. */
struct proxy_end {
	uint16_t family; /* AF_INET, AF_INET6; 0: the proxy says nothing */
	in_port_t port;	 /* in network byte order, as the address */
	uint8_t bytes[16];
};

/* What a header tells.  Both families are 0, or the same. */
struct proxy_told {
	struct proxy_end client, server;
};

/*
 * Parse the header that these octets begin with, of one of these versions: 1 <<
 * 1, 1 << 2, or both.  Its length, with told set; 0: it is not complete, and
 * all of the octets are part of it; -1: it is none.
 */
ssize_t proxy_parse(const uint8_t *, size_t length, unsigned versions,
    struct proxy_told *);

/* The part of a header that has come.  All zero at first. */
struct proxy_reader {
	uint8_t *bytes; /* malloc'd, PROXY_MOST octets, or NULL */
	size_t used;
};

enum proxy_result {
	PROXY_TOLD,
	PROXY_WAITS, /* until there is more to be read */
	PROXY_WRONG, /* no header of these versions */
	PROXY_GONE   /* the connection ended, or errno says what failed */
};

/* Read on from a non-blocking stream socket, up to the end of the header and
 * not an octet further. */
enum proxy_result proxy_read(int fd, unsigned versions, struct proxy_reader *,
    struct proxy_told *);
void proxy_reader_free(struct proxy_reader *);

/* Write the header of version 1 or 2 to buf, which has room for PROXY_WRITTEN
 * octets: LOCAL or UNKNOWN where the families are 0.  Its length. */
size_t proxy_write(unsigned version, const struct proxy_told *, uint8_t *buf);

#endif
