/*
 * What the texts of one entry of inetd.conf mean, in the superset of all
 * dialects (the table stands in superd-inetd.conf(5)): from struct entry to
 * struct service.
 */
#include "conf/inetd.h"

#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "conf/access.h"
#include "conf/dialect.h"
#include "conf/resolve.h"
#include "conf/rules.h"
#include "conf/service.h"
#include "conf/xalloc.h"

static const char internal[] = "internal";

void
inetd_refuse(struct inetd *inetd, struct service *service,
    const struct place *place, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_addv(inetd->loader->reports, REPORT_SYNTAX, place, fmt, ap);
	va_end(ap);
	if (service != NULL)
		service->unservable = true;
}

void
inetd_unknown(struct inetd *inetd, struct service *service,
    const struct place *place, const char *what, const char *word,
    const char *const *candidates)
{
	struct hint hint;

	inetd_refuse(inetd, service, place, "unknown %s %s%s", what, word,
	    report_hint(&hint, word, candidates));
}

void
inetd_entry(struct entry *entry, const struct place *place)
{
	memset(entry, 0, sizeof(*entry));
	entry->place = *place;
	limits_unset(&entry->limits);
}

/* Socket type and protocol. */

static void
set_socktype(struct inetd *inetd, struct service *service,
    const struct field *field)
{
	char *name;
	const char *why = dialect_socktype(field->text, &name,
	    &service->limits);

	if (why != NULL)
		inetd_refuse(inetd, service, &field->place, "%s: %s",
		    field->text, why);
	service->socktype = resolve_socktype(name);
	if (service->socktype < 0)
		inetd_unknown(inetd, service, &field->place, "socket type",
		    name, resolve_socktype_names());
	free(name);
}

static bool
protocol_is_known(struct inetd *inetd, struct service *service,
    const char **base)
{
	static const char rpc[] = "rpc/";
	const char *name = service->proto;

	service->rpc.enabled = strncmp(name, rpc, sizeof(rpc) - 1) == 0;
	if (service->rpc.enabled)
		name += sizeof(rpc) - 1;
	if (resolve_protocol(inetd->loader, service, name, base) != 0)
		return false;
	return !service->rpc.enabled || service->protocol == IPPROTO_TCP ||
	    service->protocol == IPPROTO_UDP;
}

/* *base: "tcp" for "tcp6" and "rpc/tcp6". */
static void
set_protocol(struct inetd *inetd, struct service *service,
    const struct field *field, const char **base)
{
	static const char *const names[] = { "tcp", "tcp4", "tcp6", "tcp6only",
		"tcp46", "udp", "udp4", "udp6", "udp6only", "udp46", "unix",
		"rpc/tcp", "rpc/udp", NULL };
	const char *why;

	free(service->proto);
	why = dialect_protocol(field->text, &service->proto, service);
	if (why != NULL)
		inetd_refuse(inetd, service, &field->place, "%s: %s",
		    field->text, why);
	if (protocol_is_known(inetd, service, base))
		return;
	inetd_unknown(inetd, service, &field->place, "protocol", service->proto,
	    names);
	service->family = FAMILY_BOTH;
	*base = "tcp";
}

/* Wait and user. */

static void
set_wait(struct inetd *inetd, struct service *service,
    const struct field *field)
{
	const char *why = dialect_wait(field->text, &service->wait,
	    &service->limits);

	if (why != NULL)
		inetd_refuse(inetd, service, &field->place, "%s: %s",
		    field->text, why);
}

/* A name with a dot in it may be one. */
static bool
user_exists(const struct inetd *inetd, const char *name)
{
	struct account account;

	return names_user(inetd->loader->context->names, name, &account) == 0;
}

static void
set_user(struct inetd *inetd, struct service *service,
    const struct field *field)
{
	char *user, *group, *class;

	dialect_user(field->text, &user, &group, &class);
	if (group != NULL && strchr(field->text, ':') == NULL &&
	    class == NULL && user_exists(inetd, field->text)) {
		free(group);
		free(user);
		group = NULL;
		user = xstrdup(field->text);
	}
	if (class != NULL)
		report_add(inetd->loader->reports, REPORT_WARNING,
		    &field->place, "login class %s has no effect on Linux",
		    class);
	if (user[0] == '\0' || (group != NULL && group[0] == '\0'))
		inetd_refuse(inetd, service, &field->place,
		    "%s: user or user:group was expected", field->text);
	else
		resolve_user(inetd->loader, service, user, group, true,
		    &field->place);
	free(user);
	free(group);
	free(class);
}

/* Programs. */

static void
set_argv(struct inetd *inetd, struct service *service,
    const struct entry *entry)
{
	const struct field *program = &entry->fields[FIELD_PROGRAM];
	const char *slash = strrchr(program->text, '/');
	const char *base = slash != NULL ? slash + 1 : program->text;

	for (size_t i = 0; i < entry->argc; i++)
		strings_add(&service->command.argv, entry->argv[i].text);
	if (entry->argc > 0)
		return;
	report_add(inetd->loader->reports, REPORT_WARNING, &program->place,
	    "argv[0] is missing: %s is taken", base);
	strings_add(&service->command.argv, base);
}

