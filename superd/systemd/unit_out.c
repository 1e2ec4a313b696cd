/*
 * The lines of superd.conf that a service would have are gone through: each
 * becomes a line of one of the units, is said there in another way, or becomes
 * a comment.  So none is forgotten.
 */
#include "superd/systemd/unit_out.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "conf/acl.h"
#include "conf/print.h"
#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"
#include "superd/systemd/keys.h"

#define PROXY "/usr/lib/systemd/systemd-socket-proxyd"

/* Said by other lines of the units, or nothing to be said. */
static const enum option_id told[] = { OPTION_DISABLE, OPTION_NAME,
	OPTION_SOCKET_TYPE, OPTION_PROTOCOL, OPTION_WAIT, OPTION_FAMILY,
	OPTION_PORT, OPTION_LISTEN, OPTION_REDIRECT, OPTION_SERVER,
	OPTION_SERVER_ARGS, OPTION_USER, OPTION_ENV, OPTION_PASSENV,
	OPTION_ENV_USER, OPTION_LISTEN_FDS, OPTION_STDERR, OPTION_RATE,
	OPTION_ONLY_FROM, OPTION_NO_ACCESS };

const char *
unit_out_impossible(const struct service *service)
{
	if (service->unservable)
		return "it cannot be served";
	if (service->internal != NULL)
		return "systemd has no internal services";
	if (service->mux != MUX_NONE)
		return "systemd has no tcpmux";
	if (service->rpc.enabled)
		return "systemd registers no RPC services";
	if (service->sensor)
		return "systemd has no sensors";
	if (service->socktype == SOCK_RAW || service->nendpoints == 0)
		return "systemd has no such socket";
	if (service->command.as_peer)
		return "systemd starts nothing as the client's user";
	if (service->proxy != NULL)
		return "systemd does not speak the PROXY protocol";
	if ((service->access.acl != NULL || service->only != NULL) &&
	    service->endpoints[0].addr.u.sa.sa_family == AF_UNIX)
		return "systemd does not ask who connects to a unix socket";
	if (service->redirect.host != NULL && service->socktype != SOCK_STREAM)
		return "systemd redirects streams only";
	return NULL;
}

bool
unit_out_accepts(const struct service *service)
{
	return !service->wait && service->redirect.host == NULL;
}

/* Texts. */

static void
put(FILE *file, enum key key, const char *text)
{
	fprintf(file, "%s=%s\n", keys[key].name, text);
}

static void
put_number(FILE *file, enum key key, unsigned number)
{
	fprintf(file, "%s=%u\n", keys[key].name, number);
}

/* A word in quotes, where specifiers and, in commands, variables are none. */
static void
put_word(FILE *file, const char *word, bool command)
{
	fputc('"', file);
	for (; *word != '\0'; word++) {
		unsigned char c = (unsigned char)*word;

		if (c < ' ' || c == 0x7f) {
			fprintf(file, "\\x%02x", c);
			continue;
		}
		if (c == '"' || c == '\\')
			fputc('\\', file);
		else if (c == '%' || (command && c == '$'))
			fputc(c, file);
		fputc(c, file);
	}
	fputc('"', file);
}

static void
put_words(FILE *file, enum key key, char *const *words)
{
	for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
		fprintf(file, "%s=", keys[key].name);
		put_word(file, words[i], false);
		fputc('\n', file);
	}
}

/* What print_quoted() wrote, without quotes; NULL: no unit can say it. */
static char *
unquote(const char *text)
{
	char *result = xstrdup(text), *to = result;

	if (text[0] != '"')
		return result;
	for (const char *p = text + 1; *p != '\0' && *p != '"'; p++) {
		if (*p == '\\' && *++p == 'x') {
			free(result);
			return NULL;
		}
		*to++ = *p;
	}
	*to = '\0';
	return result;
}

/* Lines of superd.conf. */

static bool
is_told(const struct service *service, enum option_id id, const char *value)
{
	bool limit = id == OPTION_INSTANCES || id == OPTION_PER_SOURCE;

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (told[i] == id)
			return true;
	if (id == OPTION_FLAGS)
		return !service->idonly;
	return limit &&
	    (unit_out_accepts(service) || is_unlimited(value) ||
		(id == OPTION_INSTANCES && service->redirect.host != NULL));
}

/* As systemd has it; NULL: not there. */
static char *
same_value(enum key key, const char *value)
{
	char *text, *here;

	if (key == KEYS)
		return NULL;
	text = unquote(value);
	if (text == NULL)
		return NULL;
	here = key_is_rlimit(key) ?
	    key_reword(text, "unlimited", "infinity") :
	    key_reword(text, "%", "%%");
	free(text);
	if (!key_is_rlimit(key) && is_unlimited(here)) {
		free(here);
		return NULL;
	}
	return here;
}

