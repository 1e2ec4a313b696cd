/*
 * NetBSD's form of an inetd.conf entry: "name on|off key = value, ... ;".
 * Knows keys and their values; what an entry means is inetd_entry.c's.
 */
#include "conf/inetd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"

enum { COUNT_MAX = 1000000000, MINUTE = 60 };

enum key {
	KEY_BIND,
	KEY_SOCKTYPE,
	KEY_PROTOCOL,
	KEY_WAIT,
	KEY_USER,
	KEY_GROUP,
	KEY_EXEC,
	KEY_ARGS,
	KEY_SNDBUF,
	KEY_RECVBUF,
	KEY_ACCEPT_MAX,
	KEY_SERVICE_MAX,
	KEY_IP_MAX,
	KEY_ACCEPTFILTER,
	KEY_IPSEC,
	KEYS
};

static const char *const key_names[KEYS + 1] = { "bind", "socktype", "protocol",
	"wait", "user", "group", "exec", "args", "sndbuf", "recvbuf",
	"accept_max", "service_max", "ip_max", "acceptfilter", "ipsec", NULL };

struct value {
	char *text; /* NULL: the key is not given */
	struct place place;
};

struct definition {
	struct inetd *inetd;
	const struct word *name;
	struct value values[KEYS];
	struct record args;
	bool bad; /* something in it was reported */
};

struct token {
	struct word word;
	bool quoted;
};

