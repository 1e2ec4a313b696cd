/*
 * superd's options, and those of the inetds: one table of letters, since
 * they agree where they overlap.  The command line of xinetd is in compat.c.
 */
#include "superd/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/service.h"
#include "conf/units.h"
#include "superd/compat.h"
#include "superd/paths.h"
#include "superd/rpc.h"

enum {			/* long options without a letter */
	OPT_CONTROL = 256, OPT_MAX_CHILDREN, OPT_STRICT, OPT_FORMAT,
	OPT_ENVIRONMENT, OPT_RESOLVE
};

static const char letters[] = ":f:tTFidp:lwWR:q:a:c:C:s:EVh";

static const struct option long_options[] = {
	{ "file", required_argument, NULL, 'f' },
	{ "check", no_argument, NULL, 't' },
	{ "print", no_argument, NULL, 'T' },
	{ "strict", no_argument, NULL, OPT_STRICT },
	{ "foreground", no_argument, NULL, 'F' },
	{ "debug", no_argument, NULL, 'd' },
	{ "pidfile", required_argument, NULL, 'p' },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "log-connections", no_argument, NULL, 'l' },
	{ "libwrap", no_argument, NULL, 'w' },
	{ "rate", required_argument, NULL, 'R' },
	{ "backlog", required_argument, NULL, 'q' },
	{ "address", required_argument, NULL, 'a' },
	{ "max-children", required_argument, NULL, OPT_MAX_CHILDREN },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "environment", no_argument, NULL, 'E' },
	{ "resolve", no_argument, NULL, OPT_RESOLVE },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

static const char usage_text[] =
"usage: %s [options] [FILE [DIRECTORY]]\n"
"  -f, --file FILE          the configuration (or as an argument)\n"
"  -t, --check              check it, and exit 0 or 1; binds nothing\n"
"  -T, --print              print it as superd.conf, with all defaults\n"
"      --strict             check: warnings count; run: all or nothing\n"
"      --format FORMAT      inetd, xinetd or superd: do not guess\n"
"  -F, -i, --foreground     do not detach; log to stderr\n"
"  -d, --debug              the same, and log everything\n"
"  -p, --pidfile FILE       pid file (\"none\": no file)\n"
"      --control PATH       control socket (\"none\": no socket)\n"
"  -l, --log-connections    log the start and the end of each child\n"
"  -w, --libwrap            hosts.allow and hosts.deny apply\n"
"  -W                       ... for internal stream services, too\n"
"  -R, --rate N             starts per minute of a service; 0: no rates\n"
"  -q, --backlog N          connections that may wait at a socket\n"
"  -a, --address ADDRESS    listen there where a line has no address\n"
"  -c N                     children of a service at once\n"
"  -C N                     starts per minute of one client address\n"
"  -s N                     children at once of one client address\n"
"      --max-children N     children of all services at once; 0: any\n"
"  -E, --environment        children inherit superd's environment\n"
"      --resolve            no effect: names are not looked up\n"
"  -V, --version            print the version and what is built in\n"
"  -h, --help               print this\n";

void
options_usage(const struct options *options)
{
	printf(usage_text, options->name);
}

void
options_version(void)
{
#ifdef HAVE_LIBWRAP
	const char *libwrap = "+libwrap";
#else
	const char *libwrap = "-libwrap";
#endif

	printf("superd %s %s %s\n", SUPERD_VERSION, libwrap,
	    rpc_available() ? "+rpc" : "-rpc");
}

static int
usage_error(const struct options *options, const char *problem,
    const char *what)
{
	fprintf(stderr, "%s: %s: %s\n%s: try %s --help\n", options->name,
	    problem, what, options->name, options->name);
	return -1;
}

static int
number(const struct options *options, const char *text, unsigned *result)
{
	unsigned long long value;
	const char *why;

	if (parse_number(text, 0, 1000000000, &value, &why) != 0)
		return usage_error(options, "bad number", text);
	*result = (unsigned)value;
	return 0;
}

static int
rate(struct options *options, const char *text, struct rate *result)
{
	result->seconds = 60;
	return number(options, text, &result->count);
}

