/* Headers of the PROXY protocol: taken whole wherever they are split, and
 * nothing behind them; and what is none is refused. */
#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <arpa/inet.h>

#include "services/proxy.h"
#include "superd/serve/told.h"

enum { V1 = 1 << 1, V2 = 1 << 2, BOTH = V1 | V2, FIXED = 16, PORT = 40000 };

struct header {
	size_t length;
	uint8_t bytes[PROXY_MOST + 1];
};

static const uint8_t start[] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51,
	0x55, 0x49, 0x54, 0x0a };

static void
begin(struct header *header, uint8_t command, uint8_t family)
{
	memset(header, 0, sizeof(*header));
	memcpy(header->bytes, start, sizeof(start));
	header->bytes[12] = command;
	header->bytes[13] = family;
	header->length = FIXED;
}

static void
add(struct header *header, const void *bytes, size_t length)
{
	memcpy(header->bytes + header->length, bytes, length);
	header->length += length;
	header->bytes[14] = (uint8_t)((header->length - FIXED) >> 8);
	header->bytes[15] = (uint8_t)(header->length - FIXED);
}

static void
add_extension(struct header *header, uint8_t type, const void *bytes,
    uint8_t length)
{
	const uint8_t fixed[] = { type, 0, length };

	add(header, fixed, sizeof(fixed));
	add(header, bytes, length);
}

/* From 192.0.2.1 port 40000 to 198.51.100.2 port 80. */
static void
make_tcp4(struct header *header)
{
	static const uint8_t ends[] = { 192, 0, 2, 1, 198, 51, 100, 2,
		PORT >> 8, PORT & 0xff, 0, 80 };

	begin(header, 0x21, 0x11);
	add(header, ends, sizeof(ends));
}

static ssize_t
parse_text(const char *text, unsigned versions, struct proxy_told *told)
{
	return proxy_parse((const uint8_t *)text, strlen(text), versions, told);
}

static bool
is_wrong(const char *text)
{
	struct proxy_told told;

	return parse_text(text, BOTH, &told) == -1;
}

static ssize_t
parse(const struct header *header)
{
	struct proxy_told told;

	return proxy_parse(header->bytes, header->length, BOTH, &told);
}

static void
lines_tell_both_ends(void **state)
{
	static const char line[] = "PROXY TCP4 192.0.2.1 198.51.100.2 40000 "
				   "80\r\nGET /\r\n";
	static const uint8_t client[] = { 192, 0, 2, 1 },
			     server[] = { 198, 51, 100, 2 };
	struct proxy_told told;

	(void)state;
	assert_int_equal(parse_text(line, V1, &told),
	    strchr(line, '\n') + 1 - line);
	assert_int_equal(told.client.family, AF_INET);
	assert_memory_equal(told.client.bytes, client, sizeof(client));
	assert_memory_equal(told.server.bytes, server, sizeof(server));
	assert_int_equal(ntohs(told.client.port), PORT);
	assert_int_equal(ntohs(told.server.port), 80);
	assert_true(parse_text("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n",
			V1, &told) > 0);
	assert_int_equal(told.server.family, AF_INET6);
	assert_true(parse_text("PROXY UNKNOWN\r\n", V1, &told) > 0);
	assert_int_equal(told.client.family, 0);
	assert_true(parse_text("PROXY UNKNOWN ffff::1 x 1\r\n", V1, &told) > 0);
	assert_int_equal(told.client.family, 0);
}

static void
other_lines_are_refused(void **state)
{
	char longest[109];

	(void)state;
	assert_true(is_wrong("GET / HTTP/1.0\r\n"));
	assert_true(is_wrong("proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n"));
	assert_true(is_wrong("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n"));
	assert_true(is_wrong("PROXY TCP4 1.2.3.4 1.2.3.4 1 \r\n"));
	assert_true(is_wrong("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n"));
	assert_true(is_wrong("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n"));
	assert_true(is_wrong("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n"));
	assert_true(is_wrong("PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n"));
	assert_true(is_wrong("PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n"));
	assert_true(is_wrong("PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n"));
	assert_true(is_wrong("PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n"));
	assert_true(is_wrong("PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n"));
	assert_true(is_wrong("PROXY TCP4 ::1 ::1 1 2\r\n"));
	assert_true(is_wrong("PROXY TCP6 1.2.3.4 ::1 1 2\r\n"));
	assert_true(is_wrong("PROXY TCP7 ::1 ::1 1 2\r\n"));
	assert_true(is_wrong("PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n"));
	assert_true(is_wrong("PROXY UNKNOWNX\r\n"));
	assert_true(is_wrong("PROXY UNKNOWN \r x\r\n"));
	assert_true(is_wrong("PROXY \r\n"));
	assert_true(is_wrong("PROXY\r\n"));
	/* 107 octets without an end */
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "PROXY UNKNOWN ", 14);
	longest[106] = '\0';
	assert_false(is_wrong(longest));
	longest[106] = 'x';
	longest[107] = '\0';
	assert_true(is_wrong(longest));
}

