/* superctl: asks a running superd through its control socket. */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "superd/protocol.h"

enum { TIMEOUT = 60, READ_SIZE = 65536, OPT_NO_HEADER = 256, OPT_JSON,
	OPT_DRY_RUN };

struct request {
	const char *path;
	bool json, no_header, quiet, dry_run;
	int timeout;		/* seconds, for the whole */
	char line[CONTROL_LINE_MAX];
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

static void
usage(FILE *file)
{
	fprintf(file, "usage: superctl [-q] [-s SOCKET] [-t SECONDS] "
	    "[--json] [--no-header] COMMAND\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(file, "  %-8s%-6s%s\n", commands[i].word,
		    commands[i].most > 0 ? "ID" : "", commands[i].help);
	fprintf(file, "  reload --dry-run      only say what it would do\n");
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

/* Talking. */

static long long
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
connect_to(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sun, sizeof(sun)) ==
	    0)
		return fd;
	return -1;
}

static int
explain_connect(const char *path)
{
	char text[256];

	if (errno != ENOENT && errno != ECONNREFUSED)
		return fail(path, strerror(errno), CONTROL_FAILED);
	snprintf(text, sizeof(text), "superd is not running (%s)",
	    strerror(errno));
	return fail(path, text, CONTROL_UNKNOWN);
}

/* The whole answer, malloc'd and terminated; NULL after saying why. */
static char *
read_answer(int fd, int timeout)
{
	long long deadline = now_ms() + (long long)timeout * 1000;
	size_t used = 0, room = READ_SIZE;
	char *answer = malloc(room + 1);
	ssize_t n = 1;

	while (answer != NULL && n != 0) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };
		long long left = deadline - now_ms();

		if (left <= 0 || poll(&pfd, 1, (int)left) == 0) {
			fail("superd", "no answer in time", 0);
			free(answer);
			return NULL;
		}
		n = read(fd, answer + used, room - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		used += (size_t)n;
		if (used == room) {
			char *larger = realloc(answer, room * 2 + 1);

			if (larger == NULL)
				break;
			room *= 2;
			answer = larger;
		}
	}
	if (answer != NULL)
		answer[used] = '\0';
	return answer;
}

/* Text from outside must not steer the terminal. */
static void
print_safely(const char *text)
{
	bool terminal = isatty(STDOUT_FILENO);

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (terminal && ((c < 0x20 && c != '\n' && c != '\t') ||
		    c == 0x7f))
			printf("\\%03o", c);
		else
			putchar(c);
	}
}

static int
finish(const struct request *request, char *answer)
{
	char *body = strchr(answer, '\n');
	size_t length = strlen(CONTROL_EXIT);

	if (strncmp(answer, CONTROL_EXIT, length) != 0 || body == NULL)
		return fail("superd", "the connection was closed",
		    CONTROL_FAILED);
	if (!request->quiet)
		print_safely(body + 1);
	return atoi(answer + length);
}

static int
ask(struct request *request)
{
	int fd = connect_to(request->path), status = CONTROL_FAILED;
	char *answer;

	if (fd < 0)
		return explain_connect(request->path);
	strcat(request->line, "\n");
	if (send(fd, request->line, strlen(request->line), MSG_NOSIGNAL) < 0)
		return fail(request->path, strerror(errno), CONTROL_FAILED);
	answer = read_answer(fd, request->timeout);
	if (answer != NULL)
		status = finish(request, answer);
	free(answer);
	close(fd);
	return status;
}

static const char *
default_path(void)
{
	const char *path = getenv("SUPERD_CONTROL");

	return path != NULL && path[0] != '\0' ? path : CONTROL_PATH;
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
		request->timeout = atoi(optarg);
		return request->timeout > 0 && request->timeout <= 86400 ?
		    0 : fail(optarg, "seconds were expected", -1);
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
