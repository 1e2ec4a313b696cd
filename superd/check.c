/* Checking a configuration without running it. */
#include "superd/check.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/print.h"
#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"
#include "services/services.h"
#include "superd/base/text.h"
#include "superd/box_trial.h"
#include "superd/demand.h"
#include "superd/log/log.h"
#include "superd/policy/hosts_access.h"
#include "superd/resolver.h"
#include "superd/running/rpc.h"
#include "superd/systemd/export.h"

enum { LINE_MAX_SHOWN = 512 };

void
check_context(const struct options *options, struct load_context *context)
{
	memset(context, 0, sizeof(*context));
	context->internal_known = handler_known;
	context->format = options->format;
	context->limits = options->limits;
	context->backlog = options->backlog;
	context->max_children = options->max_children;
	context->address = options->address;
	context->libwrap = options->libwrap;
	context->libwrap_internal = options->libwrap_internal;
#ifdef HAVE_LIBWRAP
	context->have_libwrap = true;
#endif
	context->hosts_refuse = hosts_refuse();
	context->have_rpc = rpc_available();
	context->env_keep = options->env_keep;
	context->unprivileged = geteuid() != 0;
	context->our_uid = geteuid();
	context->inetd_compat = options->inetd_compat;
	context->insecure_files = options->insecure_files;
	context->given = options->given;
}

static int
no_host(void *arg, const char *name, int family, struct addr **list,
    size_t *count)
{
	(void)arg;
	(void)name;
	(void)family;
	*list = NULL;
	*count = 0;
	return EAGAIN;
}

void
check_context_alone(const struct options *options, struct load_context *context)
{
	static struct names_backend backend;

	backend = *names_system();
	backend.host = no_host;
	check_context(options, context);
	context->names = names_new(&backend, NULL);
}

/* On a terminal: the line itself, and a caret under the column. */
static void
show_source(const struct report *report)
{
	char line[LINE_MAX_SHOWN];
	FILE *file;
	unsigned n = 0;

	if (!isatty(STDERR_FILENO) || report->place.line == 0 ||
	    report->place.column == 0)
		return;
	file = fopen(report->place.file, "re");
	if (file == NULL)
		return;
	while (n < report->place.line && fgets(line, sizeof(line), file))
		n += strchr(line, '\n') != NULL || feof(file);
	if (n == report->place.line) {
		line[strcspn(line, "\r\n")] = '\0';
		fprintf(stderr, "    %s\n    ", line);
		for (unsigned c = 1;
		     c < report->place.column && line[c - 1] != '\0'; c++)
			fputc(line[c - 1] == '\t' ? '\t' : ' ', stderr);
		fprintf(stderr, "^\n");
	}
	fclose(file);
}

static void
print_reports(const struct reports *reports)
{
	char text[1024];

	for (size_t i = 0; i < reports->count; i++) {
		fprintf(stderr, "%s\n",
		    report_format(&reports->list[i], text, sizeof(text)));
		show_source(&reports->list[i]);
	}
}

static size_t
count_enabled(const struct conf *conf)
{
	size_t count = 0;

	for (size_t i = 0; i < conf->count; i++)
		count += !conf->services[i]->disabled &&
		    !conf->services[i]->unservable;
	return count;
}

/* The check opens no log, and makes none: it asks whether that could be. */
static const char *
why_no_log(const struct log_target *log)
{
	char *directory;
	struct stat st;
	int error;

	if (log->kind != LOG_TO_FILE)
		return NULL;
	if (stat(log->path, &st) == 0)
		return S_ISDIR(st.st_mode) ? strerror(EISDIR) : NULL;
	directory = xstrndup(log->path,
	    (size_t)(strrchr(log->path, '/') - log->path) + 1);
	error = stat(directory, &st) != 0 ?
	    errno :
	    S_ISDIR(st.st_mode) ?
	    0 :
	    ENOTDIR;
	free(directory);
	return error != 0 ? strerror(error) : NULL;
}

static void
check_log(const struct log_target *log, const struct place *place,
    const char *whose, struct reports *reports)
{
	const char *why = why_no_log(log);

	if (why != NULL)
		report_add(reports, REPORT_WARNING, place,
		    "%s: log_type %s: %s; its lines would go elsewhere", whose,
		    log->path, why);
}

