/*
 * superctl: asks a running superd through its control socket.  Knows the
 * words of the protocol, and nothing of what is answered.
 */
#include <sys/socket.h>

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/units.h"
#include "superd/base/arguments.h"
#include "superd/base/rundir.h"
#include "superd/base/text.h"
#include "superd/control/command_words.h"
#include "superd/control/dialogue.h"
#include "superd/control/protocol.h"
#include "superd/control/screen.h"

/* Seconds; a reload may have to wait for another one. */
enum {
	TIMEOUT = 60,
	TIMEOUT_SLOW = 150,
	TIMEOUT_MAX = 86400,
	WATCH_SECONDS = 1
};

enum action { ACTION_ASK, ACTION_VERSION, ACTION_HELP };

struct request {
	enum action action;
	const char *path;
	bool json, no_header, no_trunc, quiet;
	enum command_id command;
	unsigned timeout;		      /* seconds, for the whole */
	const char *options[COMMAND_OPTIONS]; /* "": no value; NULL */
	char line[CONTROL_LINE_MAX];
};

/* The command line. */

/* One that goes with a command; superd knows what it may be. */
static int
set_option(void *target, const struct argument *argument, const char *value)
{
	struct request *request = target;

	request->options[argument->number] = value != NULL ? value : "";
	return 0;
}

/* Of superctl, and of a command that has a time limit of its own. */
static int
set_timeout(void *target, const struct argument *argument, const char *value)
{
	struct request *request = target;

	(void)argument;
	request->options[WITH_TIMEOUT] = value;
	return parse_duration(value, &request->timeout) != 0 ||
		request->timeout == 0 || request->timeout > TIMEOUT_MAX ?
	    -1 :
	    0;
}

#define AT(member)	offsetof(struct request, member)
#define OPTION(option)	set_option, 0, WITH_##option
#define SET(member)	argument_true, AT(member), 0, NULL
#define DO_ACTION(what) argument_constant, AT(action), what, NULL

static const struct argument rows[] = {
	{ 0, "all", NULL, OPTION(ALL), NULL, "with drain: all services" },
	{ 0, "at", "TIME", OPTION(AT), "a time, such as 14:30 or Mon,14:30",
	    "with why: then, by default now" },
	{ 0, "dry-run", NULL, OPTION(DRY_RUN), NULL,
	    "with reload: only show what would change" },
	{ 0, "json", NULL, SET(json), "answer in JSON" },
	{ 0, "no-header", NULL, SET(no_header), "no header line" },
	{ 0, "no-trunc", NULL, SET(no_trunc),
	    "full lines, even on a terminal" },
	{ 'q', "quiet", NULL, SET(quiet),
	    "print nothing: the exit status is the answer" },
	{ 0, "for", "TIME", OPTION(FOR), "a time, such as 1h",
	    "with deny: so long, by default for ever" },
	{ 0, "save", NULL, OPTION(SAVE), NULL,
	    "with enable and disable: in the configuration, too" },
	{ 0, "signal", "SIGNAL", OPTION(SIGNAL), "a signal, such as TERM",
	    "with kill: which one, by default TERM" },
	{ 's', "socket", "SOCKET", argument_text, AT(path), 0, "a path",
	    "the control socket" },
	{ 't', "timeout", "TIME", set_timeout, 0, 0,
	    "seconds, 1 to 86400, or a time such as 5m",
	    "how long to wait for superd, by default 60" },
	{ 'V', "version", NULL, DO_ACTION(ACTION_VERSION),
	    "print the version" },
	{ 'h', "help", NULL, DO_ACTION(ACTION_HELP), "print this" },
};

static const struct arguments all = { .rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]) };

static void
usage(void)
{
	printf("usage: superctl [options] COMMAND\n");
	for (unsigned i = 0; i < COMMANDS; i++) {
		const struct command_word *command = &command_words[i];

		printf("  %-10s%-16s%s\n", command->word,
		    command->argument != NULL ? command->argument : "",
		    command->help);
	}
	printf("\n");
	arguments_help(&all, stdout);
}

/* Errors. */

/* For people, and for programs that read JSON. */
static int
tell(const struct request *request, const char *message, int status)
{
	struct text json = { .bytes = NULL };

	fprintf(stderr, "superctl: ");
	screen_write(stderr, message, strlen(message));
	fprintf(stderr, "\n");
	if (!request->json)
		return status;
	json_open(&json, NULL, '{');
	json_string(&json, "error", message);
	json_close(&json, '}');
	text_add(&json, "\n");
	if (!json.failed)
		screen_write(stdout, json.bytes, json.length);
	text_free(&json);
	return status;
}