/* A comment has a line of its own: behind arguments it is more of them. */
static void
warn_of_comment(struct inetd *inetd, const struct entry *entry)
{
	for (size_t i = 0; i < entry->argc; i++) {
		const struct word *word = &entry->argv[i];

		if (word->text[0] != '#' || word->quoted)
			continue;
		report_add(inetd->loader->reports, REPORT_WARNING, &word->place,
		    "a comment has a line of its own: from %s "
		    "on, these are arguments (in quotes, if they are meant)",
		    word->text);
		return;
	}
}

/* "internal", or "internal NAME" for one on another port. */
static void
set_internal(struct inetd *inetd, struct service *service,
    const struct entry *entry)
{
	const char *wanted = entry->argc > 0 ?
	    entry->argv[0].text :
	    service->name;
	const char *found = resolve_internal(inetd->loader, service, wanted);

	if (found == NULL && entry->argc > 0)
		found = resolve_internal(inetd->loader, service, service->name);
	free(service->internal);
	service->internal = xstrdup(found != NULL ? found : wanted);
	if (found == NULL)
		inetd_refuse(inetd, service,
		    &entry->fields[FIELD_PROGRAM].place,
		    "there is no internal service %s for socket type %s",
		    wanted, entry->fields[FIELD_TYPE].text);
	service->wait = false; /* means nothing: the loop answers */
	resolve_page(service);
	access_compile(&service->access, &service->place,
	    inetd->loader->reports);
}

/* Busybox runs what it finds in PATH.  It may come later. */
static void
set_named(struct inetd *inetd, struct service *service,
    const struct field *field)
{
	static const char *const words[] = { internal, NULL };

	if (resolve_named_program(inetd->loader, service, field->text,
		&field->place))
		return;
	service->command.program = xstrdup(field->text);
	if (report_nearest(field->text, words) != NULL)
		inetd_unknown(inetd, service, &field->place, "program",
		    field->text, words);
	else
		resolve_failed(inetd->loader, service, true, &field->place,
		    "program %s is not in %s: an absolute path was expected",
		    field->text, CHILD_PATH);
}

static void
set_program(struct inetd *inetd, struct service *service,
    const struct entry *entry)
{
	const struct field *field = &entry->fields[FIELD_PROGRAM];

	warn_of_comment(inetd, entry);
	if (strcmp(field->text, internal) == 0) {
		set_internal(inetd, service, entry);
		return;
	}
	if (strchr(field->text, '/') != NULL)
		resolve_program(inetd->loader, service, field->text,
		    &field->place);
	else
		set_named(inetd, service, field);
	set_argv(inetd, service, entry);
	service->command.env_all = inetd->loader->context->env_keep;
}

/* Where it listens. */

/* "tcpmux/name" and "tcpmux/+name". */
static void
set_mux(struct inetd *inetd, struct service *service, const char *name,
    const struct field *field)
{
	struct loader *loader = inetd->loader;

	service->mux = *name == '+' ? MUX_PLUS : MUX_PLAIN;
	if (*name == '+')
		name++;
	service->id = xasprintf("tcpmux/%s", name);
	if (*name == '\0')
		inetd_refuse(inetd, service, &field->place,
		    "%s: a name was expected after tcpmux/", field->text);
	if (service->protocol != IPPROTO_TCP || service->rpc.enabled)
		resolve_failed(loader, service, false, &field->place,
		    "a tcpmux service has protocol tcp");
	if (service->wait)
		resolve_failed(loader, service, false, &field->place,
		    "a tcpmux service is nowait");
}

static void
set_rpc(struct inetd *inetd, struct service *service, const char *name,
    const struct field *field)
{
	const char *slash = strchr(name, '/');
	char *program;

	if (slash == NULL) {
		inetd_refuse(inetd, service, &field->place,
		    "%s: NAME/VERSIONS was expected, as in rstatd/1-5", name);
		return;
	}
	program = xstrndup(name, (size_t)(slash - name));
	resolve_rpc(inetd->loader, service, program, slash + 1, &field->place);
	free(program);
}

static void
listen_list(struct inetd *inetd, struct service *service, const char *list,
    const struct place *place)
{
	char *copy, *rest, *host;

	if (list == NULL) {
		resolve_listen(inetd->loader, service, NULL, place);
		return;
	}
	copy = rest = xstrdup(list);
	while ((host = strsep(&rest, ",")) != NULL)
		if (host[0] == '\0')
			inetd_refuse(inetd, service, place,
			    "an address is missing in the list \"%s\"", list);
		else
			resolve_listen(inetd->loader, service, host, place);
	free(copy);
}

static void
set_unix(struct inetd *inetd, struct service *service,
    const struct field *field)
{
	char *user, *group, *mode, *path;

	if (dialect_unix_path(field->text, &user, &group, &mode, &path)) {
		resolve_owner(inetd->loader, service, user, group,
		    &field->place);
		resolve_mode(inetd->loader, service, mode, &field->place);
		free(user);
		free(group);
		free(mode);
	} else if (field->text[0] == '/') {
		path = xstrdup(field->text);
	} else {
		inetd_refuse(inetd, service, &field->place,
		    "%s: an absolute path was expected", field->text);
		return;
	}
	resolve_path(inetd->loader, service, path, &field->place);
	free(service->name);
	service->name = path;
	service->id = xasprintf("%s/%s", path, service->proto);
}

