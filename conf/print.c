/* A conf as superd.conf text: one section per service, defaults merged in. */
#include "conf/print.h"

#include <netinet/in.h>

#include <string.h>

#include "conf/service.h"
#include "conf/units.h"

/* What libconfuse reads back as the same text: in double quotes a backslash
 * protects, and a dollar would expand a variable. */
static void
print_quoted(FILE *file, const char *text)
{
	fputc('"', file);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\' || c == '$')
			fprintf(file, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(file, "\\x%02x", c);
		else
			fputc(c, file);
	}
	fputc('"', file);
}

static void
print_text(FILE *file, const char *name, const char *value)
{
	if (value == NULL)
		return;
	fprintf(file, "\t%s = ", name);
	print_quoted(file, value);
	fputc('\n', file);
}

static void
print_word(FILE *file, const char *name, const char *value)
{
	fprintf(file, "\t%s = %s\n", name, value);
}

static void
print_bool(FILE *file, const char *name, bool value)
{
	if (value)
		print_word(file, name, "yes");
}

static void
print_list(FILE *file, const char *name, char *const *list)
{
	if (list == NULL || list[0] == NULL)
		return;
	fprintf(file, "\t%s = {", name);
	for (size_t i = 0; list[i] != NULL; i++) {
		fputs(i > 0 ? ", " : "", file);
		print_quoted(file, list[i]);
	}
	fputs("}\n", file);
}

static void
print_count(FILE *file, const char *name, unsigned value)
{
	if (value != LIMIT_NONE && value != LIMIT_UNSET)
		fprintf(file, "\t%s = %u\n", name, value);
}

static void
print_rate(FILE *file, const char *name, const struct rate *rate)
{
	if (rate->count != LIMIT_NONE && rate->count != LIMIT_UNSET)
		fprintf(file, "\t%s = \"%u/%us\"\n", name, rate->count,
		    rate->seconds);
}

static const char *
socktype_name(int socktype)
{
	static const struct { int type; const char *name; } types[] = {
		{ SOCK_STREAM, "stream" }, { SOCK_DGRAM, "dgram" },
		{ SOCK_SEQPACKET, "seqpacket" }, { SOCK_RDM, "rdm" },
		{ SOCK_RAW, "raw" },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == socktype)
			return types[i].name;
	return "unknown";
}

static void
print_listen(FILE *file, const struct service *service)
{
	char text[ADDR_TEXT];

	if (service->nendpoints == 0)
		return;
	fputs("\tlisten = {", file);
	for (size_t i = 0; i < service->nendpoints; i++) {
		fputs(i > 0 ? ", " : "", file);
		print_quoted(file, addr_print(&service->endpoints[i].addr,
		    text, sizeof(text)));
	}
	fputs("}\n", file);
}

static void
print_socket(FILE *file, const struct service *service)
{
	print_word(file, "socket_type", socktype_name(service->socktype));
	print_text(file, "protocol", service->proto);
	print_word(file, "wait", service->wait ? "yes" : "no");
	print_listen(file, service);
	if (service->rpc.enabled)
		fprintf(file, "\trpc_number = %lu\n\trpc_version = "
		    "\"%u-%u\"\n", service->rpc.program, service->rpc.low,
		    service->rpc.high);
	if (service->family == FAMILY_UNIX)
		fprintf(file, "\tsocket_mode = \"%04o\"\n",
		    service->node.mode);
	print_text(file, "interface", service->interface);
	print_count(file, "rcvbuf", service->rcvbuf);
	print_count(file, "sndbuf", service->sndbuf);
	print_count(file, "backlog", service->backlog);
	print_bool(file, "nodelay", service->nodelay);
	print_bool(file, "keepalive", service->keepalive);
	if (service->mux != MUX_NONE)
		print_word(file, "tcpmux", service->mux == MUX_PLUS ?
		    "plus" : "plain");
}

static void
print_command(FILE *file, const struct service *service)
{
	const struct command *command = &service->command;

	print_text(file, "internal", service->internal);
	print_text(file, "server", command->program);
	print_list(file, "argv", command->argv);
	print_text(file, "user", command->user);
	print_text(file, "group", command->group);
	print_list(file, "env", command->env);
	print_list(file, "passenv", command->passenv);
	print_bool(file, "env_all", command->env_all);
	if (command->umask != 022)
		fprintf(file, "\tumask = \"%03o\"\n", command->umask);
	if (command->nice_set)
		fprintf(file, "\tnice = %d\n", command->nice);
	print_text(file, "chroot", command->chroot);
	print_text(file, "directory", command->directory);
}

static void
print_rules(FILE *file, const struct service *service)
{
	const struct limits *limits = &service->limits;

	print_count(file, "instances", limits->instances);
	print_count(file, "per_source", limits->per_source);
	print_rate(file, "rate", &limits->rate);
	print_rate(file, "source_rate", &limits->source_rate);
	if (limits->excess == EXCESS_REFUSE)
		print_word(file, "excess", "refuse");
	print_list(file, "only_from", service->access.only_from);
	print_list(file, "no_access", service->access.no_access);
	print_bool(file, "libwrap", service->access.libwrap);
}

void
service_print(const struct service *service, FILE *file)
{
	fprintf(file, "service ");
	print_quoted(file, service->id);
	fprintf(file, " {\n");
	print_bool(file, "disable", service->disabled);
	print_socket(file, service);
	print_command(file, service);
	print_rules(file, service);
	fprintf(file, "}\n");
}

static void
print_globals(const struct globals *globals, FILE *file)
{
	if (globals->pid_file != NULL)
		fprintf(file, "pid_file = \"%s\"\n", globals->pid_file);
	if (globals->control != NULL)
		fprintf(file, "control = \"%s\"\n", globals->control);
	if (globals->control_group != NULL)
		fprintf(file, "control_group = \"%s\"\n",
		    globals->control_group);
	fprintf(file, "max_children = %u\nbacklog = %u\n",
	    globals->max_children, globals->backlog);
	if (globals->strict)
		fprintf(file, "strict = yes\n");
}

void
conf_print(const struct conf *conf, FILE *file)
{
	print_globals(&conf->globals, file);
	for (size_t i = 0; i < conf->count; i++) {
		const struct service *service = conf->services[i];

		fprintf(file, "\n");
		if (service->unservable)
			fprintf(file, "# %s:%u: %s cannot be served\n",
			    service->place.file, service->place.line,
			    service->id);
		else
			service_print(service, file);
	}
}