/* One line, "name = value": what it is in this section; or a comment among
 * those of the service. */
static void
put_line(const struct service *service, FILE *file, const char *section,
    char *line)
{
	char *value = strstr(line, " = "), *here;
	enum option_id id;
	enum key key;

	if (value == NULL)
		return;
	*value = '\0';
	value += strlen(" = ");
	id = option_find(line);
	key = key_same(id);
	here = same_value(key, value);
	if (here != NULL && strcmp(keys[key].section, section) == 0)
		put(file, key, here);
	else if (here == NULL && strcmp(section, "Service") == 0 &&
	    !is_told(service, id, value))
		fprintf(file, "# left out: %s = %s\n", line, value);
	free(here);
}

static void
put_lines(const struct unit_out *out, FILE *file, const char *section)
{
	char *text = NULL, *next, *line;
	size_t size;
	FILE *lines = open_memstream(&text, &size);

	if (lines == NULL)
		return;
	conf_print_lines(out->service, out->globals, lines, "");
	fclose(lines);
	next = text;
	while ((line = strsep(&next, "\n")) != NULL)
		put_line(out->service, file, section, line);
	free(text);
}

/* The socket. */

static const struct key_listen *
listen_of(const struct service *service)
{
	const struct key_listen *listen = key_listens;

	while (listen->socktype != service->socktype)
		listen++;
	return listen;
}

static void
put_address(FILE *file, enum key key, const struct endpoint *endpoint)
{
	const struct addr *addr = &endpoint->addr;
	char address[ADDR_TEXT], *text;

	if (addr->u.sa.sa_family == AF_INET6 && addr_is_any(addr) &&
	    !endpoint->v6only) {
		put_number(file, key, addr_port(addr));
		return;
	}
	addr_print(addr, address, sizeof(address));
	text = key_reword(address, "%", "%%");
	put(file, key, text);
	free(text);
}

static void
put_addresses(const struct unit_out *out, FILE *file)
{
	const struct endpoint *list = out->service->endpoints + out->first;
	const struct endpoint *six = NULL;

	for (size_t i = 0; i < out->count; i++) {
		put_address(file, listen_of(out->service)->key, &list[i]);
		if (list[i].addr.u.sa.sa_family == AF_INET6)
			six = &list[i];
	}
	if (six != NULL)
		put(file, KEY_BIND_IPV6_ONLY,
		    six->v6only ? "ipv6-only" : "both");
}

static void
put_limits(const struct limits *limits, FILE *file)
{
	bool limit = is_limit(limits->instances);

	if (limit && limits->excess == EXCESS_QUEUE)
		fprintf(file,
		    "# systemd refuses more, which superd lets "
		    "wait\n");
	put_number(file, KEY_MAX_CONNECTIONS,
	    limit ? limits->instances : KEY_ANY_CONNECTIONS);
	if (is_limit(limits->per_source))
		put_number(file, KEY_MAX_PER_SOURCE, limits->per_source);
}

static void
put_rate(const struct rate *rate, FILE *file)
{
	if (!is_limit(rate->count)) {
		put(file, KEY_TRIGGER_SECONDS, "0");
		return;
	}
	fprintf(file,
	    "# above this rate systemd closes the socket for good, "
	    "where superd pauses\n");
	put_number(file, KEY_TRIGGER_SECONDS, rate->seconds);
	put_number(file, KEY_TRIGGER_BURST, rate->count);
}

/* Who may connect. */

static bool
is_cut(const struct acl_rule *rules, size_t count, const struct acl_rule *rule)
{
	for (size_t i = 0; i < count; i++)
		if (!rules[i].allow &&
		    (prefix_within(&rules[i].prefix, &rule->prefix)))
			return true;
	return false;
}

static void
put_rules(const struct acl *acl, sa_family_t family, FILE *file)
{
	size_t count = acl_count(acl, family);
	struct acl_rule *rules = xcalloc(count + 1, sizeof(*rules));
	char text[128];

	acl_rules(acl, family, rules);
	for (size_t i = 0; i < count; i++) {
		const struct acl_rule *rule = &rules[i];

		prefix_print(&rule->prefix, text, sizeof(text));
		if (rule->allow && is_cut(rules, count, rule))
			fprintf(file,
			    "# left out, since systemd would allow "
			    "all of it: %s\n",
			    text);
		else
			put(file, rule->allow ? KEY_ALLOW : KEY_DENY, text);
	}
	free(rules);
}

