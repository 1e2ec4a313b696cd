/*
 * NetBSD's form of an inetd.conf entry: "name on|off key = value, ... ;".
 * Knows keys; what their values have in them is inetd_fields.c's.
 */
#include "conf/inetd.h"

#include <stdlib.h>
#include <string.h>

enum key {
	KEY_BIND,
	KEY_SOCKTYPE,
	KEY_PROTOCOL,
	KEY_USER,
	KEY_EXEC,
	KEY_ARGS,
	KEY_WAIT, /* from here on, words of a draft as they are */
	KEY_GROUP,
	KEY_SNDBUF,
	KEY_RECVBUF,
	KEY_ACCEPT_MAX,
	KEY_SERVICE_MAX,
	KEY_IP_MAX,
	KEY_ACCEPTFILTER, /* none of superd's */
	KEY_IPSEC,
	KEYS
};

static const char *const key_names[KEYS + 1] = { "bind", "socktype", "protocol",
	"user", "exec", "args", "wait", "group", "sndbuf", "recvbuf",
	"accept_max", "service_max", "ip_max", "acceptfilter", "ipsec", NULL };

struct definition {
	struct entry *entry;
	struct words *words;
	struct record values[KEYS];
	bool whole; /* every key of it was read */
};

/* Where the next definition begins is anybody's guess. */
static void
lost(struct definition *definition, const struct place *place, const char *text)
{
	report_add(definition->entry->inetd->loader->reports, REPORT_LOST,
	    place, "%s", text);
	definition->whole = false;
}

/* The end of the text is an error wherever it comes. */
static bool
next_word(struct definition *definition, struct word *word)
{
	if (words_token(definition->words, word))
		return true;
	lost(definition, &definition->entry->place,
	    "this definition is not ended by \";\"");
	return false;
}

static bool
is_mark(const struct word *word, const char *mark)
{
	return !word->quoted && strcmp(word->text, mark) == 0;
}

static enum key
find_key(const char *name)
{
	size_t i;

	for (i = 0; i < KEYS && strcmp(key_names[i], name) != 0; i++)
		continue;
	return (enum key)i;
}

/* What stands behind "key =", up to "," or ";".  True: more keys follow. */
static bool
read_values(struct definition *definition, enum key key,
    const struct place *place)
{
	struct record *values = &definition->values[key];
	struct word word;
	bool more;

	if (values->count > 0)
		entry_refuse(definition->entry, place, "key %s is given twice",
		    key_names[key]);
	record_free(values);
	for (;;) {
		if (!next_word(definition, &word))
			return false;
		more = is_mark(&word, ",");
		if (more || is_mark(&word, ";"))
			break;
		record_take(values, &word);
	}
	free(word.text);
	if (values->count == 0)
		entry_refuse(definition->entry, place,
		    "key %s: a value was expected", key_names[key]);
	else if (values->count > 1 && key != KEY_ARGS) {
		entry_refuse(definition->entry, place,
		    "key %s: one value was expected", key_names[key]);
		record_free(values);
	}
	return more;
}

/* "=" after a key; anything else makes the rest of the text unreadable up to
 * the next ";". */
static bool
read_equals(struct definition *definition)
{
	struct word word;
	bool found, end;

	if (!next_word(definition, &word))
		return false;
	found = is_mark(&word, "=");
	end = is_mark(&word, ";");
	if (!found)
		lost(definition, &word.place, "\"=\" was expected");
	free(word.text);
	if (!found && !end)
		words_skip_definition(definition->words);
	return found;
}

/* One key with its values.  True: more follow. */
static bool
read_key(struct definition *definition)
{
	struct word word;
	struct hint hint;
	enum key key;

	if (!next_word(definition, &word))
		return false;
	key = find_key(word.text);
	if (key == KEYS && !is_mark(&word, ";")) {
		entry_refuse(definition->entry, &word.place, "unknown key %s%s",
		    word.text, report_hint(&hint, word.text, key_names));
		words_skip_definition(definition->words);
		definition->whole = false;
	}
	free(word.text);
	return key != KEYS && read_equals(definition) &&
	    read_values(definition, key, &word.place);
}

/* What the key says, or NetBSD's word without it. */
static const struct word *
word_of(const struct definition *definition, enum key key,
    struct word *otherwise, char *text)
{
	const struct record *values = &definition->values[key];

	*otherwise = (struct word){ text, definition->entry->place, false };
	if (values->count > 0)
		return &values->words[0];
	return text != NULL ? otherwise : NULL;
}

static void
say_fields(struct definition *definition, const struct word *name)
{
	static char stream[] = "stream", tcp[] = "tcp", udp[] = "udp",
		    internal[] = "internal";
	const struct record *args = &definition->values[KEY_ARGS];
	const struct word *fields[FIELDS] = { name };
	struct word bind, type, protocol, user, program;

	fields[FIELD_TYPE] = word_of(definition, KEY_SOCKTYPE, &type, stream);
	fields[FIELD_PROTOCOL] = word_of(definition, KEY_PROTOCOL, &protocol,
	    strcmp(fields[FIELD_TYPE]->text, "dgram") == 0 ? udp : tcp);
	fields[FIELD_USER] = word_of(definition, KEY_USER, &user, NULL);
	fields[FIELD_PROGRAM] = word_of(definition, KEY_EXEC, &program,
	    internal);
	entry_read(definition->entry, fields, args->words, args->count,
	    word_of(definition, KEY_BIND, &bind, NULL));
}

/* A word of a draft as it is; numbers have no unit here. */
static void
say_key(struct entry *entry, enum key key, const struct word *word)
{
	static const enum option_id ids[] = { [KEY_WAIT] = OPTION_WAIT,
		OPTION_GROUP,
		OPTION_SNDBUF,
		OPTION_RCVBUF,
		OPTION_INSTANCES,
		OPTION_RATE,
		OPTION_SOURCE_RATE };

	if (key > KEY_IP_MAX)
		entry_refuse(entry, &word->place, "key %s is not supported",
		    key_names[key]);
	else if (key >= KEY_ACCEPT_MAX &&
	    word->text[strspn(word->text, "0123456789")] != '\0')
		entry_refuse(entry, &word->place,
		    "key %s: %s: a number was expected", key_names[key],
		    word->text);
	else
		draft_say(&entry->draft, ids[key], word->text, &word->place);
}

void
definition_read(struct entry *entry, const struct record *record)
{
	struct definition definition = { .entry = entry,
		.words = &entry->inetd->words,
		.whole = true };

	while (read_key(&definition))
		continue;
	draft_say(&entry->draft, OPTION_DISABLE,
	    strcmp(record->words[1].text, "off") == 0 ? "yes" : "no",
	    &entry->place);
	for (size_t i = KEY_WAIT; i < KEYS; i++)
		if (definition.values[i].count > 0)
			say_key(entry, (enum key)i,
			    &definition.values[i].words[0]);
	say_fields(&definition, &record->words[0]);
	if (definition.whole)
		entry_make(entry);
	for (size_t i = 0; i < KEYS; i++)
		record_free(&definition.values[i]);
}
