/*
 * superd's options, and those of the inetds: one table of letters, since
 * they agree where they overlap.  The command line of xinetd is in
 * options_xinetd.c.
 */
#include "superd/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/base/arguments.h"
#include "superd/base/calls.h"
#include "superd/base/paths.h"
#include "superd/base/rundir.h"
#include "superd/control/protocol.h"
#include "superd/oneliner.h"
#include "superd/options_xinetd.h"
#include "superd/running/rpc.h"

/* Setting. */

static int
set_log_connections(void *target, const struct argument *argument,
    const char *value)
{
	struct options *options = target;

	(void)argument;
	(void)value;
	options->log_connections = true;
	/* what the inetd of Debian means by it */
	options->libwrap |= options->started_as == STARTED_AS_INETD;
	return 0;
}

/* Of a minute. */
static int
set_rate(void *target, const struct argument *argument, const char *value)
{
	struct rate *rate = (void *)((char *)target + argument->offset);

	rate->seconds = 60;
	return argument_digits(value, argument->number, &rate->count);
}

static int
set_service_rate(void *target, const struct argument *argument,
    const char *value)
{
	struct options *options = target;
	int result = set_rate(target, argument, value);

	options->no_rates = options->limits.rate.count == LIMIT_NONE;
	return result;
}

static int
set_format(void *target, const struct argument *argument, const char *value)
{
	static const struct {
		const char *name;
		enum dialect dialect;
	} formats[] = { { "inetd", DIALECT_INETD },
		{ "xinetd", DIALECT_XINETD }, { "superd", DIALECT_SUPERD } };
	struct options *options = target;

	(void)argument;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, value) == 0) {
			options->format = formats[i].dialect;
			return 0;
		}
	return -1;
}

static int
set_log_format(void *target, const struct argument *argument, const char *value)
{
	static const char *const names[] = { [LOG_FORMAT_TEXT] = "text",
		[LOG_FORMAT_LOGFMT] = "logfmt",
		[LOG_FORMAT_JSON] = "json" };
	struct options *options = target;

	(void)argument;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], value) == 0) {
			options->log_format = (enum log_format)i;
			options->log_format_given = true;
			return 0;
		}
	return -1;
}

/* There is one kind of units. */
static int
set_units(void *target, const struct argument *argument, const char *value)
{
	struct options *options = target;

	options->action = (enum action)argument->number;
	return strcmp(value, "systemd") == 0 ? 0 : -1;
}

/* The rows. */

enum { COUNT_MAX = 1000000000 };

#define AT(member)	offsetof(struct options, member)
#define DO_ACTION(what) argument_constant, AT(action), what, NULL
#define SET(member)	argument_true, AT(member), 0, NULL
#define STARTS		COUNT_MAX, "a number of starts per minute"
#define CHILDREN	COUNT_MAX, "a number of children"