static void
check_logs(const struct options *options, const struct conf *conf,
    struct reports *reports)
{
	struct place place = { .file = options->file };

	check_log(&conf->globals.log, &place, "superd", reports);
	for (size_t i = 0; i < conf->count; i++) {
		const struct service *service = conf->services[i];

		if (!service->disabled)
			check_log(&service->log, &service->place, service->id,
			    reports);
	}
}

/* Who is not root. */

enum { PORTS = 65536, PORTS_SHOWN = 16, FIRST_FREE = 1024 };

/* Ports from here on are anybody's: ip(7). */
static unsigned
first_free_port(void)
{
	FILE *file = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start",
	    "re");
	unsigned first = FIRST_FREE;

	if (file == NULL)
		return first;
	if (fscanf(file, "%u", &first) != 1)
		first = FIRST_FREE;
	fclose(file);
	return first < PORTS ? first : PORTS;
}

static bool
may_bind_any_port(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	return syscall(SYS_capget, &header, data) == 0 &&
	    (data[0].effective & 1u << CAP_NET_BIND_SERVICE);
}

static void
mark_ports(const struct conf *conf, bool *wanted)
{
	for (size_t i = 0; i < conf->count; i++) {
		const struct service *service = conf->services[i];

		if (service->disabled || service->unservable)
			continue;
		for (size_t e = 0; e < service->nendpoints; e++)
			wanted[addr_port(&service->endpoints[e].addr)] = true;
	}
}

/* "21, 69, 79, and 5 more"; how many there are. */
static size_t
list_ports(const bool *wanted, unsigned end, struct text *text)
{
	size_t count = 0;

	for (unsigned port = 1; port < end; port++) {
		if (!wanted[port])
			continue;
		if (count++ < PORTS_SHOWN)
			text_add(text, "%s%u", count > 1 ? ", " : "", port);
	}
	if (count > PORTS_SHOWN)
		text_add(text, ", and %zu more", count - PORTS_SHOWN);
	return count;
}

/* The check needs no privileges; what is checked may. */
static void
print_ports_of_root(const struct options *options, const struct conf *conf)
{
	bool *wanted = xcalloc(PORTS, sizeof(*wanted));
	struct text text = { .bytes = NULL };
	char name[512];
	size_t count;

	mark_ports(conf, wanted);
	count = list_ports(wanted, first_free_port(), &text);
	if (count > 0)
		fprintf(stderr, "%s: note: root is needed for port%s %s\n",
		    log_printable(name, sizeof(name), options->file,
			strlen(options->file)),
		    plural(count), text.bytes);
	text_free(&text);
	free(wanted);
}

static void
print_summary(const struct options *options, size_t services, size_t errors,
    size_t warnings)
{
	char name[512];

	fprintf(stderr, "%s: %zu service%s, %zu error%s, %zu warning%s\n",
	    log_printable(name, sizeof(name), options->file,
		strlen(options->file)),
	    services, plural(services), errors, plural(errors), warnings,
	    plural(warnings));
}

int
check_run(const struct options *options)
{
	struct resolver *resolver = resolver_new();
	struct load_context context;
	struct reports reports;
	struct conf *conf;
	size_t errors, warnings;
	int failed = 0;

	check_context(options, &context);
	context.names = resolver_names(resolver);
	/* another user would run it: whose entries these are is no matter */
	context.unprivileged = false;
	reports_init(&reports);
	conf = conf_load(options->file, options->directory, &context, &reports);
	/* what others may have here is not for us to try */
	if (geteuid() == 0)
		box_trial(conf, &reports, 0);
	check_logs(options, conf, &reports);
	demand_reserve(demand_descriptors(conf), options->file, &reports);
	reports_sort(&reports);
	print_reports(&reports);
	errors = reports_at_least(&reports, REPORT_UNSERVABLE);
	warnings = reports_at_least(&reports, REPORT_WARNING) - errors;
	if (options->action == ACTION_PRINT)
		conf_print(conf, stdout);
	else if (options->action == ACTION_EXPORT)
		failed = export_systemd(conf, options->export_to);
	if (!may_bind_any_port())
		print_ports_of_root(options, conf);
	print_summary(options, count_enabled(conf), errors, warnings);
	conf_free(conf);
	reports_free(&reports);
	resolver_free(resolver);
	return failed || errors > 0 || (options->strict && warnings > 0);
}