/* The address list of an entry, or NULL for any: its own, that of the last
 * "addr:" line, that of the command line.  "*" is any, whatever the others. */
static const char *
listen_text(const struct inetd *inetd, const struct entry *entry,
    const char *own)
{
	const char *text = inetd->address;

	if (entry->address.text != NULL)
		text = entry->address.text;
	else if (own != NULL)
		text = own;
	if (text == NULL)
		return inetd->loader->context->address;
	return strcmp(text, "*") == 0 ? NULL : text;
}

/* RPC services take any port; raw ones have none. */
static void
set_listen(struct inetd *inetd, struct service *service,
    const struct entry *entry, const char *own, const char *base)
{
	const struct field *field = &entry->fields[FIELD_SERVICE];
	const struct place *place = entry->address.text != NULL ?
	    &entry->address.place :
	    &field->place;
	const char *list = listen_text(inetd, entry, own);
	bool needs_port = !service->rpc.enabled &&
	    service->socktype != SOCK_RAW;

	service->id = list == NULL ?
	    xasprintf("%s/%s", service->name, service->proto) :
	    xasprintf("%s:%s/%s", list, service->name, service->proto);
	if (service->rpc.enabled)
		set_rpc(inetd, service, service->name, field);
	else if (needs_port)
		resolve_port(inetd->loader, service, service->name, base,
		    &field->place);
	if (!needs_port || service->port != 0)
		listen_list(inetd, service, list, place);
}

static void
set_internet(struct inetd *inetd, struct service *service,
    const struct entry *entry, const char *base)
{
	static const char mux[] = "tcpmux/";
	const struct field *field = &entry->fields[FIELD_SERVICE];
	char *own;
	const char *name = dialect_address(field->text, &own);

	free(service->name);
	service->name = xstrdup(name);
	if (own != NULL && own[0] == '\0')
		inetd_refuse(inetd, service, &field->place,
		    "%s: an address was expected before the colon",
		    field->text);
	if (strncmp(name, mux, sizeof(mux) - 1) != 0) {
		set_listen(inetd, service, entry, own, base);
	} else {
		set_mux(inetd, service, name + sizeof(mux) - 1, field);
		if (own != NULL || entry->address.text != NULL)
			resolve_failed(inetd->loader, service, false,
			    &field->place,
			    "a tcpmux service has no address "
			    "of its own: that of tcpmux counts");
	}
	free(own);
}

/* What the command line asks for. */
static void
set_libwrap(struct inetd *inetd, const struct rules *rules)
{
	const struct load_context *context = inetd->loader->context;

	if (rules->service->internal != NULL ?
		context->libwrap_internal :
		context->libwrap)
		rules_libwrap(rules, ASKED_BY_OPTION);
}

static struct said
said(const void *arg, enum option_id about)
{
	const struct entry *entry = arg;

	switch (about) {
	case OPTION_SOCKET_TYPE:
		return (struct said){ &entry->fields[FIELD_TYPE].place, true };
	case OPTION_WAIT:
	case OPTION_INSTANCES:
	case OPTION_PER_SOURCE:
	case OPTION_SOURCE_RATE:
		return (struct said){ &entry->fields[FIELD_WAIT].place, true };
	default:
		return (struct said){ &entry->place, true };
	}
}

/* The order of the reports is that of their columns, later: conf_load sorts
 * them. */
void
inetd_add(struct inetd *inetd, const struct entry *entry)
{
	const struct field *fields = entry->fields;
	struct service *service = service_new();
	const struct rules rules = { inetd->loader, service, said, entry };
	const char *base = "tcp";

	service->dialect = DIALECT_INETD;
	service->place = entry->place;
	service->disabled = entry->disabled;
	service->limits = entry->limits;
	service->rcvbuf = entry->rcvbuf;
	service->sndbuf = entry->sndbuf;
	service->name = xstrdup(fields[FIELD_SERVICE].text);
	set_socktype(inetd, service, &fields[FIELD_TYPE]);
	set_protocol(inetd, service, &fields[FIELD_PROTOCOL], &base);
	if (!service->unservable)
		rules_socket(&rules);
	set_wait(inetd, service, &fields[FIELD_WAIT]);
	if (service->family == FAMILY_UNIX)
		set_unix(inetd, service, &fields[FIELD_SERVICE]);
	else
		set_internet(inetd, service, entry, base);
	if (service->id == NULL)
		service->id = xasprintf("%s/%s", service->name, service->proto);
	set_program(inetd, service, entry);
	if (fields[FIELD_USER].text != NULL)
		set_user(inetd, service, &fields[FIELD_USER]);
	set_libwrap(inetd, &rules);
	rules_check(&rules);
	conf_add(inetd->loader->conf, service);
}
