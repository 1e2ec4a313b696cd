/*
 * The reader of inetd.conf: one superset of all dialects (the table stands
 * in superd-inetd.conf(5)).  A record of fields, or a definition of NetBSD's
 * kind, becomes a struct entry of texts with places; one function turns that
 * into a service.
 */
#include "conf/readers.h"

#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/dialect.h"
#include "conf/resolve.h"
#include "conf/service.h"
#include "conf/units.h"
#include "conf/words.h"
#include "conf/xalloc.h"

enum { FIELD_SERVICE, FIELD_TYPE, FIELD_PROTOCOL, FIELD_WAIT, FIELD_USER,
	FIELD_PROGRAM, FIELDS };

/* What one definition says, as text.  Absent: text NULL. */
struct field {
	const char *text;
	struct place place;
};

struct entry {
	struct field fields[FIELDS];
	struct field address;	/* NetBSD's bind */
	const struct word *argv;
	size_t argc;
	struct place place;
};

/* One file on its way. */
struct inetd {
	struct loader *loader;
	struct words words;
	const char *file;
	char *address;		/* of the last "addr:" line; NULL: any */
};

static void
syntax(struct inetd *inetd, struct service *service,
    const struct place *place, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void
syntax(struct inetd *inetd, struct service *service,
    const struct place *place, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_addv(inetd->loader->reports, REPORT_SYNTAX, place, fmt, ap);
	va_end(ap);
	if (service != NULL)
		service->unservable = true;
}

static const char *
did_you_mean(const char *word, const char *const *candidates, char *buf,
    size_t size)
{
	const char *near = report_nearest(word, candidates);

	buf[0] = '\0';
	if (near != NULL)
		snprintf(buf, size, ", did you mean %s?", near);
	return buf;
}

/* Socket type and protocol. */

static const char *const protocol_names[] = { "tcp", "tcp4", "tcp6",
	"tcp6only", "tcp46", "udp", "udp4", "udp6", "udp6only", "udp46",
	"unix", "rpc/tcp", "rpc/udp", NULL };

static void
set_socktype(struct inetd *inetd, struct service *service,
    const struct field *field)
{
	char hint[64], *name;
	const char *why = dialect_socktype(field->text, &name,
	    &service->limits);

	if (why != NULL)
		syntax(inetd, service, &field->place, "%s: %s", field->text,
		    why);
	service->socktype = resolve_socktype(name);
	if (service->socktype < 0)
		syntax(inetd, service, &field->place,
		    "unknown socket type %s%s", name, did_you_mean(name,
		    resolve_socktype_names(), hint, sizeof(hint)));
	free(name);
}

/* *base: "tcp" for "tcp6" and "rpc/tcp6". */
static void
set_protocol(struct inetd *inetd, struct service *service,
    const struct field *field, const char **base)
{
	char hint[64], *name;
	const char *why = dialect_protocol(field->text, &name, service);
	const char *plain = name;

	if (why != NULL)
		syntax(inetd, service, &field->place, "%s: %s", field->text,
		    why);
	if (strncmp(name, "rpc/", 4) == 0) {
		service->rpc.enabled = true;
		plain = name + 4;
	}
	free(service->proto);
	service->proto = name;
	if (resolve_protocol(inetd->loader, service, plain, base) != 0) {
		syntax(inetd, service, &field->place,
		    "unknown protocol %s%s", name, did_you_mean(name,
		    protocol_names, hint, sizeof(hint)));
		*base = "tcp";
	}
}

static bool
combination_is_possible(const struct service *service)
{
	switch (service->protocol) {
	case IPPROTO_TCP:
		return service->socktype == SOCK_STREAM;
	case IPPROTO_UDP:
		return service->socktype == SOCK_DGRAM;
	case 0:
		return service->family == FAMILY_UNIX ?
		    service->socktype != SOCK_RAW &&
		    service->socktype != SOCK_RDM :
		    service->socktype == SOCK_RAW;
	case IPPROTO_SCTP:
		return service->socktype == SOCK_STREAM ||
		    service->socktype == SOCK_SEQPACKET;
	default:
		return service->socktype == SOCK_RAW ||
		    service->socktype == SOCK_RDM;
	}
}

static void
check_combination(struct inetd *inetd, struct service *service,
    const struct entry *entry)
{
	if (service->socktype < 0 || service->unservable ||
	    combination_is_possible(service))
		return;
	resolve_failed(inetd->loader, service, false,
	    &entry->fields[FIELD_TYPE].place,
	    "socket type %s does not go with protocol %s",
	    entry->fields[FIELD_TYPE].text, service->proto);
}

/* Wait, user. */

static void
set_wait(struct inetd *inetd, struct service *service,
    const struct field *field)
{
	const char *why = dialect_wait(field->text, &service->wait,
	    &service->limits);

	if (why != NULL)
		syntax(inetd, service, &field->place, "%s: %s", field->text,
		    why);
}

/* A name with a dot in it may be one. */
static bool
user_exists(const struct inetd *inetd, const char *name)
{
	struct account account;

	return names_user(inetd->loader->context->names, name,
	    &account) == 0;
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
		syntax(inetd, service, &field->place,
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

	for (size_t i = 0; i < entry->argc; i++)
		strings_add(&service->command.argv, entry->argv[i].text);
	if (entry->argc > 0)
		return;
	report_add(inetd->loader->reports, REPORT_WARNING, &program->place,
	    "argv[0] is missing: %s is taken", program->text);
	strings_add(&service->command.argv, program->text);
}

/* "internal", or "internal NAME" for one on another port. */
static void
set_internal(struct inetd *inetd, struct service *service,
    const struct entry *entry, const char *name)
{
	const char *wanted = entry->argc > 0 ? entry->argv[0].text : name;
	const char *found = resolve_internal(inetd->loader, service, wanted);

	if (found == NULL && entry->argc > 0)
		found = resolve_internal(inetd->loader, service, name);
	free(service->internal);
	service->internal = xstrdup(found != NULL ? found : wanted);
	if (found == NULL)
		syntax(inetd, service, &entry->fields[FIELD_PROGRAM].place,
		    "there is no internal service %s for socket type %s",
		    wanted, entry->fields[FIELD_TYPE].text);
	service->wait = false;	/* means nothing: the loop answers */
}

static void
set_program(struct inetd *inetd, struct service *service,
    const struct entry *entry, const char *name)
{
	const struct field *field = &entry->fields[FIELD_PROGRAM];

	if (strcmp(field->text, "internal") == 0) {
		set_internal(inetd, service, entry, name);
		return;
	}
	resolve_program(inetd->loader, service, field->text, &field->place);
	set_argv(inetd, service, entry);
	service->command.env_all = inetd->loader->context->env_keep;
	if (service->wait || service->socktype == SOCK_STREAM ||
	    service->socktype == SOCK_SEQPACKET || service->socktype < 0)
		return;
	resolve_failed(inetd->loader, service, false,
	    &entry->fields[FIELD_WAIT].place,
	    "nowait does not go with socket type %s: each datagram would "
	    "start servers without end; wait was expected",
	    entry->fields[FIELD_TYPE].text);
}

/* Where it listens. */

/* "tcpmux/name" and "tcpmux/+name". */
static bool
set_mux(struct inetd *inetd, struct service *service, const char *name,
    const struct field *field)
{
	static const char prefix[] = "tcpmux/";

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		return false;
	name += sizeof(prefix) - 1;
	service->mux = *name == '+' ? MUX_PLUS : MUX_PLAIN;
	if (*name == '+')
		name++;
	if (*name == '\0')
		syntax(inetd, service, &field->place,
		    "%s: a name was expected after tcpmux/", field->text);
	if (service->protocol != IPPROTO_TCP)
		resolve_failed(inetd->loader, service, false, &field->place,
		    "a tcpmux service has protocol tcp");
	if (service->wait)
		resolve_failed(inetd->loader, service, false, &field->place,
		    "a tcpmux service is nowait");
	return true;
}

static void
set_rpc(struct inetd *inetd, struct service *service, const char *name,
    const struct field *field)
{
	const char *slash = strchr(name, '/');
	char *program;

	if (slash == NULL) {
		syntax(inetd, service, &field->place,
		    "%s: NAME/VERSIONS was expected, as in rstatd/1-5", name);
		return;
	}
	program = xstrndup(name, (size_t)(slash - name));
	resolve_rpc(inetd->loader, service, program, slash + 1,
	    &field->place);
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
			syntax(inetd, service, place,
			    "an address is missing in the list %s", list);
		else
			resolve_listen(inetd->loader, service, host, place);
	free(copy);
}

static void
set_unix_owner(struct inetd *inetd, struct service *service,
    const char *user, const char *group, const char *mode,
    const struct place *place)
{
	struct names *names = inetd->loader->context->names;
	struct account account;
	unsigned bits;

	if (names_user(names, user, &account) != 0)
		resolve_failed(inetd->loader, service, true, place,
		    "unknown user %s", user);
	else if (group[0] != '\0' && names_group(names, group,
	    &account.gid) != 0)
		resolve_failed(inetd->loader, service, true, place,
		    "unknown group %s", group);
	else {
		service->node.owned = true;
		service->node.uid = account.uid;
		service->node.gid = account.gid;
	}
	if (parse_octal(mode, &bits) != 0 || bits > 0777)
		syntax(inetd, service, place,
		    "mode %s: an octal number up to 0777 was expected", mode);
	else
		service->node.mode = bits;
}

static void
set_unix(struct inetd *inetd, struct service *service,
    const struct field *field)
{
	char *user, *group, *mode, *path;

	if (dialect_unix_path(field->text, &user, &group, &mode, &path)) {
		set_unix_owner(inetd, service, user, group, mode,
		    &field->place);
		resolve_path(inetd->loader, service, path, &field->place);
	} else if (field->text[0] == '/') {
		resolve_path(inetd->loader, service, field->text,
		    &field->place);
		path = xstrdup(field->text);
		user = group = mode = NULL;
	} else {
		syntax(inetd, service, &field->place,
		    "%s: an absolute path was expected", field->text);
		return;
	}
	free(service->name);
	service->name = path;
	service->id = xasprintf("%s/%s", path, service->proto);
	free(user);
	free(group);
	free(mode);
}

/* RPC services take any port; raw ones have none. */
static void
set_internet(struct inetd *inetd, struct service *service,
    const struct entry *entry, const char *base)
{
	const struct field *field = &entry->fields[FIELD_SERVICE];
	char *address;
	const char *name = dialect_address(field->text, &address);
	const char *listen = address != NULL ? address : inetd->address;

	if (entry->address.text != NULL)
		listen = entry->address.text;
	free(service->name);
	service->name = xstrdup(name);
	if (address != NULL && address[0] == '\0')
		syntax(inetd, service, &field->place,
		    "%s: an address was expected before the colon",
		    field->text);
	if (listen != NULL && strcmp(listen, "*") == 0)
		listen = NULL;
	else if (listen == NULL)
		listen = inetd->loader->context->address;
	service->id = listen == NULL ? xasprintf("%s/%s", name,
	    service->proto) : xasprintf("%s:%s/%s", listen, name,
	    service->proto);
	if (set_mux(inetd, service, name, field)) {
		free(service->id);
		service->id = xstrdup(name);
		free(address);
		return;
	}
	if (service->rpc.enabled)
		set_rpc(inetd, service, name, field);
	else if (service->socktype != SOCK_RAW)
		resolve_port(inetd->loader, service, name, base,
		    &field->place);
	if (service->rpc.enabled || service->port != 0 ||
	    service->socktype == SOCK_RAW)
		listen_list(inetd, service, listen, &field->place);
	free(address);
}

static void
set_libwrap(struct inetd *inetd, struct service *service,
    const struct place *place)
{
	const struct load_context *context = inetd->loader->context;

	bool wanted = service->internal != NULL ? context->libwrap_internal :
	    context->libwrap;

	if (!wanted || service->family == FAMILY_UNIX)
		return;
	if (service->internal != NULL && service->socktype == SOCK_DGRAM) {
		resolve_failed(inetd->loader, service, false, place,
		    "hosts.allow cannot be asked for an internal datagram "
		    "service");
		return;
	}
	/* the server accepts its connections itself, and nobody asks */
	if (service->wait && service->socktype == SOCK_STREAM)
		return;
	service->access.libwrap = true;
	if (!context->have_libwrap)
		resolve_failed(inetd->loader, service, false, place,
		    "hosts.allow cannot be asked: this superd was built "
		    "without libwrap");
}

static void
add_entry(struct inetd *inetd, const struct entry *entry, bool disabled)
{
	struct service *service = service_new();
	const char *base = "tcp";
	char *address;

	service->dialect = DIALECT_INETD;
	service->place = entry->place;
	service->disabled = disabled;
	service->name = xstrdup(entry->fields[FIELD_SERVICE].text);
	set_socktype(inetd, service, &entry->fields[FIELD_TYPE]);
	set_protocol(inetd, service, &entry->fields[FIELD_PROTOCOL], &base);
	check_combination(inetd, service, entry);
	set_wait(inetd, service, &entry->fields[FIELD_WAIT]);
	if (service->family == FAMILY_UNIX)
		set_unix(inetd, service, &entry->fields[FIELD_SERVICE]);
	else
		set_internet(inetd, service, entry, base);
	if (service->id == NULL)
		service->id = xasprintf("%s/%s", service->name,
		    service->proto);
	set_program(inetd, service, entry, dialect_address(
	    entry->fields[FIELD_SERVICE].text, &address));
	free(address);
	if (entry->fields[FIELD_USER].text != NULL)
		set_user(inetd, service, &entry->fields[FIELD_USER]);
	set_libwrap(inetd, service, &entry->place);
	conf_add(inetd->loader->conf, service);
}

/* Records of fields. */

static void
too_few_fields(struct inetd *inetd, const struct record *record)
{
	static const char *const names[FIELDS] = { "service", "socket type",
		"protocol", "wait or nowait", "user", "program" };

	syntax(inetd, NULL, &record->words[0].place,
	    "too few fields: %s was expected after \"%s\"",
	    names[record->count], record->words[record->count - 1].text);
}

static void
read_fields(struct inetd *inetd, const struct record *record)
{
	struct entry entry = { .place = record->words[0].place };

	if (record->count < FIELDS) {
		too_few_fields(inetd, record);
		return;
	}
	for (size_t i = 0; i < FIELDS; i++) {
		entry.fields[i].text = record->words[i].text;
		entry.fields[i].place = record->words[i].place;
	}
	entry.argv = record->words + FIELDS;
	entry.argc = record->count - FIELDS;
	add_entry(inetd, &entry, false);
}

/* NetBSD's definitions. */

enum key { KEY_BIND, KEY_SOCKTYPE, KEY_PROTOCOL, KEY_WAIT, KEY_USER,
	KEY_GROUP, KEY_EXEC, KEY_ARGS, KEY_SNDBUF, KEY_RECVBUF,
	KEY_ACCEPT_MAX, KEY_SERVICE_MAX, KEY_IP_MAX, KEY_ACCEPTFILTER,
	KEY_IPSEC, KEYS };

static const char *const key_names[KEYS + 1] = { "bind", "socktype",
	"protocol", "wait", "user", "group", "exec", "args", "sndbuf",
	"recvbuf", "accept_max", "service_max", "ip_max", "acceptfilter",
	"ipsec", NULL };

struct definition {
	struct field keys[KEYS];
	struct record args;
	struct word name;
	bool bad;
};

static enum key
find_key(const char *name)
{
	size_t i;

	for (i = 0; i < KEYS && strcmp(key_names[i], name) != 0; i++)
		continue;
	return (enum key)i;
}

static void
add_arg(struct record *args, struct word *word)
{
	if (args->count == args->room) {
		args->room = args->room * 2 + 8;
		args->words = xreallocarray(args->words, args->room,
		    sizeof(*args->words));
	}
	args->words[args->count++] = *word;
}

/* One or more values up to "," or ";"; true where ";" ended them. */
static bool
read_values(struct inetd *inetd, struct definition *definition,
    enum key key, const struct place *place)
{
	struct word word;
	bool quoted;
	size_t count = 0;

	while (words_token(&inetd->words, &word, &quoted)) {
		bool end = !quoted && strcmp(word.text, ";") == 0;

		if (end || (!quoted && strcmp(word.text, ",") == 0)) {
			free(word.text);
			if (count == 0 || (count > 1 && key != KEY_ARGS)) {
				syntax(inetd, NULL, place, "key %s: %s was "
				    "expected", key_names[key], count == 0 ?
				    "a value" : "one value");
				definition->bad = true;
			}
			return end;
		}
		count++;
		if (key != KEY_ARGS && count == 1) {
			/* given twice, which was reported */
			free((void *)(uintptr_t)definition->keys[key].text);
			definition->keys[key].text = word.text;
			definition->keys[key].place = word.place;
		} else
			add_arg(&definition->args, &word);
	}
	syntax(inetd, NULL, place, "this definition is not ended by \";\"");
	definition->bad = true;
	return true;
}

/* "key =": KEYS where it is none, or ";" came (then *end). */
static enum key
read_key(struct inetd *inetd, struct definition *definition,
    struct place *place, bool *end)
{
	struct word word;
	char hint[64];
	bool quoted;
	enum key key = KEYS;

	*end = true;
	if (!words_token(&inetd->words, &word, &quoted)) {
		syntax(inetd, NULL, &definition->name.place,
		    "this definition is not ended by \";\"");
		definition->bad = true;
		return KEYS;
	}
	*place = word.place;
	if (!quoted && strcmp(word.text, ";") == 0) {
		free(word.text);
		return KEYS;
	}
	*end = false;
	key = find_key(word.text);
	if (key == KEYS) {
		syntax(inetd, NULL, place, "unknown key %s%s", word.text,
		    did_you_mean(word.text, key_names, hint, sizeof(hint)));
		definition->bad = true;
	}
	free(word.text);
	if (!words_token(&inetd->words, &word, &quoted))
		return KEYS;
	if (quoted || strcmp(word.text, "=") != 0) {
		syntax(inetd, NULL, &word.place, "\"=\" was expected");
		definition->bad = true;
		key = KEYS;
	}
	free(word.text);
	return key;
}

static void
read_keys(struct inetd *inetd, struct definition *definition)
{
	struct place place;
	bool end = false;

	while (!end) {
		enum key key = read_key(inetd, definition, &place, &end);

		if (end)
			break;
		if (key == KEYS) {
			words_skip_definition(&inetd->words);
			break;
		}
		if (definition->keys[key].text != NULL) {
			syntax(inetd, NULL, &place, "key %s is given twice",
			    key_names[key]);
			definition->bad = true;
		}
		end = read_values(inetd, definition, key, &place);
	}
}

static void
key_count(struct inetd *inetd, struct definition *definition, enum key key,
    unsigned *count)
{
	const struct field *field = &definition->keys[key];
	unsigned long long value;
	const char *why;

	if (field->text == NULL)
		return;
	if (parse_number(field->text, 0, 1000000000, &value, &why) == 0) {
		*count = (unsigned)value;
		return;
	}
	syntax(inetd, NULL, &field->place, "key %s: %s: %s", key_names[key],
	    field->text, why);
	definition->bad = true;
}

static void
key_size(struct inetd *inetd, struct definition *definition, enum key key,
    unsigned *size)
{
	const struct field *field = &definition->keys[key];
	uint64_t value;

	if (field->text == NULL)
		return;
	if (parse_size(field->text, &value) == 0 && value > 0 &&
	    value <= INT_MAX / 2) {
		*size = (unsigned)value;
		return;
	}
	syntax(inetd, NULL, &field->place, "key %s: a size was expected",
	    key_names[key]);
	definition->bad = true;
}

/* The texts of the seven fields, where the keys do not give them. */
static void
definition_entry(struct inetd *inetd, struct definition *definition,
    struct entry *entry, char **user)
{
	static const enum key keys[FIELDS] = { KEYS, KEY_SOCKTYPE,
		KEY_PROTOCOL, KEY_WAIT, KEY_USER, KEY_EXEC };
	const char *defaults[FIELDS] = { NULL, "stream", "tcp", "nowait",
		NULL, "internal" };
	const struct field *wait = &definition->keys[KEY_WAIT];
	const struct field *type = &definition->keys[KEY_SOCKTYPE];
	const struct field *group = &definition->keys[KEY_GROUP];

	if (type->text != NULL && strcmp(type->text, "dgram") == 0) {
		defaults[FIELD_PROTOCOL] = "udp";
		defaults[FIELD_WAIT] = "wait";
	}
	entry->place = definition->name.place;
	entry->address = definition->keys[KEY_BIND];
	for (size_t i = 0; i < FIELDS; i++) {
		entry->fields[i].text = defaults[i];
		entry->fields[i].place = entry->place;
		if (keys[i] != KEYS && definition->keys[keys[i]].text != NULL)
			entry->fields[i] = definition->keys[keys[i]];
	}
	entry->fields[FIELD_SERVICE].text = definition->name.text;
	if (wait->text != NULL) {
		bool value;

		if (parse_bool(wait->text, &value) == 0)
			entry->fields[FIELD_WAIT].text = value ? "wait" :
			    "nowait";
		else {
			syntax(inetd, NULL, &wait->place,
			    "key wait: yes or no was expected");
			definition->bad = true;
		}
	}
	if (group->text != NULL && entry->fields[FIELD_USER].text != NULL) {
		*user = xasprintf("%s:%s", entry->fields[FIELD_USER].text,
		    group->text);
		entry->fields[FIELD_USER].text = *user;
	}
	entry->argv = definition->args.words;
	entry->argc = definition->args.count;
}

static void
refuse_key(struct inetd *inetd, struct definition *definition, enum key key)
{
	if (definition->keys[key].text == NULL)
		return;
	syntax(inetd, NULL, &definition->keys[key].place,
	    "key %s: superd cannot do this", key_names[key]);
	definition->bad = true;
}

static void
add_definition(struct inetd *inetd, struct definition *definition,
    bool disabled)
{
	struct entry entry = { .argc = 0 };
	struct service *service;
	struct limits limits;
	unsigned rcvbuf = 0, sndbuf = 0;
	char *user = NULL;

	limits_unset(&limits);
	limits.rate.seconds = limits.source_rate.seconds = 60;
	refuse_key(inetd, definition, KEY_ACCEPTFILTER);
	refuse_key(inetd, definition, KEY_IPSEC);
	key_count(inetd, definition, KEY_ACCEPT_MAX, &limits.instances);
	key_count(inetd, definition, KEY_SERVICE_MAX, &limits.rate.count);
	key_count(inetd, definition, KEY_IP_MAX, &limits.source_rate.count);
	key_size(inetd, definition, KEY_RECVBUF, &rcvbuf);
	key_size(inetd, definition, KEY_SNDBUF, &sndbuf);
	definition_entry(inetd, definition, &entry, &user);
	if (entry.fields[FIELD_USER].text == NULL &&
	    strcmp(entry.fields[FIELD_PROGRAM].text, "internal") != 0) {
		syntax(inetd, NULL, &entry.place, "key user is missing");
		definition->bad = true;
	}
	if (!definition->bad) {
		add_entry(inetd, &entry, disabled);
		service = inetd->loader->conf->services[
		    inetd->loader->conf->count - 1];
		service->limits = limits;
		service->rcvbuf = rcvbuf;
		service->sndbuf = sndbuf;
	}
	free(user);
}

static void
read_definition(struct inetd *inetd, const struct record *record)
{
	struct definition definition = { .name = record->words[0] };
	bool disabled = strcmp(record->words[1].text, "off") == 0;

	read_keys(inetd, &definition);
	add_definition(inetd, &definition, disabled);
	for (size_t i = 0; i < KEYS; i++)
		/* ours: words_token() made them */
		free((void *)(uintptr_t)definition.keys[i].text);
	record_free(&definition.args);
}

/* Whole files. */

/* "127.0.0.1:" sets the address of the lines that follow. */
static bool
read_default_address(struct inetd *inetd, const struct record *record)
{
	const char *text = record->words[0].text;
	size_t length = strlen(text);

	if (record->count != 1 || length < 2 || text[length - 1] != ':')
		return false;
	free(inetd->address);
	inetd->address = xstrndup(text, length - 1);
	return true;
}

static bool
read_include(struct inetd *inetd, const struct record *record)
{
	if (strcmp(record->words[0].text, ".include") != 0)
		return false;
	if (record->count != 2)
		syntax(inetd, NULL, &record->words[0].place,
		    ".include: one file name or pattern was expected");
	else
		load_include(inetd->loader, record->words[1].text, false,
		    DIALECT_INETD, &record->words[1].place);
	return true;
}

static bool
is_definition(const struct record *record)
{
	return record->count == 2 && (strcmp(record->words[1].text,
	    "on") == 0 || strcmp(record->words[1].text, "off") == 0);
}

static void
read_record(struct inetd *inetd, const struct record *record)
{
	if (record->broken)
		return;
	if (is_definition(record))
		read_definition(inetd, record);
	else if (!read_default_address(inetd, record) &&
	    !read_include(inetd, record))
		read_fields(inetd, record);
}

void
inetd_read(struct loader *loader, struct source *source)
{
	struct inetd inetd = { .loader = loader };
	struct record record;

	inetd.file = conf_file(loader->conf, source->name);
	words_start(&inetd.words, source, inetd.file, loader->reports);
	while (words_record(&inetd.words, &record)) {
		read_record(&inetd, &record);
		record_free(&record);
	}
	words_end(&inetd.words);
	free(inetd.address);
}
