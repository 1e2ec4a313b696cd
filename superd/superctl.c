/*
 * superctl: asks a running superd through its control socket.  Knows the
 * words of the protocol and the terminal, and nothing of what is answered.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "superd/protocol.h"

enum { TIMEOUT = 60, TIMEOUT_MAX = 86400, READ_SIZE = 65536,
	ANSWER_MAX = 256 << 20, OPT_NO_HEADER = 256, OPT_JSON, OPT_DRY_RUN };

struct request {
	const char *path;
	bool json, no_header, quiet, dry_run;
	int timeout;		/* seconds, for the whole */
	char line[CONTROL_LINE_MAX];
};

struct answer {
	char *bytes;
	size_t length, room;
};

/* A terminal, and the pieces of a character that is not whole yet. */
struct screen {
	char bytes[MB_LEN_MAX];
	size_t count;
};

struct command {
	const char *word;
	int least, most;	/* arguments */
	const char *help;
};

static const struct command commands[] = {
	{ "ping", 0, 0, "is superd there?" },
	{ "status", 0, 0, "everything: superd, services, counters" },
	{ "list", 0, 0, "one line per service" },
	{ "show", 1, 1, "one service: sockets, children, refusals" },
	{ "reload", 0, 0, "read the configuration again" },
};

static const struct option options[] = {
	{ "socket", required_argument, NULL, 's' },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "no-header", no_argument, NULL, OPT_NO_HEADER },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "quiet", no_argument, NULL, 'q' },
	{ "timeout", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

static const char options_text[] =
"\n"
"      --dry-run            with reload: only say what it would do\n"
"      --json               answer in JSON\n"
"      --no-header          no line of headings\n"
"  -q, --quiet              print nothing: the exit status is the answer\n"
"  -s, --socket SOCKET      the control socket\n"
"  -t, --timeout SECONDS    wait no longer than this, by default 60\n"
"  -V, --version            print the version\n"
"  -h, --help               print this\n";

static void
usage(FILE *file)
{
	fprintf(file, "usage: superctl [options] COMMAND\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(file, "  %-8s%-6s%s\n", commands[i].word,
		    commands[i].most > 0 ? "ID" : "", commands[i].help);
	fputs(options_text, file);
}

static int
fail(const char *what, const char *why, int status)
{
	fprintf(stderr, "superctl: %s: %s\n", what, why);
	return status;
}

/* The request line. */

static int
add_word(struct request *request, const char *word)
{
	size_t used = strlen(request->line);

	if (strpbrk(word, " \n") != NULL || word[0] == '\0' ||
	    used + strlen(word) + 2 >= sizeof(request->line))
		return fail(word, "this is no name", -1);
	if (used > 0)
		strcat(request->line, " ");
	strcat(request->line, word);
	return 0;
}

static const struct command *
find_command(const char *word)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].word, word) == 0)
			return &commands[i];
	return NULL;
}

static int
make_line(struct request *request, int argc, char *argv[])
{
	const struct command *command;

	if (argc < 1) {
		usage(stderr);
		return -1;
	}
	command = find_command(argv[0]);
	if (command == NULL)
		return fail(argv[0], "unknown command; see superctl --help",
		    -1);
	if (argc - 1 < command->least || argc - 1 > command->most)
		return fail(argv[0], "wrong number of arguments", -1);
	if (request->dry_run && strcmp(argv[0], "reload") != 0)
		return fail("--dry-run", "goes with reload only", -1);
	if (request->json && add_word(request, CONTROL_JSON) != 0)
		return -1;
	if (request->no_header && add_word(request, CONTROL_NO_HEADER) != 0)
		return -1;
	for (int i = 0; i < argc; i++)
		if (add_word(request, argv[i]) != 0)
			return -1;
	return request->dry_run ? add_word(request, "dry-run") : 0;
}

/* Printing. */

static void
escape(const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		printf("\\%03o", (unsigned)(unsigned char)bytes[i]);
}

/*
 * Text from outside must not steer the terminal: what is no printable
 * character of the locale is shown as octal numbers.
 */
static void
show_byte(struct screen *screen, char byte)
{
	mbstate_t state = { 0 };
	wchar_t wide = 0;
	size_t n;

	screen->bytes[screen->count++] = byte;
	n = mbrtowc(&wide, screen->bytes, screen->count, &state);
	if (n == (size_t)-2 && screen->count < sizeof(screen->bytes))
		return;
	if (n == (size_t)-1 && screen->count > 1) {
		escape(screen->bytes, screen->count - 1);
		screen->count = 0;
		show_byte(screen, byte);	/* it may begin another */
		return;
	}
	if (n <= screen->count && (iswprint((wint_t)wide) || wide == L'\n' ||
	    wide == L'\t'))
		fwrite(screen->bytes, 1, screen->count, stdout);
	else
		escape(screen->bytes, screen->count);
	screen->count = 0;
}

static int
print(const char *bytes, size_t length)
{
	struct screen screen = { .count = 0 };

	if (!isatty(STDOUT_FILENO))
		fwrite(bytes, 1, length, stdout);
	else
		for (size_t i = 0; i < length; i++)
			show_byte(&screen, bytes[i]);
	escape(screen.bytes, screen.count);
	if (ferror(stdout) || fflush(stdout) != 0)
		return fail("standard output", "cannot be written", -1);
	return 0;
}

/* The number in superd's first line; -1 if it is not one of superd's. */
static int
exit_status(const char *line)
{
	size_t length = strlen(CONTROL_EXIT);
	long status;
	char *end;

	if (strncmp(line, CONTROL_EXIT, length) != 0 ||
	    !isdigit((unsigned char)line[length]))
		return -1;
	status = strtol(line + length, &end, 10);
	return *end == '\n' && status <= UCHAR_MAX ? (int)status : -1;
}