static int
format(struct options *options, const char *text)
{
	static const struct { const char *name; enum dialect dialect; }
	    formats[] = { { "inetd", DIALECT_INETD },
		{ "xinetd", DIALECT_XINETD }, { "superd", DIALECT_SUPERD } };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, text) == 0) {
			options->format = formats[i].dialect;
			return 0;
		}
	return usage_error(options, "bad format", text);
}

/* Options that take a value. */
static int
set_value(struct options *options, int letter, const char *value)
{
	switch (letter) {
	case 'f':
		options->file = value;
		return 0;
	case 'p':
		options->pid_file = value;
		options->pid_file_given = true;
		return 0;
	case 'a':
		options->address = value;
		return 0;
	case 'q':
		return number(options, value, &options->backlog);
	case 'R':
		if (rate(options, value, &options->limits.rate) != 0)
			return -1;
		options->no_rates = options->limits.rate.count == LIMIT_NONE;
		return 0;
	case 'c':
		return number(options, value, &options->limits.instances);
	case 'C':
		return rate(options, value, &options->limits.source_rate);
	case 's':
		return number(options, value, &options->limits.per_source);
	case OPT_CONTROL:
		options->control = value;
		return 0;
	case OPT_MAX_CHILDREN:
		return number(options, value, &options->max_children);
	default:
		return format(options, value);
	}
}

/* Options that are there or not. */
static void
set_flag(struct options *options, int letter)
{
	switch (letter) {
	case 't':
		options->action = ACTION_CHECK;
		break;
	case 'T':
		options->action = ACTION_PRINT;
		break;
	case 'V':
		options->action = ACTION_VERSION;
		break;
	case 'h':
		options->action = ACTION_HELP;
		break;
	case 'd':
		options->debug = true;
		options->foreground = true;
		break;
	case 'F':
	case 'i':
		options->foreground = true;
		break;
	case 'l':
		options->log_connections = true;
		/* what the inetd of Debian means by it */
		if (options->manner == MANNER_INETD)
			options->libwrap = true;
		break;
	case 'w':
		options->libwrap = true;
		break;
	case 'W':
		options->libwrap_internal = true;
		break;
	case 'E':
		options->env_keep = true;
		break;
	case OPT_STRICT:
		options->strict = true;
		break;
	default:
		break;		/* --resolve: names are never asked for */
	}
}

static int
set_option(struct options *options, int letter, char *const argv[])
{
	if (letter == '?' || letter == ':') {
		const char *what = argv[optind - 1];

		return usage_error(options, letter == '?' ?
		    "unknown option" : "a value is missing", what);
	}
	if (optarg != NULL)
		return set_value(options, letter, optarg);
	set_flag(options, letter);
	return 0;
}

static int
take_arguments(struct options *options, int argc, char *argv[])
{
	int left = argc - optind;

	if (left > 2 || (left == 2 && options->file != NULL))
		return usage_error(options, "too many arguments",
		    argv[argc - 1]);
	if (left > 0 && options->file == NULL)
		options->file = argv[optind++];
	if (optind < argc)
		options->directory = argv[optind];
	return 0;
}

static void
set_defaults(struct options *options)
{
	bool inetd = options->manner == MANNER_INETD;

	if (options->file == NULL)
		options->file = !inetd && access(SUPERD_CONF, F_OK) == 0 ?
		    SUPERD_CONF : INETD_CONF;
	if (options->pid_file == NULL && inetd)
		options->pid_file = INETD_PID;
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
		options->manner = MANNER_INETD;
	else if (strcmp(options->name, "xinetd") == 0)
		options->manner = MANNER_XINETD;
	options->backlog = options->max_children = LIMIT_UNSET;
	limits_unset(&options->limits);
}

int
options_parse(struct options *options, int argc, char *argv[])
{
	int letter;

	start_options(options, argv[0]);
	if (options->manner == MANNER_XINETD)
		return compat_xinetd(options, argc, argv);
	opterr = 0;
	while ((letter = getopt_long(argc, argv, letters, long_options,
	    NULL)) != -1)
		if (set_option(options, letter, argv) != 0)
			return -1;
	if (take_arguments(options, argc, argv) != 0)
		return -1;
	set_defaults(options);
	return 0;
}
