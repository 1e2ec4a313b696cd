/*
 * NetBSD's form of an inetd.conf entry: "name on|off key = value, ... ;".
 * Knows keys; what their values have in them is inetd_fields.c's.
 */
#include "conf/inetd.h"

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

/* Words of a record; NULL: the key is not given. */
struct values {
	const struct word *words;
	size_t count;
};

static enum key
find_key(const char *name)
{
	size_t i;

	for (i = 0; i < KEYS && strcmp(key_names[i], name) != 0; i++)
		continue;
	return (enum key)i;
}

/* Those of one key, whose first one is *word; it is set behind the last. */
static void
read_values(struct entry *entry, enum key key, const struct place *place,
    const struct word **word, struct values *values)
{
	const char *why = NULL;

	if (values->words != NULL)
		why = " is given twice";
	*values = (struct values){ *word, 0 };
	for (; !word_is_mark(*word, ",") && !word_is_mark(*word, ";"); ++*word)
		values->count++;
	if (values->count == 0)
		why = ": expected a value";
	else if (values->count > 1 && key != KEY_ARGS)
		why = ": expected one value";
	if (why != NULL)
		entry_report(entry, REPORT_SYNTAX, place, "key %s%s",
		    key_names[key], why);
	if (values->count != 1 && key != KEY_ARGS)
		values->words = NULL;
}

/* "key = value, ...;".  False if one cannot be read. */
static bool
read_keys(struct entry *entry, const struct word *word, struct values *all)
{
	struct hint hint;

	while (!word_is_mark(word, ";")) {
		const struct word *name = word;
		enum key key = find_key(name->text);

		if (key == KEYS) {
			entry_report(entry, REPORT_SYNTAX, &name->place,
			    "unknown key %s%s", name->text,
			    report_hint(&hint, name->text, key_names));
			return false;
		}
		if (!word_is_mark(name + 1, "=")) {
			/* where the next one begins is anybody's guess */
			entry_report(entry, REPORT_LOST, &name[1].place,
			    "expected \"=\"");
			return false;
		}
		word += 2;
		read_values(entry, key, &name->place, &word, &all[key]);
		word += word_is_mark(word, ",");
	}
	return true;
}

/* What the key says, or NetBSD's word without it. */
static const struct word *
word_of(const struct values *values, struct word *otherwise)
{
	if (values->words != NULL)
		return values->words;
	return otherwise->text != NULL ? otherwise : NULL;
}

static void
say_fields(struct entry *entry, const struct values *all,
    const struct word *name)
{
	static char stream[] = "stream", tcp[] = "tcp", udp[] = "udp",
		    internal[] = "internal";
	struct word none = { NULL, entry->place, false };
	struct word type = { stream, entry->place, false };
	struct word protocol = { tcp, entry->place, false };
	struct word program = { internal, entry->place, false };
	const struct word *fields[FIELDS] = { name };

	fields[FIELD_TYPE] = word_of(&all[KEY_SOCKTYPE], &type);
	if (strcmp(fields[FIELD_TYPE]->text, "dgram") == 0)
		protocol.text = udp;
	fields[FIELD_PROTOCOL] = word_of(&all[KEY_PROTOCOL], &protocol);
	fields[FIELD_USER] = word_of(&all[KEY_USER], &none);
	fields[FIELD_PROGRAM] = word_of(&all[KEY_EXEC], &program);
	entry_read(entry, fields, all[KEY_ARGS].words, all[KEY_ARGS].count,
	    word_of(&all[KEY_BIND], &none));
}

static bool
is_number(enum key key)
{
	return key == KEY_ACCEPT_MAX || key == KEY_SERVICE_MAX ||
	    key == KEY_IP_MAX;
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

	if (key == KEY_ACCEPTFILTER || key == KEY_IPSEC)
		entry_report(entry, REPORT_SYNTAX, &word->place,
		    "key %s is not supported", key_names[key]);
	else if (is_number(key) &&
	    word->text[strspn(word->text, "0123456789")] != '\0')
		entry_report(entry, REPORT_SYNTAX, &word->place,
		    "key %s: %s: expected a number", key_names[key],
		    word->text);
	else
		draft_say(&entry->draft, ids[key], word->text, &word->place);
}

void
definition_read(struct entry *entry, const struct record *record)
{
	struct values all[KEYS] = { { NULL, 0 } };
	struct record rest;

	if (!words_definition(&entry->inetd->words, &rest)) {
		entry_report(entry, REPORT_LOST, &entry->place,
		    "missing \";\" at the end of this definition");
	} else if (read_keys(entry, rest.words, all)) {
		draft_say(&entry->draft, OPTION_DISABLE,
		    strcmp(record->words[1].text, "off") == 0 ? "yes" : "no",
		    &entry->place);
		for (size_t i = KEY_WAIT; i < KEYS; i++)
			if (all[i].words != NULL)
				say_key(entry, (enum key)i, all[i].words);
		say_fields(entry, all, &record->words[0]);
		entry_make(entry);
	}
	record_free(&rest);
}