static int
finish(const struct request *request, const struct answer *answer)
{
	const char *body;
	int status;

	if (answer->length == 0)
		return fail(request->path, "the connection was closed",
		    CONTROL_FAILED);
	status = exit_status(answer->bytes);
	if (status < 0)
		return fail(request->path, "this is not superd's answer",
		    CONTROL_FAILED);
	body = strchr(answer->bytes, '\n') + 1;
	if (!request->quiet && print(body, answer->length -
	    (size_t)(body - answer->bytes)) != 0)
		return CONTROL_FAILED;
	return status;
}

/* Talking. */

static long long
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
connect_to(const char *path, int timeout)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct timeval wait = { .tv_sec = timeout };
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* connect() waits where a stopped superd's backlog is full */
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait,
	    sizeof(wait)) == 0 && connect(fd, (struct sockaddr *)&sun,
	    sizeof(sun)) == 0)
		return fd;
	return -1;
}

static int
explain(const char *path)
{
	char text[256];

	switch (errno) {
	case ENOENT:
	case ECONNREFUSED:
		snprintf(text, sizeof(text), "superd is not running (%s)",
		    strerror(errno));
		return fail(path, text, CONTROL_UNKNOWN);
	case EACCES:
	case EPERM:
		return fail(path, "permission denied: root may ask, and the "
		    "control_group of superd.conf", CONTROL_FAILED);
	case EAGAIN:
	case ETIMEDOUT:
		return fail(path, "no answer in time", CONTROL_FAILED);
	case ECONNRESET:
	case EPIPE:
		return fail(path, "the connection was closed",
		    CONTROL_FAILED);
	default:
		return fail(path, strerror(errno), CONTROL_FAILED);
	}
}

/* As read(), but -1 with ETIMEDOUT when the deadline has passed. */
static ssize_t
read_until(int fd, char *bytes, size_t size, long long deadline)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int ready;

	do {
		long long left = deadline - now_ms();

		ready = poll(&pfd, 1, left > 0 ? (int)left : 0);
	} while (ready < 0 && errno == EINTR);
	if (ready == 0)
		errno = ETIMEDOUT;
	return ready > 0 ? read(fd, bytes, size) : -1;
}

/* Room for more, and a terminator; -1 if there is none. */
static int
grow(struct answer *answer)
{
	size_t room = answer->room > 0 ? answer->room * 2 : READ_SIZE;
	char *bytes;

	if (room > ANSWER_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	bytes = realloc(answer->bytes, room + 1);
	if (bytes == NULL)
		return -1;
	answer->bytes = bytes;
	answer->room = room;
	return 0;
}

/*
 * All of it before any is printed: superd does not wait for a reader who is
 * in a pager.
 */
static int
receive(int fd, struct answer *answer, long long deadline)
{
	ssize_t n;

	do {
		if (answer->length == answer->room && grow(answer) != 0)
			return -1;
		n = read_until(fd, answer->bytes + answer->length,
		    answer->room - answer->length, deadline);
		if (n > 0)
			answer->length += (size_t)n;
	} while (n > 0);
	answer->bytes[answer->length] = '\0';
	/* whom superd does not listen to, it answers and closes at once */
	if (n < 0 && errno == ECONNRESET && answer->length > 0)
		n = 0;
	return n < 0 ? -1 : 0;
}

static int
ask(struct request *request)
{
	long long deadline = now_ms() + (long long)request->timeout * 1000;
	struct answer answer = { .bytes = NULL };
	int fd = connect_to(request->path, request->timeout), status;

	if (fd < 0)
		return explain(request->path);
	strcat(request->line, "\n");
	if ((send(fd, request->line, strlen(request->line), MSG_NOSIGNAL) < 0
	    && errno != EPIPE) || receive(fd, &answer, deadline) != 0)
		status = explain(request->path);
	else
		status = finish(request, &answer);
	free(answer.bytes);
	close(fd);
	return status;
}

static const char *
default_path(void)
{
	const char *path = getenv("SUPERD_CONTROL");

	return path != NULL && path[0] != '\0' ? path : CONTROL_PATH;
}

static int
set_timeout(struct request *request, const char *text)
{
	char *end;
	long seconds = strtol(text, &end, 10);

	if (end == text || *end != '\0' || seconds < 1 ||
	    seconds > TIMEOUT_MAX)
		return fail(text, "seconds were expected", -1);
	request->timeout = (int)seconds;
	return 0;
}

/* 1: done, exit with 0; -1: usage. */
static int
set_option(struct request *request, int letter)
{
	switch (letter) {
	case 's':
		request->path = optarg;
		return 0;
	case 't':
		return set_timeout(request, optarg);
	case 'q':
		request->quiet = true;
		return 0;
	case OPT_JSON:
		request->json = true;
		return 0;
	case OPT_NO_HEADER:
		request->no_header = true;
		return 0;
	case OPT_DRY_RUN:
		request->dry_run = true;
		return 0;
	case 'V':
		printf("superctl %s\n", SUPERD_VERSION);
		return 1;
	case 'h':
		usage(stdout);
		return 1;
	default:
		usage(stderr);
		return -1;
	}
}

int
main(int argc, char *argv[])
{
	struct request request = { .timeout = TIMEOUT };
	int letter, result;

	setlocale(LC_CTYPE, "");
	request.path = default_path();
	while ((letter = getopt_long(argc, argv, "s:t:qVh", options,
	    NULL)) != -1) {
		result = set_option(&request, letter);
		if (result != 0)
			return result > 0 ? CONTROL_OK : CONTROL_USAGE;
	}
	if (make_line(&request, argc - optind, argv + optind) != 0)
		return CONTROL_USAGE;
	return ask(&request);
}