static void
versions_are_those_asked_for(void **state)
{
	struct proxy_told told;
	struct header header;

	(void)state;
	make_tcp4(&header);
	assert_int_equal(parse_text("PROXY UNKNOWN\r\n", V2, &told), -1);
	assert_int_equal(proxy_parse(header.bytes, header.length, V1, &told),
	    -1);
	assert_int_equal(proxy_parse(header.bytes, header.length, V2, &told),
	    header.length);
	assert_int_equal(ntohs(told.client.port), PORT);
}

static void
binary_headers_of_other_kinds(void **state)
{
	static const uint8_t ends[216] = { 1 };
	struct proxy_told told;
	struct header header;

	(void)state;
	begin(&header, 0x20, 0x00);
	assert_int_equal(parse(&header), FIXED);
	begin(&header, 0x20, 0xff); /* its family means nothing */
	add(&header, ends, 7);
	assert_int_equal(proxy_parse(header.bytes, header.length, V2, &told),
	    header.length);
	assert_int_equal(told.client.family, 0);
	begin(&header, 0x21, 0x00);
	add(&header, ends, 5);
	assert_int_equal(parse(&header), header.length);
	begin(&header, 0x21, 0x31);
	add(&header, ends, sizeof(ends));
	assert_int_equal(proxy_parse(header.bytes, header.length, V2, &told),
	    header.length);
	assert_int_equal(told.client.family, 0);
	begin(&header, 0x21, 0x21);
	add(&header, ends, 36);
	assert_int_equal(proxy_parse(header.bytes, header.length, V2, &told),
	    header.length);
	assert_int_equal(told.client.family, AF_INET6);
	assert_int_equal(told.client.bytes[0], 1);
}

static void
wrong_kinds_and_lengths_are_refused(void **state)
{
	static const uint8_t families[] = { 0x10, 0x12, 0x20, 0x22, 0x30, 0x32,
		0x41, 0x01, 0xff };
	static const uint8_t ends[216] = { 0 };
	struct header header;

	(void)state;
	for (size_t i = 0; i < sizeof(families); i++) {
		begin(&header, 0x21, families[i]);
		add(&header, ends, sizeof(ends));
		assert_int_equal(parse(&header), -1);
	}
	begin(&header, 0x11, 0x11);
	add(&header, ends, 12);
	assert_int_equal(parse(&header), -1);
	header.bytes[12] = 0x22;
	assert_int_equal(parse(&header), -1);
	begin(&header, 0x21, 0x11);
	add(&header, ends, 11);
	assert_int_equal(parse(&header), -1);
	begin(&header, 0x21, 0x21);
	add(&header, ends, 35);
	assert_int_equal(parse(&header), -1);
	begin(&header, 0x21, 0x31);
	add(&header, ends, 215);
	assert_int_equal(parse(&header), -1);
	/* longer than any that is read */
	begin(&header, 0x20, 0x00);
	header.bytes[14] = 0xff;
	assert_int_equal(parse(&header), -1);
}

static void
extensions_are_skipped(void **state)
{
	struct header header;

	(void)state;
	make_tcp4(&header);
	add_extension(&header, 0x01, "h2", 2);
	add_extension(&header, 0x04, "", 0);
	assert_int_equal(parse(&header), header.length);
	/* one that is cut, and one that says that it is longer */
	add(&header, "\x05", 1);
	assert_int_equal(parse(&header), -1);
	make_tcp4(&header);
	add(&header, "\x05\x00\x04xyz", 6);
	assert_int_equal(parse(&header), -1);
}

/* RFC 9260, appendix A; the sum was computed by another program. */
static void
sums_are_checked(void **state)
{
	static const uint8_t sum[] = { 0x7b, 0xfd, 0x53, 0xfe };
	struct header header;

	(void)state;
	make_tcp4(&header);
	add_extension(&header, 0x03, sum, sizeof(sum));
	add_extension(&header, 0x04, "abc", 3);
	assert_int_equal(parse(&header), header.length);
	header.bytes[FIXED]++;
	assert_int_equal(parse(&header), -1);
	make_tcp4(&header);
	add_extension(&header, 0x03, sum, 3);
	assert_int_equal(parse(&header), -1);
}

