/*
 * The fields of one entry of inetd.conf, in the superset of all dialects (the
 * table stands in superd-inetd.conf(5)): their compact forms become the words
 * of a draft, each at the place of its field.
 */
#include "conf/inetd.h"

#include <stdlib.h>
#include <string.h>

#include "conf/make.h"
#include "conf/xalloc.h"

static const char digits[] = "0123456789";

void
entry_report(struct entry *entry, enum report_level level,
    const struct place *place, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_addv(entry->inetd->loader->reports, level, place, fmt, ap);
	va_end(ap);
	entry->bad |= level > REPORT_WARNING;
}

static void
refuse(struct entry *entry, const struct word *word, const char *why)
{
	entry_report(entry, REPORT_SYNTAX, &word->place, "%s: %s", word->text,
	    why);
}

/* A part of a word. */
static void
say(struct entry *entry, enum option_id id, const struct word *word,
    const char *part, size_t length)
{
	char *text = xstrndup(part, length);

	draft_say(&entry->draft, id, text, &word->place);
	free(text);
}

static void
say_rest(struct entry *entry, enum option_id id, const struct word *word,
    const char *rest)
{
	draft_say(&entry->draft, id, rest, &word->place);
}

static const char *
said(const struct entry *entry, enum option_id id)
{
	return entry->draft.settings[id].values[0].text;
}

/* "stream", "stream,10" */
static void
read_type(struct entry *entry, const struct word *word)
{
	size_t length = strcspn(word->text, ",");
	const char *count = word->text + length + 1;

	say(entry, OPTION_SOCKET_TYPE, word, word->text, length);
	if (word->text[length] == '\0')
		return;
	if (count[strspn(count, digits)] == ':')
		refuse(entry, word, "accept filters are not supported");
	else if (count[0] == '\0' || count[strspn(count, digits)] != '\0')
		refuse(entry, word,
		    "expected a number of children after the comma");
	else
		say_rest(entry, OPTION_INSTANCES, word, count);
}

/* "tcp", "tcp,rcvbuf=16k,sndbuf=16k" */
static void
read_protocol(struct entry *entry, const struct word *word)
{
	const char *p = word->text + strcspn(word->text, ",");

	say(entry, OPTION_PROTOCOL, word, word->text, (size_t)(p - word->text));
	while (*p == ',') {
		const char *option = p + 1;
		bool rcvbuf = strncmp(option, "rcvbuf=", 7) == 0;

		p = option + strcspn(option, ",");
		if (rcvbuf || strncmp(option, "sndbuf=", 7) == 0)
			say(entry, rcvbuf ? OPTION_RCVBUF : OPTION_SNDBUF, word,
			    option + 7, (size_t)(p - option) - 7);
		else
			refuse(entry, word,
			    "unknown protocol option: expected rcvbuf=SIZE "
			    "or sndbuf=SIZE");
	}
}

/* The number behind *p, if there is one. */
static void
take_number(struct entry *entry, enum option_id id, const struct word *word,
    const char **p)
{
	size_t length = strspn(*p + 1, digits);

	if (length == 0)
		return;
	say(entry, id, word, *p + 1, length);
	*p += length + 1;
}

/* "wait", "nowait.40", "nowait:40", and "nowait/10/60/3": children, starts
 * per minute and address, children per address. */
static void
read_wait(struct entry *entry, const struct word *word)
{
	static const enum option_id slashes[] = { OPTION_INSTANCES,
		OPTION_SOURCE_RATE, OPTION_PER_SOURCE };
	bool wait = strncmp(word->text, "wait", 4) == 0;
	bool nowait = strncmp(word->text, "nowait", 6) == 0;
	const char *p = word->text + (wait ? 4 : nowait ? 6 : 0);
	bool rate;

	say_rest(entry, OPTION_WAIT, word, wait ? "yes" : "no");
	rate = *p == '.' || *p == ':';
	if (rate)
		take_number(entry, OPTION_RATE, word, &p);
	for (size_t i = 0; i < 3 && *p == '/' && !rate; i++)
		take_number(entry, slashes[i], word, &p);
	if (p == word->text || *p != '\0')
		refuse(entry, word,
		    "expected wait or nowait, optionally followed by .N, :N "
		    "or /children[/per-address-per-minute[/per-address]]");
}

