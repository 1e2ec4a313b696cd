/*
 * A client of tcpmux: a line is taken whole or not at all, nothing behind it
 * is, and every answer is made of whole lines.
 */
#include "services/tcpmux.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz/input.h"

enum { TIMEOUT = 5000, ANSWER = 1024 };

static bool
find(void *arg, const char *name)
{
	(void)arg;
	must(strlen(name) <= TCPMUX_NAME_MAX + 1 && strchr(name, '\n') == NULL);
	return name[0] == 'e';
}

static const char *
nth(void *arg, size_t i)
{
	(void)arg;
	return i < 3 ? "echo" : NULL;
}

/* What a found service will read is what came behind the line. */
static void
check_rest(int fd, const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	uint8_t rest[4096];
	size_t left;
	ssize_t n;

	must(end != NULL);
	left = size - (size_t)(end + 1 - data);
	n = recv(fd, rest, sizeof(rest), MSG_DONTWAIT);
	must(n >= 0 && (size_t)n == left && memcmp(rest, end + 1, left) == 0);
}

static void
check_answer(int fd)
{
	char answer[ANSWER];
	ssize_t n = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);

	must(n <= 0 || (n > 2 && memcmp(answer + n - 2, "\r\n", 2) == 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct tcpmux_directory directory = { find, nth, NULL };
	int fds[2];

	if (size == 0 || size > 4096)
		return 0;
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	must(send(fds[0], data, size, 0) == (ssize_t)size);
	shutdown(fds[0], SHUT_WR);
	if (tcpmux_talk(fds[1], &directory, TIMEOUT) == 0)
		check_rest(fds[1], data, size);
	else
		check_answer(fds[0]);
	close(fds[0]);
	close(fds[1]);
	return 0;
}
