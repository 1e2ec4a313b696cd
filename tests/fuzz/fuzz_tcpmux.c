/*
 * A client of tcpmux: a line is taken whole or not at all, nothing behind it
 * is, and every answer is made of whole lines.
 */
#include "services/tcpmux.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz/input.h"

enum { ANSWER = 1024 };

static bool
find(void *arg, const char *name, uint32_t *number)
{
	(void)arg;
	*number = 0;
	must(strlen(name) <= TCPMUX_NAME_MAX + 1 && strchr(name, '\n') == NULL);
	return name[0] == 'e';
}

static const char *
list(void *arg, size_t *length)
{
	static const char names[] = "echo\r\necho\r\n";

	(void)arg;
	*length = sizeof(names) - 1;
	return names;
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
	const struct tcpmux_directory directory = { find, list, NULL };
	struct talk talk = { 0 };
	int fds[2];

	if (size == 0 || size > 4096)
		return 0;
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		 fds) == 0);
	must(send(fds[0], data, size, 0) == (ssize_t)size);
	shutdown(fds[0], SHUT_WR);
	talk.fd = fds[1];
	/* all of it is there, and each step takes some */
	for (size_t i = 0; i <= size && talk.state == TALK_READS; i++)
		tcpmux_step(&talk, &directory);
	must(talk.state == TALK_FOUND || talk.state == TALK_OVER);
	if (talk.state == TALK_FOUND)
		check_rest(fds[1], data, size);
	else
		check_answer(fds[0]);
	close(fds[0]);
	close(fds[1]);
	return 0;
}