/* "user" and "user:group", each perhaps with "/class"; the dot of
 * "user.group" may be part of a name. */
static void
read_user(struct entry *entry, const struct word *word)
{
	size_t length = strcspn(word->text, "/");
	size_t user = strcspn(word->text, ":/");

	if (word->text[length] == '/')
		entry_report(entry, REPORT_WARNING, &word->place,
		    "login class %s has no effect on Linux",
		    word->text + length + 1);
	if (user == 0 || user + 1 == length) {
		refuse(entry, word, "expected user or user:group");
		return;
	}
	say(entry, OPTION_USER, word, word->text, user);
	if (user < length)
		say(entry, OPTION_GROUP, word, word->text + user + 1,
		    length - user - 1);
}

/* Programs. */

static bool
is_comment(const struct word *word)
{
	return word->text[0] == '#' && !word->quoted;
}

/* A comment has a line of its own: behind arguments it is more of them. */
static void
warn_of_comment(struct entry *entry, const struct word *args, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (is_comment(&args[i]))
			break;
	if (i < count)
		entry_report(entry, REPORT_WARNING, &args[i].place,
		    "comments need a line of their own: %s and what follows "
		    "are arguments (quote them if that is meant)",
		    args[i].text);
}

/* "internal", or "internal NAME" for one on another port; or a path, and its
 * arguments with the name that it is called by. */
static void
read_program(struct entry *entry, const struct word *word,
    const struct word *args, size_t count)
{
	warn_of_comment(entry, args, count);
	if (strcmp(word->text, "internal") == 0) {
		if (count > 0 && !is_comment(&args[0]))
			say_rest(entry, OPTION_INTERNAL, word, args[0].text);
		else
			say_rest(entry, OPTION_TYPE, word, "INTERNAL");
		return;
	}
	say_rest(entry, OPTION_SERVER, word, word->text);
	if (count > 0)
		say_rest(entry, OPTION_FLAGS, word, "NAMEINARGS");
	for (size_t i = 0; i < count; i++)
		say_rest(entry, OPTION_SERVER_ARGS, &args[i], args[i].text);
}

/* Where it listens. */

/* FreeBSD's ":user:group:mode:/path"; the user's own group may be left out.
 * The path, or the whole text where it has another form. */
static const char *
read_owner(struct entry *entry, const struct word *word)
{
	static const enum option_id ids[] = { OPTION_SOCKET_USER,
		OPTION_SOCKET_GROUP, OPTION_SOCKET_MODE };
	const char *at[4] = { word->text };
	size_t i;

	if (word->text[0] != ':')
		return word->text;
	for (i = 0; i < 3; i++) {
		at[i + 1] = strchr(at[i] + 1, ':');
		if (at[i + 1] == NULL)
			return word->text;
	}
	if (at[3][1] != '/')
		return word->text;
	for (i = 0; i < 3; i++)
		if (i != 1 || at[2] > at[1] + 1)
			say(entry, ids[i], word, at[i] + 1,
			    (size_t)(at[i + 1] - at[i]) - 1);
	return at[3] + 1;
}

static void
read_unix(struct entry *entry, const struct word *word)
{
	const char *path = read_owner(entry, word);
	char *id = xasprintf("%s/unix", path);

	say_rest(entry, OPTION_ID, word, id);
	say_rest(entry, OPTION_NAME, word, path);
	say_rest(entry, OPTION_LISTEN, word, path);
	free(id);
}

/* "127.0.0.1,::1" */
static void
read_addresses(struct entry *entry, const struct word *word, const char *list)
{
	const char *end;

	for (;; list = end + 1) {
		end = list + strcspn(list, ",");
		if (end == list)
			entry_report(entry, REPORT_SYNTAX, &word->place,
			    "an address is missing in the list \"%s\"", list);
		else
			say(entry, OPTION_BIND, word, list,
			    (size_t)(end - list));
		if (*end == '\0')
			return;
	}
}

/* "tcpmux/name", and "tcpmux/+name" for which tcpmux answers. */
static void
read_mux(struct entry *entry, const struct word *word, const char *name)
{
	bool plus = *name == '+';
	char *id = xasprintf("tcpmux/%s", name + plus);

	say_rest(entry, OPTION_ID, word, id);
	say_rest(entry, OPTION_TYPE, word, plus ? "TCPMUXPLUS" : "TCPMUX");
	if (name[plus] == '\0')
		refuse(entry, word, "expected a name after tcpmux/");
	free(id);
}