static void
put_names(FILE *file, const char *name, char *const *list)
{
	fprintf(file, "# %s =", name);
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		fprintf(file, " %s", list[i]);
	fputc('\n', file);
}

/* An address that is allowed passes there, whatever is denied. */
static void
put_access(const struct access *access, FILE *file)
{
	if (access->acl == NULL)
		return;
	if (acl_has_names(access->acl)) {
		fprintf(file, "# systemd knows no names of hosts:\n");
		put_names(file, option_name(OPTION_ONLY_FROM),
		    access->only_from);
		put_names(file, option_name(OPTION_NO_ACCESS),
		    access->no_access);
	}
	if (acl_requires_match(access->acl))
		put(file, KEY_DENY, "any");
	put_rules(access->acl, AF_INET, file);
	put_rules(access->acl, AF_INET6, file);
}

static void
put_head(const struct unit_out *out, FILE *file)
{
	const struct service *service = out->service;
	char *id = key_reword(service->id, "%", "%%");

	fprintf(file, "[Unit]\nDescription=%s\n", id);
	free(id);
}

void
unit_out_socket(const struct unit_out *out, FILE *file)
{
	const struct service *service = out->service;

	put_head(out, file);
	fprintf(file, "\n[Socket]\n");
	put_addresses(out, file);
	put(file, KEY_ACCEPT, unit_out_accepts(service) ? "yes" : "no");
	put_lines(out, file, "Socket");
	if (service->nodelay)
		put(file, KEY_NODELAY, "yes");
	if (service->keepalive)
		put(file, KEY_KEEPALIVE, "yes");
	if (unit_out_accepts(service))
		put_limits(&service->limits, file);
	put_rate(&service->limits.rate, file);
	put_access(&service->access, file);
	if (service->disabled)
		fprintf(file, "\n# it was disabled: it is not to be enabled\n");
	else
		fprintf(file, "\n[Install]\nWantedBy=sockets.target\n");
}

/* The service. */

/* Whatever its server's status is, no unit is to be left behind as failed. */
static void
put_command(const struct service *service, FILE *file)
{
	const struct command *command = &service->command;
	bool named = command_names_itself(command);

	fprintf(file, "%s=%s%s", keys[KEY_EXEC].name,
	    unit_out_accepts(service) ? "-" : "", named ? "@" : "");
	put_word(file, command->program, true);
	for (size_t i = named ? 0 : 1;
	     command->argv[0] != NULL && command->argv[i] != NULL; i++) {
		fputc(' ', file);
		put_word(file, command->argv[i], true);
	}
	fputc('\n', file);
}

static void
put_redirect(const struct service *service, FILE *file)
{
	const struct redirect *redirect = &service->redirect;
	bool six = strchr(redirect->host, ':') != NULL;

	fprintf(file, "%s=" PROXY " ", keys[KEY_EXEC].name);
	if (is_limit(service->limits.instances))
		fprintf(file, "--connections-max=%u ",
		    service->limits.instances);
	fprintf(file, "%s%s%s:%s\nDynamicUser=yes\n", six ? "[" : "",
	    redirect->host, six ? "]" : "", redirect->port);
}

static const char *
stderr_of(const struct command *command)
{
	switch (command->stderr_to) {
	case STDERR_LOG:
		return "journal";
	case STDERR_NULL:
		return "null";
	default:
		return command->listen_fds ? "journal" : "socket";
	}
}

static void
put_program(const struct service *service, FILE *file)
{
	const struct command *command = &service->command;
	const char *socket = command->listen_fds ? "null" : "socket";
	char *user;

	put_command(service, file);
	if (command->user != NULL) {
		user = key_reword(command->user, "%", "%%");
		put(file, KEY_USER, user);
		free(user);
	}
	put(file, KEY_STDIN, socket);
	put(file, KEY_STDOUT, socket);
	put(file, KEY_STDERR, stderr_of(command));
	put_words(file, KEY_ENVIRONMENT, command->env);
	for (size_t i = 0;
	     command->passenv != NULL && command->passenv[i] != NULL; i++)
		put(file, KEY_PASS_ENVIRONMENT, command->passenv[i]);
}

void
unit_out_service(const struct unit_out *out, FILE *file)
{
	const struct service *service = out->service;

	put_head(out, file);
	fprintf(file, "\n[Service]\n");
	if (service->redirect.host != NULL)
		put_redirect(service, file);
	else
		put_program(service, file);
	put_lines(out, file, "Service");
}
