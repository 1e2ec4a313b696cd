/*
 * A header of the PROXY protocol, in pieces: it is taken whole or not at all,
 * nothing behind it is, and where it is split does not matter.
 */
#include "services/proxy.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz/input.h"

enum { MOST = 2 * PROXY_MOST };

static void
check_rest(int fd, const uint8_t *rest, size_t left)
{
	uint8_t bytes[MOST];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	must(left == 0 ? n <= 0 :
			 (size_t)n == left && memcmp(bytes, rest, left) == 0);
}

/* What was told can be written, and read again. */
static void
check_told(const struct proxy_told *told)
{
	for (unsigned version = 1; version <= 2; version++) {
		uint8_t bytes[PROXY_WRITTEN];
		size_t length = proxy_write(version, told, bytes);
		struct proxy_told again;

		must(length <= sizeof(bytes) &&
		    proxy_parse(bytes, length, 1u << version, &again) ==
			(ssize_t)length &&
		    memcmp(told, &again, sizeof(again)) == 0);
	}
}

static enum proxy_result
read_pieces(const int *fds, const uint8_t *data, size_t size, uint8_t how,
    struct proxy_told *told)
{
	struct proxy_reader reader = { NULL, 0 };
	enum proxy_result result = PROXY_WAITS;
	size_t at = 0, length, piece = 1u + (how >> 3);

	for (; at < size && result == PROXY_WAITS; at += length) {
		length = size - at < piece ? size - at : piece;
		must(send(fds[0], data + at, length, 0) == (ssize_t)length);
		result = proxy_read(fds[1], how & 6, &reader, told);
		must(reader.used <= PROXY_MOST && result != PROXY_GONE);
	}
	if (at < size)
		must(send(fds[0], data + at, size - at, 0) ==
		    (ssize_t)(size - at));
	proxy_reader_free(&reader);
	return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_told told, whole;
	enum proxy_result result;
	ssize_t length;
	int fds[2];

	if (size < 2 || size > MOST)
		return 0;
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		 fds) == 0);
	length = proxy_parse(data + 1, size - 1, data[0] & 6, &whole);
	result = read_pieces(fds, data + 1, size - 1, data[0], &told);
	must((result == PROXY_TOLD) == (length > 0));
	must((result == PROXY_WAITS) == (length == 0));
	if (result == PROXY_TOLD) {
		must(memcmp(&told, &whole, sizeof(told)) == 0);
		check_rest(fds[1], data + 1 + length,
		    size - 1 - (size_t)length);
		check_told(&told);
	}
	close(fds[0]);
	close(fds[1]);
	return 0;
}
