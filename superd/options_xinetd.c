/* xinetd(8)'s options: words with one dash, matched whole. */
#include "superd/options_xinetd.h"

#include <stdio.h>

#include "conf/units.h"
#include "superd/base/arguments.h"
#include "superd/base/paths.h"

static int
set_stayalive(void *target, const struct argument *argument, const char *value)
{
	struct options *options = target;

	(void)argument;
	(void)value;
	options->require_services = false;
	return 0;
}

static int
set_dontfork(void *target, const struct argument *argument, const char *value)
{
	struct options *options = target;

	options->foreground = true;
	return set_stayalive(target, argument, value);
}

static int
check_positive(void *target, const struct argument *argument, const char *value)
{
	unsigned number;

	(void)target;
	return argument_digits(value, argument->number, &number) != 0 ||
		number == 0 ?
	    -1 :
	    0;
}

static int
set_positive(void *target, const struct argument *argument, const char *value)
{
	if (check_positive(target, argument, value) != 0)
		return -1;
	return argument_unsigned(target, argument, value);
}

static int
set_syslog(void *target, const struct argument *argument, const char *value)
{
	struct options *options = target;

	(void)argument;
	options->log.kind = LOG_TO_SYSLOG;
	return parse_facility(value, &options->log.facility);
}

static int
set_filelog(void *target, const struct argument *argument, const char *value)
{
	struct options *options = target;

	options->log.kind = LOG_TO_FILE;
	return argument_text(target, argument, value);
}

enum { NUMBER_MAX = 1000000000 };

#define AT(member) offsetof(struct options, member)
#define NUMBER	   "N", check_positive, 0, NUMBER_MAX, "a number", NULL
#define NOTHING	   NULL, argument_ignored, 0, 0, NULL, NULL

static const struct argument rows[] = {
	{ 0, "d", NULL, argument_true, AT(debug), 0, NULL, NULL },
	{ 0, "f", "FILE", argument_text, AT(file), 0, "a file", NULL },
	{ 0, "pidfile", "FILE", argument_text, AT(pid_file), 0, "a file",
	    NULL },
	{ 0, "dontfork", NULL, set_dontfork, 0, 0, NULL, NULL },
	{ 0, "stayalive", NULL, set_stayalive, 0, 0, NULL, NULL },
	{ 0, "limit", "N", set_positive, AT(max_children), NUMBER_MAX,
	    "a number of children", NULL },
	{ 0, "version", NULL, argument_constant, AT(action), ACTION_VERSION,
	    NULL, NULL },
	{ 0, "inetd_compat", NULL, argument_true, AT(inetd_compat), 0, NULL,
	    NULL },
	{ 0, "syslog", "FACILITY", set_syslog, 0, 0, "a syslog facility",
	    NULL },
	{ 0, "filelog", "FILE", set_filelog, AT(log_path), 0, "a file", NULL },
	{ 0, "-insecure-files", NULL, argument_true, AT(insecure_files), 0,
	    NULL, NULL },
	{ 0, "inetd_ipv6", NOTHING },
	{ 0, "reuse", NOTHING },
	{ 0, "logprocs", NUMBER },
	{ 0, "cc", NUMBER },
	{ 0, "shutdownprocs", NUMBER },
};

int
compat_xinetd(struct options *options, int argc, char *argv[])
{
	struct arguments arguments = { .rows = rows,
		.count = sizeof(rows) / sizeof(rows[0]) };

	options->require_services = true;
	options->format = DIALECT_XINETD;
	if (words_parse(&arguments, options, argc, argv) < 0) {
		fprintf(stderr, "%s: %s\n", options->name, arguments.problem);
		return -1;
	}
	return 0;
}
