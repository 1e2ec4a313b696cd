/* Headers of the PROXY protocol: the line of version 1, and version 2, which
 * is binary. */
#include "services/proxy.h"

#include <sys/socket.h>
#include <arpa/inet.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Version 1. */

static const char v1_start[] = "PROXY ";

/* With CR LF. */
enum { V1_MOST = 107 };

struct cursor {
	const char *at, *end;
};

/* Up to the next blank, or the end. */
static bool
take_word(struct cursor *cursor, char *word, size_t size)
{
	size_t left = (size_t)(cursor->end - cursor->at);
	const char *blank = memchr(cursor->at, ' ', left);
	size_t length = blank != NULL ? (size_t)(blank - cursor->at) : left;

	if (length == 0 || length >= size)
		return false;
	memcpy(word, cursor->at, length);
	word[length] = '\0';
	cursor->at += blank != NULL ? length + 1 : length;
	return memchr(word, '\0', length) == NULL;
}

static bool
take_address(struct cursor *cursor, int family, struct proxy_end *end)
{
	char word[INET6_ADDRSTRLEN];

	end->family = (uint16_t)family;
	return take_word(cursor, word, sizeof(word)) &&
	    inet_pton(family, word, end->bytes) == 1;
}

static bool
take_port(struct cursor *cursor, struct proxy_end *end)
{
	char word[sizeof("65535")];
	unsigned port = 0;

	if (!take_word(cursor, word, sizeof(word)) ||
	    (word[0] == '0' && word[1] != '\0'))
		return false;
	for (const char *digit = word; *digit != '\0'; digit++) {
		if (*digit < '0' || *digit > '9')
			return false;
		port = port * 10 + (unsigned)(*digit - '0');
	}
	end->port = htons((uint16_t)port);
	return port <= UINT16_MAX;
}

/* "TCP4 192.0.2.1 192.0.2.2 40000 80": all there is before CR LF. */
static bool
parse_line(struct cursor *cursor, struct proxy_told *told)
{
	char word[sizeof("UNKNOWN")];
	int family;

	if (!take_word(cursor, word, sizeof(word)))
		return false;
	if (strcmp(word, "UNKNOWN") == 0)
		return true; /* whatever follows */
	if (strcmp(word, "TCP4") == 0)
		family = AF_INET;
	else if (strcmp(word, "TCP6") == 0)
		family = AF_INET6;
	else
		return false;
	return take_address(cursor, family, &told->client) &&
	    take_address(cursor, family, &told->server) &&
	    take_port(cursor, &told->client) &&
	    take_port(cursor, &told->server) && cursor->at == cursor->end &&
	    cursor->end[-1] != ' ';
}

/* It ends with its first LF, before which there is its only CR. */
static ssize_t
parse_v1(const char *bytes, size_t length, struct proxy_told *told)
{
	size_t start = sizeof(v1_start) - 1;
	size_t most = length < V1_MOST ? length : V1_MOST;
	const char *lf = memchr(bytes, '\n', most);
	struct cursor cursor;

	if (lf == NULL)
		return most < V1_MOST ? 0 : -1;
	if ((size_t)(lf - bytes) <= start ||
	    memchr(bytes, '\r', (size_t)(lf - bytes)) != lf - 1)
		return -1;
	cursor = (struct cursor){ bytes + start, lf - 1 };
	return parse_line(&cursor, told) ? lf + 1 - bytes : -1;
}

/* Version 2. */

static const uint8_t v2_start[12] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a,
	0x51, 0x55, 0x49, 0x54, 0x0a };

/* Octets of parts, and where they stand. */
enum {
	V2_FIXED = 16,
	V2_COMMAND = 12,
	V2_FAMILY = 13,
	V2_LENGTH = 14,
	V2_ADDRESSES_4 = 12,
	V2_ADDRESSES_6 = 36,
	V2_ADDRESSES_UNIX = 216,
	TLV_FIXED = 3,
	CRC_LENGTH = 4
};

enum { V2_LOCAL = 0x20, V2_PROXY = 0x21 };
enum { V2_UNSPEC = 0x00, V2_TCP4 = 0x11, V2_TCP6 = 0x21, V2_UNIX = 0x31 };
enum { TLV_CRC32C = 0x03 };