/* "rstatd/1-5" */
static void
read_rpc(struct entry *entry, const struct word *word, const char *name)
{
	const char *slash = strchr(name, '/');

	if (slash == NULL) {
		entry_report(entry, REPORT_SYNTAX, &word->place,
		    "%s: expected NAME/VERSIONS, such as rstatd/1-5", name);
		return;
	}
	say(entry, OPTION_RPC_NUMBER, word, name, (size_t)(slash - name));
	say_rest(entry, OPTION_RPC_VERSION, word, slash + 1);
}

/* Its address list, or else that of the last "addr:" line, or else that of
 * the command line.  "*" is any, whatever the others. */
static void
read_port(struct entry *entry, const struct word *word, const char *name,
    const struct word *bind, const char *list)
{
	const char *proto = said(entry, OPTION_PROTOCOL);
	char *id;

	if (list == NULL)
		list = entry->inetd->address;
	if (list == NULL)
		list = entry->inetd->loader->context->address;
	id = list == NULL || strcmp(list, "*") == 0 ?
	    xasprintf("%s/%s", name, proto) :
	    xasprintf("%s:%s/%s", list, name, proto);
	say_rest(entry, OPTION_ID, word, id);
	free(id);
	if (list != NULL)
		read_addresses(entry, bind, list);
	if (strncmp(proto, "rpc/", 4) == 0)
		read_rpc(entry, word, name);
	else
		say_rest(entry, OPTION_PORT, word, name);
}

/* "ftp", "127.0.0.1,[::1]:ftp", "::1:ftp": the last colon splits. */
static void
read_internet(struct entry *entry, const struct word *word,
    const struct word *bind)
{
	static const char mux[] = "tcpmux/";
	const char *colon = strrchr(word->text, ':');
	const char *name = colon != NULL ? colon + 1 : word->text;
	char *own = colon == NULL ?
	    NULL :
	    xstrndup(word->text, (size_t)(colon - word->text));
	const char *list = bind != NULL ? bind->text : own;

	say_rest(entry, OPTION_NAME, word, name);
	if (own != NULL && own[0] == '\0')
		refuse(entry, word, "expected an address before the colon");
	if (bind == NULL)
		bind = word;
	if (strncmp(name, mux, sizeof(mux) - 1) != 0) {
		read_port(entry, word, name, bind, list);
	} else {
		read_mux(entry, word, name + sizeof(mux) - 1);
		if (list != NULL)
			say_rest(entry, OPTION_BIND, bind, list);
	}
	free(own);
}

/* Of two numbers of children, that of the wait field counts: it comes first. */
void
entry_read(struct entry *entry, const struct word *const fields[FIELDS],
    const struct word *args, size_t count, const struct word *bind)
{
	const struct word *protocol = fields[FIELD_PROTOCOL];

	if (fields[FIELD_WAIT] != NULL)
		read_wait(entry, fields[FIELD_WAIT]);
	read_type(entry, fields[FIELD_TYPE]);
	read_protocol(entry, protocol);
	if (fields[FIELD_USER] != NULL)
		read_user(entry, fields[FIELD_USER]);
	read_program(entry, fields[FIELD_PROGRAM], args, count);
	if (strcmp(said(entry, OPTION_PROTOCOL), "unix") == 0)
		read_unix(entry, fields[FIELD_SERVICE]);
	else
		read_internet(entry, fields[FIELD_SERVICE], bind);
}

void
entry_make(struct entry *entry)
{
	const struct setting *settings = entry->draft.settings;
	const char *server, *slash;

	service_make(entry->inetd->loader, DIALECT_INETD, &entry->draft,
	    &entry->place, entry->bad);
	if (!settings[OPTION_SERVER].set || settings[OPTION_SERVER_ARGS].set)
		return;
	server = said(entry, OPTION_SERVER);
	slash = strrchr(server, '/');
	entry_report(entry, REPORT_WARNING, &settings[OPTION_SERVER].place,
	    "argv[0] is missing: using %s", slash != NULL ? slash + 1 : server);
}
