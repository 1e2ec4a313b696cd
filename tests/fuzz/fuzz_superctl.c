/*
 * What superctl makes of an answer, whoever gives it: its exit status is the
 * answer's own, or says that there was none; nothing that could steer a
 * terminal is printed, and no line that is longer than it.
 */
/* the sources: it is a program */
#define main superctl_main
int superctl_main(int, char *[]);
#include "superd/control/superctl.c"
#undef main
#include "superd/control/dialogue.c"
#include "superd/control/screen.c"

#include "tests/fuzz/input.h"

enum { COLUMNS_MIN = 4, WAIT = 5000 };

int __wrap_isatty(int);

int
__wrap_isatty(int fd)
{
	(void)fd;
	return 1;
}

/* What a first line means: the number behind one of two words. */
static int
expected_status(const char *bytes, size_t length)
{
	const char *end = memchr(bytes, '\n', length), *p = bytes;
	unsigned number = 0;

	if (length > 5 && memcmp(bytes, "EXIT ", 5) == 0)
		p += 5;
	else if (length > 6 && memcmp(bytes, "ERROR ", 6) == 0)
		p += 6;
	if (end == NULL || p == bytes || p == end)
		return CONTROL_FAILED;
	for (; p < end; p++) {
		if (*p < '0' || *p > '9')
			return CONTROL_FAILED;
		number = number * 10 + (unsigned)(*p - '0');
		if (number > 255)
			return CONTROL_FAILED;
	}
	return (int)number;
}

/* Characters that a terminal shows, and the ends of lines; columns: of a
 * line, at most. */
static void
check_shown(const char *text, size_t length, unsigned columns)
{
	mbstate_t state = { 0 };
	unsigned column = 0;
	wchar_t wide;

	while (length > 0) {
		size_t n = mbrtowc(&wide, text, length, &state);

		must(n > 0 && n <= length);
		must(wide == L'\n' || wide == L'\t' || iswprint((wint_t)wide));
		if (wide == L'\n')
			column = 0;
		else if (wide == L'\t')
			column += TAB - column % TAB;
		else if (wcwidth(wide) > 0)
			column += (unsigned)wcwidth(wide);
		must(columns == 0 || column <= columns);
		text += n;
		length -= n;
	}
}

/* As ask() does, once it is connected. */
static int
ask_all(struct request *request, const uint8_t *data, size_t size)
{
	struct answer answer = { .bytes = NULL };
	int fds[2], status;

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	must(size == 0 || send(fds[1], data, size, 0) == (ssize_t)size);
	close(fds[1]);
	must(dialogue_receive(fds[0], &answer, dialogue_now() + WAIT) == 0);
	must(answer.length == size && memcmp(answer.bytes, data, size) == 0);
	status = finish(request, &answer);
	free(answer.bytes);
	close(fds[0]);
	return status;
}

static unsigned
set_columns(struct input *input)
{
	unsigned columns = input_byte(input) % 128 + COLUMNS_MIN;
	char text[16];

	snprintf(text, sizeof(text), "%u", columns);
	must(setenv("COLUMNS", text, 1) == 0);
	return columns;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	unsigned how = input_byte(&input), columns = set_columns(&input);
	struct request request = { .path = "/run/s",
		.json = how & 1,
		.quiet = how & 2,
		.command = how & 4 ? COMMAND_LIST : COMMAND_SHOW,
		.no_trunc = how & 8 };
	FILE *out = stdout, *error = stderr;
	char *shown, *said;
	size_t length, said_length;
	int status;

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL || input.left > 4096)
		return 0;
	stdout = open_memstream(&shown, &length);
	stderr = open_memstream(&said, &said_length);
	must(stdout != NULL && stderr != NULL);
	status = ask_all(&request, input.at, input.left);
	fclose(stdout);
	fclose(stderr);
	stdout = out;
	stderr = error;
	must(status == expected_status((const char *)input.at, input.left));
	check_shown(shown, length,
	    (how & 4) && !request.json && !request.no_trunc ? columns : 0);
	check_shown(said, said_length, 0);
	free(shown);
	free(said);
	return 0;
}