static unsigned
two_octets(const uint8_t *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

/* CRC32c (RFC 9260, appendix A), four bits at a time. */
static uint32_t
crc32c(uint32_t crc, const uint8_t *bytes, size_t length)
{
	static const uint32_t table[16] = { 0x00000000, 0x105ec76f, 0x20bd8ede,
		0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4,
		0xd3d3e1ab, 0xe330a81a, 0xf36e6f75 };

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		crc = crc >> 4 ^ table[crc & 0xf];
		crc = crc >> 4 ^ table[crc & 0xf];
	}
	return crc;
}

/* Of the whole header, with zeros where the sum itself stands. */
static bool
sum_is_right(const uint8_t *bytes, size_t length, const uint8_t *sum)
{
	static const uint8_t zeros[CRC_LENGTH] = { 0 };
	size_t before = (size_t)(sum - bytes);
	uint32_t crc = UINT32_MAX;

	crc = crc32c(crc, bytes, before);
	crc = crc32c(crc, zeros, sizeof(zeros));
	crc = crc32c(crc, sum + CRC_LENGTH, length - before - CRC_LENGTH);
	return (crc ^ UINT32_MAX) ==
	    ((uint32_t)two_octets(sum) << 16 | two_octets(sum + 2));
}

/* Extensions: none of them says who the client is. */
static bool
extensions_are_right(const uint8_t *bytes, size_t at, size_t length)
{
	while (at < length) {
		const uint8_t *tlv = bytes + at;
		size_t size;

		if (length - at < TLV_FIXED)
			return false;
		size = two_octets(tlv + 1);
		at += TLV_FIXED;
		if (size > length - at)
			return false;
		at += size;
		if (tlv[0] == TLV_CRC32C &&
		    (size != CRC_LENGTH ||
			!sum_is_right(bytes, length, tlv + TLV_FIXED)))
			return false;
	}
	return true;
}

static void
take_ends(const uint8_t *bytes, uint16_t family, size_t size,
    struct proxy_told *told)
{
	told->client.family = told->server.family = family;
	memcpy(told->client.bytes, bytes, size);
	memcpy(told->server.bytes, bytes + size, size);
	memcpy(&told->client.port, bytes + 2 * size, sizeof(in_port_t));
	memcpy(&told->server.port, bytes + 2 * size + sizeof(in_port_t),
	    sizeof(in_port_t));
}

/* The octets that the addresses of a family take; -1: no stream has it. */
static ssize_t
addresses_of(unsigned family)
{
	switch (family) {
	case V2_UNSPEC:
		return 0;
	case V2_TCP4:
		return V2_ADDRESSES_4;
	case V2_TCP6:
		return V2_ADDRESSES_6;
	case V2_UNIX:
		return V2_ADDRESSES_UNIX;
	default:
		return -1;
	}
}

/* A whole one, from a proxy that speaks for somebody. */
static bool
parse_proxy(const uint8_t *bytes, size_t length, struct proxy_told *told)
{
	unsigned family = bytes[V2_FAMILY];
	ssize_t size = addresses_of(family);

	if (size < 0 || (size_t)size > length - V2_FIXED)
		return false;
	if (family == V2_TCP4)
		take_ends(bytes + V2_FIXED, AF_INET, sizeof(struct in_addr),
		    told);
	else if (family == V2_TCP6)
		take_ends(bytes + V2_FIXED, AF_INET6, sizeof(struct in6_addr),
		    told);
	/* what an unspecified family is followed by has no known form */
	return family == V2_UNSPEC ||
	    extensions_are_right(bytes, V2_FIXED + (size_t)size, length);
}

static ssize_t
parse_v2(const uint8_t *bytes, size_t length, struct proxy_told *told)
{
	size_t whole;

	if (length > V2_COMMAND && bytes[V2_COMMAND] != V2_LOCAL &&
	    bytes[V2_COMMAND] != V2_PROXY)
		return -1;
	if (length < V2_FIXED)
		return 0;
	whole = V2_FIXED + two_octets(bytes + V2_LENGTH);
	if (whole > PROXY_MOST)
		return -1;
	if (length < whole)
		return 0;
	if (bytes[V2_COMMAND] == V2_PROXY && !parse_proxy(bytes, whole, told))
		return -1;
	return (ssize_t)whole;
}

/* Either. */

static bool
begins_so(const uint8_t *bytes, size_t length, const void *start, size_t size)
{
	return memcmp(bytes, start, length < size ? length : size) == 0;
}