static const struct argument rows[] = {
	{ 'f', "file", "FILE", argument_text, AT(file), 0, "a file",
	    "the configuration (or as an argument)" },
	{ 't', "check", NULL, DO_ACTION(ACTION_CHECK),
	    "check it, and exit 0 or 1; binds nothing" },
	{ 'T', "print", NULL, DO_ACTION(ACTION_PRINT),
	    "print it as superd.conf, with all defaults" },
	{ 0, "import", "FORMAT", set_units, 0, ACTION_IMPORT, "systemd",
	    "print the units of a directory as superd.conf" },
	{ 0, "state-version", NULL, DO_ACTION(ACTION_STATE_VERSION),
	    "print the state that an upgrade to it needs" },
	{ 0, "export", "FORMAT", set_units, 0, ACTION_EXPORT, "systemd",
	    "write the configuration as units to a directory" },
	{ 0, "strict", NULL, SET(strict),
	    "check: warnings count; run: all or nothing" },
	{ 0, "format", "FORMAT", set_format, 0, 0, "inetd, xinetd or superd",
	    "inetd, xinetd or superd: do not guess" },
	{ 'F', "foreground", NULL, SET(foreground),
	    "do not detach; log to stderr" },
	{ 'i', NULL, NULL, SET(foreground), "the same" },
	{ 'd', "debug", NULL, SET(debug), "the same, and log everything" },
	{ 'p', "pidfile", "FILE", argument_text, AT(pid_file), 0,
	    "a file, or none", "pid file (\"none\": no file)" },
	{ 0, "control", "PATH", argument_text, AT(control), 0,
	    "a path, or none", "control socket (\"none\": no socket)" },
	{ 'l', "log-connections", NULL, set_log_connections, 0, 0, NULL,
	    "log the start and the end of each child" },
	{ 0, "log-format", "FORMAT", set_log_format, 0, 0,
	    "text, logfmt or json", "text, logfmt or json: lines of the log" },
	{ 'w', "libwrap", NULL, SET(libwrap),
	    "hosts.allow and hosts.deny apply" },
	{ 'W', NULL, NULL, SET(libwrap_internal),
	    "... for internal stream services, too" },
	{ 'R', "rate", "N", set_service_rate, AT(limits.rate), STARTS,
	    "starts per minute of a service; 0: no rates" },
	{ 'q', "backlog", "N", argument_unsigned, AT(backlog), COUNT_MAX,
	    "a number of connections",
	    "connections that may wait at a socket" },
	{ 'a', "address", "ADDRESS", argument_text, AT(address), 0,
	    "an address", "listen there where a line has no address" },
	{ 'c', NULL, "N", argument_unsigned, AT(limits.instances), CHILDREN,
	    "children of a service at once" },
	{ 'C', NULL, "N", set_rate, AT(limits.source_rate), STARTS,
	    "starts per minute of one client address" },
	{ 's', NULL, "N", argument_unsigned, AT(limits.per_source), CHILDREN,
	    "children at once of one client address" },
	{ 0, "max-children", "N", argument_unsigned, AT(max_children), CHILDREN,
	    "children of all services at once; 0: any" },
	{ 0, "insecure-files", NULL, SET(insecure_files),
	    "read configuration that others can write" },
	{ 'E', "environment", NULL, SET(env_keep),
	    "children inherit superd's environment" },
	{ 0, "resolve", NULL, argument_ignored, 0, 0, NULL,
	    "no effect: names are not looked up" },
	{ 'V', "version", NULL, DO_ACTION(ACTION_VERSION),
	    "print the version and what is built in" },
	{ 'h', "help", NULL, DO_ACTION(ACTION_HELP), "print this" },
};

/* What other letters mean under the name inetd: -f to NetBSD and busybox, -e
 * to busybox. */
static const struct argument inetd_rows[] = {
	{ 'f', NULL, NULL, SET(foreground), "the same" },
	{ 'e', NULL, NULL, argument_constant, AT(log.kind), LOG_TO_STDERR, NULL,
	    "log to stderr" },
};

static const struct arguments all = { .rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]) };

void
options_usage(const struct options *options)
{
	printf("usage: %s [options] [FILE [DIRECTORY]]\n", options->name);
	arguments_help(&all, stdout);
}

void
options_version(void)
{
#ifdef HAVE_LIBWRAP
	const char *libwrap = "+libwrap";
#else
	const char *libwrap = "-libwrap";
#endif

	printf("superd %s %s %s %s\n", SUPERD_VERSION, libwrap,
	    rpc_available() ? "+rpc" : "-rpc",
	    calls_known() ? "+seccomp" : "-seccomp");
}

static int
usage_error(const struct options *options, const char *problem)
{
	fprintf(stderr, "%s: %s\n%s: try %s --help\n", options->name, problem,
	    options->name, options->name);
	return -1;
}

static int
take_arguments(struct options *options, int argc, char *argv[], int next)
{
	int left = argc - next;
	char problem[256];

	if (options->action == ACTION_EXPORT && left <= 1) {
		options->export_to = argv[next];
		return 0;
	}
	if (left > 2 || (left == 2 && options->file != NULL)) {
		snprintf(problem, sizeof(problem),
		    "%s: expected at most a file and a directory",
		    argv[argc - 1]);
		return usage_error(options, problem);
	}
	if (left > 0 && options->file == NULL)
		options->file = argv[next++];
	if (next < argc)
		options->directory = argv[next];
	return 0;
}

static const char *
default_file(enum started_as started_as)
{
	switch (started_as) {
	case STARTED_AS_XINETD:
		return XINETD_CONF;
	case STARTED_AS_INETD:
		return INETD_CONF;
	default:
		return access(SUPERD_CONF, F_OK) == 0 ?
		    SUPERD_CONF :
		    INETD_CONF;
	}
}

