/*
 * What is asked through the control socket, however it comes in: a request is
 * one line that is not too long, taken apart into its words; it is answered
 * once, and whoever sends anything else is let go without an answer.
 */
#include "superd/control/control.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "conf/service.h"
#include "superd/base/settings.h"
#include "tests/fuzz/input.h"

enum { WAKEUPS = 6, ANSWER_MAX = 8192 };

static unsigned calls;

/* The answer is what was understood. */
static void
tell(struct text *text, bool json, bool header, char *const *words,
    size_t count)
{
	text_add(text, "%d%d", json, header);
	for (size_t i = 0; i < count; i++)
		text_add(text, "[%s]", words[i]);
}

static enum control_exit
answer(struct request *request)
{
	calls++;
	must(request->count <= CONTROL_WORDS_MAX);
	for (size_t i = 0; i < request->count; i++)
		must(request->words[i][0] != '\0' &&
		    strpbrk(request->words[i], " \n") == NULL);
	tell(&request->text, request->json, request->header, request->words,
	    request->count);
	return CONTROL_INACTIVE;
}

/* What protocol.h says of a line. */
static void
expect(char *line, struct text *text)
{
	char *words[CONTROL_WORDS_MAX], *rest = NULL;
	bool json = false, header = true;
	size_t count = 0;

	for (char *word = strtok_r(line, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		if (count == 0 && strcmp(word, "json") == 0)
			json = true;
		else if (count == 0 && strcmp(word, "no-header") == 0)
			header = false;
		else if (count > 0 && strncmp(word, "--", 2) == 0)
			continue; /* an option */
		else if (count < CONTROL_WORDS_MAX)
			words[count++] = word;
	}
	text_add(text, "EXIT %d\n", CONTROL_INACTIVE);
	tell(text, json, header, words, count);
}

static void
stop(void *arg)
{
	loop_stop(arg);
}

static void
wake(struct loop *loop)
{
	struct loop_timer timer = { .fn = stop, .arg = loop };

	for (int i = 0; i < WAKEUPS; i++) {
		loop_timer_set(loop, &timer, 0);
		must(loop_run(loop) == 0);
	}
}

static struct superd *
open_once(struct addr *addr)
{
	static char path[32];
	static struct options options = { .control = path };
	static struct superd superd = { .options = &options };

	if (superd.loop == NULL) {
		snprintf(path, sizeof(path), "@fuzz-control-%d", (int)getpid());
		superd.loop = loop_new();
		superd.conf = conf_new();
		superd.control = control_new(&superd, answer);
		must(control_open(&superd) == 0);
	}
	must(addr_parse_unix(path, addr) == 0);
	return &superd;
}

static void
check_answer(int fd, const struct text *expected)
{
	char bytes[ANSWER_MAX];
	size_t got = 0;
	ssize_t n;

	while (
	    (n = recv(fd, bytes + got, sizeof(bytes) - got, MSG_DONTWAIT)) > 0)
		got += (size_t)n;
	/* and nothing more: it is closed; with a reset, if not all was read */
	must(n == 0 || errno == ECONNRESET);
	must(got == expected->length &&
	    (got == 0 || memcmp(bytes, expected->bytes, got) == 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	size_t first = input_byte(&input) * 8u;
	struct text expected = { .length = 0 };
	struct addr addr;
	struct superd *superd = open_once(&addr);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const uint8_t *end;
	char *line;
	size_t length;

	length = input.left;
	end = memchr(input.at, '\n',
	    length < CONTROL_LINE_MAX - 1 ? length : CONTROL_LINE_MAX - 1);
	first = first < length ? first : length;
	calls = 0;
	must(fd >= 0 && connect(fd, &addr.u.sa, addr.len) == 0);
	(void)send(fd, input.at, first, MSG_NOSIGNAL);
	wake(superd->loop);
	(void)send(fd, input.at + first, length - first, MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	wake(superd->loop);
	must(calls == (end != NULL));
	line = input_text(&input);
	if (end != NULL) {
		line[strcspn(line, "\n")] = '\0';
		expect(line, &expected);
	}
	check_answer(fd, &expected);
	text_free(&expected);
	free(line);
	close(fd);
	return 0;
}