ssize_t
proxy_parse(const uint8_t *bytes, size_t length, unsigned versions,
    struct proxy_told *told)
{
	memset(told, 0, sizeof(*told));
	if (length == 0)
		return 0;
	if ((versions & 1u << 1) &&
	    begins_so(bytes, length, v1_start, sizeof(v1_start) - 1))
		return parse_v1((const char *)bytes, length, told);
	if ((versions & 1u << 2) &&
	    begins_so(bytes, length, v2_start, sizeof(v2_start)))
		return parse_v2(bytes, length, told);
	return -1;
}

/* Reading: what has come is looked at, and then taken from the socket as far as
 * it is the header's, so that the rest stays where it is. */

static uint8_t block[PROXY_MOST];

static void
take(int fd, uint8_t *bytes, size_t length)
{
	/* it is there, and nobody else reads it */
	if (recv(fd, bytes, length, MSG_DONTWAIT) < 0)
		errno = 0;
}

static enum proxy_result
keep(int fd, struct proxy_reader *reader, const uint8_t *bytes, size_t used)
{
	size_t length = used - reader->used;

	if (reader->bytes == NULL) {
		reader->bytes = malloc(PROXY_MOST);
		if (reader->bytes == NULL)
			return PROXY_GONE;
		memcpy(reader->bytes, bytes, used);
	}
	take(fd, reader->bytes + reader->used, length);
	reader->used = used;
	return PROXY_WAITS;
}

enum proxy_result
proxy_read(int fd, unsigned versions, struct proxy_reader *reader,
    struct proxy_told *told)
{
	uint8_t *bytes = reader->bytes != NULL ? reader->bytes : block;
	size_t before = reader->used, used;
	ssize_t n, whole;

	n = recv(fd, bytes + before, PROXY_MOST - before,
	    MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return PROXY_WAITS;
	if (n == 0)
		errno = 0;
	if (n <= 0)
		return PROXY_GONE;
	used = before + (size_t)n;
	whole = proxy_parse(bytes, used, versions, told);
	if (whole < 0)
		return PROXY_WRONG;
	if (whole == 0)
		return keep(fd, reader, bytes, used);
	take(fd, block, (size_t)whole - before);
	return PROXY_TOLD;
}

void
proxy_reader_free(struct proxy_reader *reader)
{
	free(reader->bytes);
	reader->bytes = NULL;
	reader->used = 0;
}

/* Writing. */

static size_t
write_v1(const struct proxy_told *told, char *buf)
{
	char client[INET6_ADDRSTRLEN], server[INET6_ADDRSTRLEN];
	int family = told->client.family, length;

	if (family == 0)
		length = snprintf(buf, PROXY_WRITTEN, "%sUNKNOWN\r\n",
		    v1_start);
	else
		length = snprintf(buf, PROXY_WRITTEN, "%sTCP%c %s %s %u %u\r\n",
		    v1_start, family == AF_INET ? '4' : '6',
		    inet_ntop(family, told->client.bytes, client,
			sizeof(client)),
		    inet_ntop(family, told->server.bytes, server,
			sizeof(server)),
		    ntohs(told->client.port), ntohs(told->server.port));
	return (size_t)length;
}

static void
put_ends(const struct proxy_told *told, size_t size, uint8_t *buf)
{
	memcpy(buf, told->client.bytes, size);
	memcpy(buf + size, told->server.bytes, size);
	memcpy(buf + 2 * size, &told->client.port, sizeof(in_port_t));
	memcpy(buf + 2 * size + sizeof(in_port_t), &told->server.port,
	    sizeof(in_port_t));
}

static size_t
write_v2(const struct proxy_told *told, uint8_t *buf)
{
	uint8_t length = 0;

	memcpy(buf, v2_start, sizeof(v2_start));
	buf[V2_COMMAND] = told->client.family == 0 ? V2_LOCAL : V2_PROXY;
	buf[V2_FAMILY] = V2_UNSPEC;
	if (told->client.family == AF_INET) {
		buf[V2_FAMILY] = V2_TCP4;
		length = V2_ADDRESSES_4;
		put_ends(told, sizeof(struct in_addr), buf + V2_FIXED);
	} else if (told->client.family == AF_INET6) {
		buf[V2_FAMILY] = V2_TCP6;
		length = V2_ADDRESSES_6;
		put_ends(told, sizeof(struct in6_addr), buf + V2_FIXED);
	}
	buf[V2_LENGTH] = 0;
	buf[V2_LENGTH + 1] = length;
	return (size_t)V2_FIXED + length;
}

size_t
proxy_write(unsigned version, const struct proxy_told *told, uint8_t *buf)
{
	return version == 1 ? write_v1(told, (char *)buf) : write_v2(told, buf);
}