static void complain(struct definition *definition, const struct place *place,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Where the next definition begins is anybody's guess. */
static void
lost(struct definition *definition, const struct place *place, const char *text)
{
	report_add(definition->inetd->loader->reports, REPORT_LOST, place, "%s",
	    text);
	definition->bad = true;
}

static void
complain(struct definition *definition, const struct place *place,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_addv(definition->inetd->loader->reports, REPORT_SYNTAX, place,
	    fmt, ap);
	va_end(ap);
	definition->bad = true;
}

/* Reading. */

/* The end of the text is an error wherever it comes. */
static bool
next_token(struct definition *definition, struct token *token)
{
	if (words_token(&definition->inetd->words, &token->word,
		&token->quoted))
		return true;
	lost(definition, &definition->name->place,
	    "this definition is not ended by \";\"");
	return false;
}

static bool
is_mark(const struct token *token, const char *mark)
{
	return !token->quoted && strcmp(token->word.text, mark) == 0;
}

static enum key
find_key(const char *name)
{
	size_t i;

	for (i = 0; i < KEYS && strcmp(key_names[i], name) != 0; i++)
		continue;
	return (enum key)i;
}

/* The definition takes the token's text. */
static void
take_value(struct definition *definition, enum key key, struct token *token)
{
	struct value *value = &definition->values[key];

	if (key == KEY_ARGS) {
		record_take(&definition->args, &token->word);
		return;
	}
	free(value->text);
	value->text = token->word.text;
	value->place = token->word.place;
}

/* What stands behind "key =", up to "," or ";".  True: more keys follow. */
static bool
read_values(struct definition *definition, enum key key,
    const struct place *place)
{
	struct token token;
	size_t count = 0;
	bool more;

	for (;;) {
		if (!next_token(definition, &token))
			return false;
		more = is_mark(&token, ",");
		if (more || is_mark(&token, ";"))
			break;
		take_value(definition, key, &token);
		count++;
	}
	free(token.word.text);
	if (count == 0)
		complain(definition, place, "key %s: a value was expected",
		    key_names[key]);
	else if (count > 1 && key != KEY_ARGS)
		complain(definition, place, "key %s: one value was expected",
		    key_names[key]);
	return more;
}

/* "=" after a key; anything else makes the rest of the text unreadable up to
 * the next ";". */
static bool
read_equals(struct definition *definition)
{
	struct token token;
	bool found, end;

	if (!next_token(definition, &token))
		return false;
	found = is_mark(&token, "=");
	end = is_mark(&token, ";");
	if (!found)
		lost(definition, &token.word.place, "\"=\" was expected");
	free(token.word.text);
	if (!found && !end)
		words_skip_definition(&definition->inetd->words);
	return found;
}

static bool
given(const struct definition *definition, enum key key)
{
	return key == KEY_ARGS ?
	    definition->args.count > 0 :
	    definition->values[key].text != NULL;
}

/* One key with its values.  True: more follow. */
static bool
read_key(struct definition *definition)
{
	struct token token;
	struct place place;
	enum key key;

	if (!next_token(definition, &token))
		return false;
	place = token.word.place;
	key = find_key(token.word.text);
	if (key == KEYS && !is_mark(&token, ";")) {
		inetd_unknown(definition->inetd, NULL, &place, "key",
		    token.word.text, key_names);
		definition->bad = true;
		words_skip_definition(&definition->inetd->words);
	}
	free(token.word.text);
	if (key == KEYS || !read_equals(definition))
		return false;
	if (given(definition, key))
		complain(definition, &place, "key %s is given twice",
		    key_names[key]);
	return read_values(definition, key, &place);
}

/* Meaning. */

static void
set_count(struct definition *definition, enum key key, unsigned *count)
{
	const struct value *value = &definition->values[key];
	unsigned long long number;
	const char *why;

	if (value->text == NULL)
		return;
	if (parse_number(value->text, 0, COUNT_MAX, &number, &why) == 0)
		*count = (unsigned)number; /* 0 is LIMIT_NONE */
	else
		complain(definition, &value->place, "key %s: %s: %s",
		    key_names[key], value->text, why);
}

static void
set_rate(struct definition *definition, enum key key, struct rate *rate)
{
	rate->seconds = MINUTE;
	set_count(definition, key, &rate->count);
}

static void
set_size(struct definition *definition, enum key key, unsigned *size)
{
	const struct value *value = &definition->values[key];
	uint64_t bytes;

	if (value->text == NULL)
		return;
	if (parse_size(value->text, &bytes) == 0 && bytes > 0 &&
	    bytes <= INT_MAX / 2)
		*size = (unsigned)bytes;
	else
		complain(definition, &value->place,
		    "key %s: %s: a size in bytes was expected, with k or m",
		    key_names[key], value->text);
}

static void
set_wait(struct definition *definition, struct field *field)
{
	const struct value *value = &definition->values[KEY_WAIT];
	bool wait;

	if (value->text == NULL)
		return;
	if (parse_bool(value->text, &wait) == 0)
		field->text = wait ? "wait" : "nowait";
	else
		complain(definition, &value->place,
		    "key wait: yes or no was expected");
}

/* *user: where the text of both lives. */
static void
set_user(struct definition *definition, struct entry *entry, char **user)
{
	const struct value *name = &definition->values[KEY_USER];
	const struct value *group = &definition->values[KEY_GROUP];

	if (name->text == NULL && group->text != NULL)
		complain(definition, &group->place,
		    "key group: there is no key user");
	else if (name->text == NULL &&
	    definition->values[KEY_EXEC].text != NULL)
		complain(definition, &entry->place, "key user is missing");
	if (name->text == NULL || group->text == NULL)
		return;
	*user = xasprintf("%s:%s", name->text, group->text);
	entry->fields[FIELD_USER].text = *user;
}

/* The fields: what the keys say, or what NetBSD takes without them. */
static void
set_fields(const struct definition *definition, struct entry *entry)
{
	static const enum key keys[FIELDS] = { KEYS, KEY_SOCKTYPE, KEY_PROTOCOL,
		KEY_WAIT, KEY_USER, KEY_EXEC };
	static const char *const defaults[2][FIELDS] = {
		{ NULL, "stream", "tcp", "nowait", NULL, "internal" },
		{ NULL, "dgram", "udp", "wait", NULL, "internal" },
	};
	const char *type = definition->values[KEY_SOCKTYPE].text;
	bool dgram = type != NULL && strcmp(type, "dgram") == 0;

	for (size_t i = 0; i < FIELDS; i++) {
		const struct value *value = keys[i] == KEYS ?
		    NULL :
		    &definition->values[keys[i]];

		entry->fields[i].text = defaults[dgram][i];
		entry->fields[i].place = entry->place;
		if (value == NULL || value->text == NULL)
			continue;
		entry->fields[i].text = value->text;
		entry->fields[i].place = value->place;
	}
	entry->fields[FIELD_SERVICE].text = definition->name->text;
	entry->address.text = definition->values[KEY_BIND].text;
	entry->address.place = definition->values[KEY_BIND].place;
}

static void
refuse(struct definition *definition, enum key key)
{
	if (definition->values[key].text != NULL)
		complain(definition, &definition->values[key].place,
		    "key %s is not supported", key_names[key]);
}

static void
add(struct definition *definition, bool disabled)
{
	struct entry entry;
	char *user = NULL;

	inetd_entry(&entry, &definition->name->place);
	entry.disabled = disabled;
	entry.argv = definition->args.words;
	entry.argc = definition->args.count;
	refuse(definition, KEY_ACCEPTFILTER);
	refuse(definition, KEY_IPSEC);
	set_count(definition, KEY_ACCEPT_MAX, &entry.limits.instances);
	set_rate(definition, KEY_SERVICE_MAX, &entry.limits.rate);
	set_rate(definition, KEY_IP_MAX, &entry.limits.source_rate);
	set_size(definition, KEY_RECVBUF, &entry.rcvbuf);
	set_size(definition, KEY_SNDBUF, &entry.sndbuf);
	set_fields(definition, &entry);
	set_wait(definition, &entry.fields[FIELD_WAIT]);
	set_user(definition, &entry, &user);
	if (!definition->bad)
		inetd_add(definition->inetd, &entry);
	free(user);
}

void
definition_read(struct inetd *inetd, const struct record *record)
{
	struct definition definition = { .inetd = inetd,
		.name = &record->words[0] };

	while (read_key(&definition))
		continue;
	add(&definition, strcmp(record->words[1].text, "off") == 0);
	for (size_t i = 0; i < KEYS; i++)
		free(definition.values[i].text);
	record_free(&definition.args);
}