static int
fail(const struct request *request, const char *what, const char *why,
    int status)
{
	char message[CONTROL_LINE_MAX + 512];

	snprintf(message, sizeof(message), "%s: %s", what, why);
	return tell(request, message, status);
}

static int
usage_error(const struct request *request, const char *message)
{
	tell(request, message, 0);
	fprintf(stderr, "superctl: try superctl --help\n");
	return -1;
}

/* The request line. */

static int
add_word(struct request *request, const char *word)
{
	size_t used = strlen(request->line);

	if (strpbrk(word, " \n") != NULL || word[0] == '\0' ||
	    used + strlen(word) + 2 >= sizeof(request->line))
		return fail(request, word, "not a valid service id", -1);
	if (used > 0)
		strcat(request->line, " ");
	strcat(request->line, word);
	return 0;
}

/* "lst: expected ping, status, ... or help"; word NULL: there is none. */
static int
unknown_command(const struct request *request, const char *word)
{
	char message[512];
	size_t used;

	used = (size_t)snprintf(message, sizeof(message),
	    "%.100s%sexpected a command: ", word != NULL ? word : "",
	    word != NULL ? ": " : "");
	for (unsigned i = 0; i < COMMANDS; i++)
		used += (size_t)snprintf(message + used, sizeof(message) - used,
		    "%s%s",
		    i == 0		 ? "" :
			i + 1 < COMMANDS ? ", " :
					   " or ",
		    command_words[i].word);
	return usage_error(request, message);
}

/* How long to wait may be said with every command. */
static int
check_options(const struct request *request)
{
	char message[512];
	size_t used;

	for (unsigned i = 0; i < COMMAND_OPTIONS; i++) {
		if (request->options[i] == NULL || i == WITH_TIMEOUT ||
		    (command_words[request->command].options & 1u << i) != 0)
			continue;
		used = (size_t)snprintf(message, sizeof(message),
		    "--%s: expected only with", command_options[i]);
		for (unsigned k = 0; k < COMMANDS; k++)
			if (command_words[k].options & 1u << i)
				used += (size_t)snprintf(message + used,
				    sizeof(message) - used, " %s",
				    command_words[k].word);
		return usage_error(request, message);
	}
	return 0;
}

/* Is there what goes with it, and nothing else? */
static int
check_command(const struct request *request, int argc, char *argv[])
{
	const struct command_word *command = &command_words[request->command];
	int least, most;
	char message[256];

	command_counts(command, &least, &most);
	if (argc < least) {
		snprintf(message, sizeof(message), "%s: expected %s", argv[0],
		    command->expected);
		return usage_error(request, message);
	}
	if (argc > most) {
		snprintf(message, sizeof(message),
		    "%s: expected nothing after %s", argv[most],
		    argv[most - 1]);
		return usage_error(request, message);
	}
	return check_options(request);
}

static int
parse_command(struct request *request, int argc, char *argv[])
{
	request->command = argc > 0 ? command_find(argv[0]) : COMMANDS;
	if (request->command == COMMANDS)
		return unknown_command(request, argc > 0 ? argv[0] : NULL);
	return check_command(request, argc, argv);
}

static int
add_options(struct request *request)
{
	unsigned known = command_words[request->command].options;

	for (unsigned i = 0; i < COMMAND_OPTIONS; i++) {
		const char *value = request->options[i];
		char word[CONTROL_LINE_MAX];

		if (value == NULL || (known & 1u << i) == 0)
			continue;
		snprintf(word, sizeof(word), CONTROL_OPTION "%s%s%s",
		    command_options[i], value[0] != '\0' ? "=" : "", value);
		if (add_word(request, word) != 0)
			return -1;
	}
	return 0;
}

/* superd asks nobody for names: a user goes by the number. */
static const char *
peer_word(const char *text, char *number, size_t size)
{
	const struct passwd *user = NULL;

	if (strpbrk(text, ".:") == NULL)
		user = getpwnam(text);
	if (user == NULL)
		return text;
	snprintf(number, size, "uid:%u", user->pw_uid);
	return number;
}