/* Sent in two pieces, with something behind it. */
static void
read_split(const uint8_t *bytes, size_t length, size_t at, unsigned versions)
{
	static const char behind[] = "behind\r\n";
	struct proxy_reader reader = { NULL, 0 };
	enum proxy_result result = PROXY_WAITS;
	struct proxy_told told;
	char rest[sizeof(behind) + 1];
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(send(fds[0], bytes, at, 0), at);
	if (at > 0)
		result = proxy_read(fds[1], versions, &reader, &told);
	assert_int_equal(result, PROXY_WAITS);
	assert_int_equal(send(fds[0], bytes + at, length - at, 0), length - at);
	assert_int_equal(send(fds[0], behind, sizeof(behind), 0),
	    sizeof(behind));
	assert_int_equal(proxy_read(fds[1], versions, &reader, &told),
	    PROXY_TOLD);
	assert_int_equal(ntohs(told.client.port), PORT);
	assert_int_equal(recv(fds[1], rest, sizeof(rest), MSG_DONTWAIT),
	    sizeof(behind));
	assert_string_equal(rest, behind);
	proxy_reader_free(&reader);
	close(fds[0]);
	close(fds[1]);
}

static void
nothing_behind_a_header_is_taken(void **state)
{
	static const char line[] = "PROXY TCP4 192.0.2.1 198.51.100.2 40000 "
				   "80\r\n";
	struct header header;

	(void)state;
	for (size_t at = 0; at < sizeof(line) - 1; at++)
		read_split((const uint8_t *)line, sizeof(line) - 1, at, BOTH);
	make_tcp4(&header);
	add_extension(&header, 0x05, "of a client", 11);
	for (size_t at = 0; at < header.length; at++)
		read_split(header.bytes, header.length, at, BOTH);
}

static void
set_address(struct addr *addr, const char *host, uint16_t port)
{
	assert_int_equal(addr_parse_host(host, port, addr), 0);
}

/* What is written of two addresses is read as them. */
static void
check_written(unsigned version, const char *client, const char *server,
    int family)
{
	struct addr ends[2];
	struct proxy_told told, again;
	uint8_t bytes[PROXY_WRITTEN];
	size_t length;

	set_address(&ends[0], client, PORT);
	set_address(&ends[1], server, 80);
	told_of(&ends[0], &ends[1], &told);
	length = proxy_write(version, &told, bytes);
	assert_true(length <= sizeof(bytes));
	assert_int_equal(proxy_parse(bytes, length, 1u << version, &again),
	    length);
	assert_memory_equal(&told, &again, sizeof(told));
	assert_int_equal(told.client.family, family);
	assert_true(told_is_valid(&told));
}

static void
what_is_written_is_read(void **state)
{
	struct connection client = { .fd = -1 };
	struct proxy_told told, none = { .client = { .family = 0 } };
	uint8_t bytes[PROXY_WRITTEN];
	char text[ADDR_TEXT];
	size_t length;

	(void)state;
	for (unsigned version = 1; version <= 2; version++) {
		check_written(version, "192.0.2.1", "198.51.100.2", AF_INET);
		check_written(version, "2001:db8::1", "2001:db8::2", AF_INET6);
		check_written(version, "2001:db8::1", "198.51.100.2", AF_INET6);
		check_written(version, "192.0.2.1", "2001:db8::2", AF_INET6);
		length = proxy_write(version, &none, bytes);
		assert_int_equal(proxy_parse(bytes, length, 1u << version,
				     &told),
		    length);
		assert_int_equal(told.client.family, 0);
	}
	told_take(&none, &client);
	assert_true(client.told && client.uncounted && client.peer.len == 0);
	assert_true(parse_text("PROXY TCP6 ::ffff:192.0.2.1 ::1 7 8\r\n", V1,
			&told) > 0);
	told_take(&told, &client);
	assert_false(client.uncounted);
	assert_string_equal(addr_print(&client.peer, text, sizeof(text)),
	    "192.0.2.1:7");
	assert_string_equal(addr_print(&client.local, text, sizeof(text)),
	    "[::1]:8");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_tell_both_ends),
		cmocka_unit_test(other_lines_are_refused),
		cmocka_unit_test(versions_are_those_asked_for),
		cmocka_unit_test(binary_headers_of_other_kinds),
		cmocka_unit_test(wrong_kinds_and_lengths_are_refused),
		cmocka_unit_test(extensions_are_skipped),
		cmocka_unit_test(sums_are_checked),
		cmocka_unit_test(nothing_behind_a_header_is_taken),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