static const char *
default_pid_file(enum started_as started_as)
{
	return started_as == STARTED_AS_XINETD ?
	    XINETD_PID :
	    started_as == STARTED_AS_INETD ?
	    INETD_PID :
	    SUPERD_PID;
}

void
options_complete(struct options *options)
{
	options->foreground |= options->debug;
	if (options->file == NULL)
		options->file = default_file(options->started_as);
	options->default_pid_file =
	    rundir_path(default_pid_file(options->started_as),
		options->pid_file_buf, sizeof(options->pid_file_buf));
	/* under these names, in the foreground as well */
	if (options->pid_file == NULL &&
	    options->started_as != STARTED_AS_SUPERD)
		options->pid_file = options->default_pid_file;
	if (options->control == NULL)
		options->control = rundir_control();
	options->default_control = rundir_path(CONTROL_PATH,
	    options->control_buf, sizeof(options->control_buf));
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static void
start_options(struct options *options, const char *argv0)
{
	memset(options, 0, sizeof(*options));
	options->name = argv0 == NULL ? "superd" : base_name(argv0);
	if (strcmp(options->name, "inetd") == 0)
		options->started_as = STARTED_AS_INETD;
	else if (strcmp(options->name, "xinetd") == 0)
		options->started_as = STARTED_AS_XINETD;
	options->backlog = options->max_children = LIMIT_UNSET;
	limits_unset(&options->limits);
}

/* Without the options that have no value where GNU's need none: -p is the
 * default anyway.  malloc'd, of the same texts. */
static char **
without_bare_pid_file(int *argc, char *const argv[])
{
	char **list = xcalloc((size_t)*argc + 1, sizeof(char *));
	int n = 0;

	for (int i = 0; i < *argc; i++) {
		bool last = i + 1 == *argc || argv[i + 1][0] == '-';

		if (i > 0 && last &&
		    (strcmp(argv[i], "-p") == 0 ||
			strcmp(argv[i], "--pidfile") == 0))
			continue;
		list[n++] = argv[i];
	}
	*argc = n;
	return list;
}

/* "-p /etc/inetd.conf": GNU's means the configuration. */
static bool
writes_over_the_configuration(const struct options *options)
{
	const char *file = options->file != NULL ? options->file : INETD_CONF;

	return options->pid_file != NULL &&
	    strcmp(options->pid_file, file) == 0;
}

static int
parse_rows(struct options *options, const struct arguments *wanted, int argc,
    char *argv[])
{
	struct arguments arguments = *wanted;
	int next = arguments_parse(&arguments, options, argc, argv);

	if (next < 0)
		return usage_error(options, arguments.problem);
	return take_arguments(options, argc, argv, next);
}

static int
parse_inetd(struct options *options, int argc, char *argv[])
{
	struct argument list[ARGUMENTS_MAX];
	size_t count = sizeof(inetd_rows) / sizeof(inetd_rows[0]);
	struct arguments arguments = { .rows = list,
		.count = all.count + count };
	char **words = without_bare_pid_file(&argc, argv);
	int result;

	memcpy(list, rows, sizeof(rows));
	memcpy(list + all.count, inetd_rows, sizeof(inetd_rows));
	list[0].letter = '\0'; /* --file is left of it */
	result = parse_rows(options, &arguments, argc, words);
	free(words);
	if (result == 0 && writes_over_the_configuration(options))
		return usage_error(options,
		    "-p: expected a pid file, not the configuration");
	return result;
}

static int
parse(struct options *options, int argc, char *argv[])
{
	switch (options->started_as) {
	case STARTED_AS_XINETD:
		return compat_xinetd(options, argc, argv);
	case STARTED_AS_INETD:
		return parse_inetd(options, argc, argv);
	default:
		return parse_rows(options, &all, argc, argv);
	}
}

int
options_parse(struct options *options, int argc, char *argv[])
{
	int result;

	start_options(options, argv[0]);
	if (oneliner_is(argc, argv))
		return oneliner_parse(options, argc - 1, argv + 1);
	result = parse(options, argc, argv);
	if (result == 0 && options->action == ACTION_IMPORT &&
	    (options->file == NULL || options->directory != NULL))
		return usage_error(options, "--import: expected a directory");
	return result;
}