static int
make_line(struct request *request, int argc, char *argv[])
{
	char number[32];

	if (request->json && add_word(request, CONTROL_JSON) != 0)
		return -1;
	if (request->no_header && add_word(request, CONTROL_NO_HEADER) != 0)
		return -1;
	if (request->command == COMMAND_WATCH)
		return add_word(request, command_words[COMMAND_LIST].word);
	for (int i = 0; i < argc; i++)
		if (add_word(request,
			request->command == COMMAND_WHY && i == 2 ?
			    peer_word(argv[i], number, sizeof(number)) :
			    argv[i]) != 0)
			return -1;
	return add_options(request);
}

/* The answer. */

/* Up to the end of so many lines; 0: of all. */
static size_t
length_of_lines(const char *bytes, size_t length, unsigned lines)
{
	for (size_t i = 0; i < length && lines > 0; i++)
		if (bytes[i] == '\n' && --lines == 0)
			return i + 1;
	return length;
}

static int
print(const struct request *request, const char *bytes, size_t length)
{
	unsigned lines;

	if (request->command == COMMAND_WATCH) {
		lines = screen_clear(stdout);
		/* the cursor has the last one */
		length = length_of_lines(bytes, length,
		    lines > 1 ? lines - 1 : 0);
	}
	if (command_words[request->command].table && !request->json &&
	    !request->no_trunc)
		screen_write_cut(stdout, bytes, length);
	else
		screen_write(stdout, bytes, length);
	if (ferror(stdout) || fflush(stdout) != 0)
		return fail(request, "standard output", "cannot be written",
		    -1);
	return 0;
}

/* The number behind this word in superd's first line; -1: it is another. */
static int
exit_status(const char *line, const char *word)
{
	size_t length = strlen(word);
	long status;
	char *end;

	if (strncmp(line, word, length) != 0 ||
	    !isdigit((unsigned char)line[length]))
		return -1;
	status = strtol(line + length, &end, 10);
	return *end == '\n' && status <= UCHAR_MAX ? (int)status : -1;
}

static int
finish_error(const struct request *request, char *message, int status)
{
	message[strcspn(message, "\n")] = '\0';
	return request->quiet ? status : tell(request, message, status);
}

static int
finish(const struct request *request, struct answer *answer)
{
	char *body;
	int status, error;

	if (answer->length == 0)
		return fail(request, request->path, "the connection was closed",
		    CONTROL_FAILED);
	status = exit_status(answer->bytes, CONTROL_EXIT);
	error = exit_status(answer->bytes, CONTROL_ERROR);
	if (status < 0 && error < 0)
		return fail(request, request->path, "not an answer from superd",
		    CONTROL_FAILED);
	body = strchr(answer->bytes, '\n') + 1;
	if (error >= 0)
		return finish_error(request, body, error);
	if (!request->quiet &&
	    print(request, body,
		answer->length - (size_t)(body - answer->bytes)) != 0)
		return CONTROL_FAILED;
	return status;
}

/* Talking. */

static int
explain(const struct request *request)
{
	const char *path = request->path;
	char text[256];

	switch (errno) {
	case ENOENT:
	case ECONNREFUSED:
		snprintf(text, sizeof(text), "superd is not running (%s)",
		    strerror(errno));
		return fail(request, path, text, CONTROL_UNKNOWN);
	case EACCES:
	case EPERM:
		return fail(request, path,
		    "permission denied: root may ask, and the "
		    "control_group of superd.conf",
		    CONTROL_FAILED);
	case EAGAIN:
	case ETIMEDOUT:
		return fail(request, path, "no answer in time", CONTROL_FAILED);
	case ECONNRESET:
	case EPIPE:
		return fail(request, path, "the connection was closed",
		    CONTROL_FAILED);
	default:
		return fail(request, path, strerror(errno), CONTROL_FAILED);
	}
}

/* Print whole lines, and keep the rest. */
static int
print_lines(const struct request *request, struct answer *answer)
{
	char *last = memrchr(answer->bytes, '\n', answer->length);
	size_t length = last != NULL ? (size_t)(last + 1 - answer->bytes) : 0;

	if (!request->quiet && length > 0 &&
	    print(request, answer->bytes, length) != 0)
		return -1;
	answer->length -= length;
	memmove(answer->bytes, answer->bytes + length, answer->length);
	return 0;
}

/* Lines as they come, for as long as superd and we are there. */
static int
follow(const struct request *request, int fd, struct answer *answer,
    long long deadline)
{
	size_t head;
	ssize_t n = 1;

	if (dialogue_receive_line(fd, answer, deadline) != 0)
		return explain(request);
	if (exit_status(answer->bytes, CONTROL_EXIT) < 0)
		return dialogue_receive(fd, answer, deadline) == 0 ?
		    finish(request, answer) :
		    explain(request);
	head = strcspn(answer->bytes, "\n") + 1;
	answer->length -= head;
	memmove(answer->bytes, answer->bytes + head, answer->length);
	while (n > 0) {
		if (print_lines(request, answer) != 0)
			return CONTROL_FAILED;
		n = dialogue_more(fd, answer);
	}
	if (n < 0)
		return explain(request);
	return fail(request, request->path, "the connection was closed",
	    CONTROL_FAILED);
}

/* Is it worth to look for another one? */
static bool
not_ours(int error)
{
	return error == ENOENT || error == ECONNREFUSED || error == EACCES ||
	    error == EPERM;
}

/* Where nobody says which it is: the system's, or, for a user who cannot have
 * that, his own. */
static int
connect_default(struct request *request, char own[PATH_MAX])
{
	int fd, error;

	request->path = CONTROL_PATH;
	fd = dialogue_connect(CONTROL_PATH, request->timeout);
	if (fd >= 0 || !not_ours(errno))
		return fd;
	error = errno;
	request->path = rundir_path(CONTROL_PATH, own, PATH_MAX);
	if (request->path != own)
		return -1;
	fd = dialogue_connect(own, request->timeout);
	if (fd < 0 && errno == ENOENT) {
		request->path = CONTROL_PATH;
		errno = error;
	}
	return fd;
}

/* What superd does not listen to it may have answered. */
static int
say(struct request *request, int fd)
{
	strcat(request->line, "\n");
	return send(fd, request->line, strlen(request->line), MSG_NOSIGNAL) <
		    0 &&
		errno != EPIPE ?
	    -1 :
	    0;
}

static int
hear(struct request *request, int fd, struct answer *answer, long long deadline)
{
	if (request->command == COMMAND_EVENTS)
		return follow(request, fd, answer, deadline);
	return dialogue_receive(fd, answer, deadline) == 0 ?
	    finish(request, answer) :
	    explain(request);
}

static int
ask(struct request *request)
{
	long long deadline = dialogue_now() +
	    (long long)request->timeout * 1000;
	struct answer answer = { .bytes = NULL };
	char own[PATH_MAX];
	int fd, status;

	fd = request->path != NULL ?
	    dialogue_connect(request->path, request->timeout) :
	    connect_default(request, own);
	if (fd < 0)
		return explain(request);
	if (say(request, fd) != 0)
		status = explain(request);
	else
		status = hear(request, fd, &answer, deadline);
	free(answer.bytes);
	close(fd);
	return status;
}

/* Until superd cannot be asked any more, or somebody has seen enough. */
static int
watch(struct request *request)
{
	const char *path = request->path;
	struct request next;
	int status;

	if (!isatty(STDOUT_FILENO) || request->json || request->quiet) {
		usage_error(request,
		    "watch: expected a terminal; list is for programs");
		return CONTROL_USAGE;
	}
	do {
		next = *request;
		next.path = path;
		status = ask(&next);
	} while (status == CONTROL_OK && sleep(WATCH_SECONDS) == 0);
	return status;
}

static int
run(struct request *request, int argc, char *argv[])
{
	if (parse_command(request, argc, argv) != 0)
		return CONTROL_USAGE;
	if (request->command == COMMAND_HELP) {
		usage();
		return CONTROL_OK;
	}
	if (make_line(request, argc, argv) != 0)
		return CONTROL_USAGE;
	if (request->timeout == 0)
		request->timeout = command_words[request->command].slow ?
		    TIMEOUT_SLOW :
		    TIMEOUT;
	/* superd says how far it came by then */
	if (command_words[request->command].options & 1u << WITH_TIMEOUT)
		request->timeout += TIMEOUT;
	return request->command == COMMAND_WATCH ?
	    watch(request) :
	    ask(request);
}

int
main(int argc, char *argv[])
{
	struct request request = { .timeout = 0 };
	struct arguments arguments = all;
	int next;

	setlocale(LC_CTYPE, "");
	request.path = rundir_control();
	next = arguments_parse(&arguments, &request, argc, argv);
	if (next < 0) {
		usage_error(&request, arguments.problem);
		return CONTROL_USAGE;
	}
	switch (request.action) {
	case ACTION_VERSION:
		printf("superctl %s\n", SUPERD_VERSION);
		return CONTROL_OK;
	case ACTION_HELP:
		usage();
		return CONTROL_OK;
	case ACTION_ASK:
		break;
	}
	return run(&request, argc - next, argv + next);
}
