/* Records as text, as logfmt, and as JSON. */
#include "superd/log/record.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "conf/utf8.h"
#include "superd/log/printable.h"

static const struct {
	const char *name;
	int priority;
} levels[] = { { "error", LOG_ERR }, { "warning", LOG_WARNING },
	{ "info", LOG_INFO }, { "debug", LOG_DEBUG } };

enum { LEVELS = sizeof(levels) / sizeof(levels[0]) };

const char *
record_level(int priority)
{
	size_t i = 0;

	while (i + 1 < LEVELS && levels[i].priority < priority)
		i++;
	return levels[i].name;
}

int
record_priority(const char *level)
{
	for (size_t i = 0; i < LEVELS; i++)
		if (strcmp(levels[i].name, level) == 0)
			return levels[i].priority;
	return -1;
}

/* A line under construction, with room for what ends it. */
struct line {
	enum log_format format;
	char *bytes;
	size_t used, size;
};

enum {
	TAIL = 8,	  /* for ..."} and the terminator */
	UNIT_MAX = 13,	  /* two \uXXXX, terminated */
	STRING_MAX = 1024 /* of a fact, so that others have room, too */
};

/* False, and nothing is added: there is no room. */
static bool
add(struct line *line, const char *bytes, size_t length)
{
	if (line->used + length + TAIL > line->size)
		return false;
	memcpy(line->bytes + line->used, bytes, length);
	line->used += length;
	return true;
}

/* What the tail was left for. */
static void
end(struct line *line, const char *bytes)
{
	size_t length = strlen(bytes);

	memcpy(line->bytes + line->used, bytes, length + 1);
	line->used += length;
}

/* Strings, which both forms write alike. */

static int
escape_code(unsigned code, char unit[UNIT_MAX])
{
	if (code == '"' || code == '\\')
		return snprintf(unit, UNIT_MAX, "\\%c", (int)code);
	if (code >= ' ' && code <= '~')
		return snprintf(unit, UNIT_MAX, "%c", (int)code);
	if (code < 0x10000)
		return snprintf(unit, UNIT_MAX, "\\u%04x", code);
	code -= 0x10000;
	return snprintf(unit, UNIT_MAX, "\\u%04x\\u%04x", 0xd800 + (code >> 10),
	    0xdc00 + (code & 0x3ff));
}

/* The character that text begins with; the number of its bytes. */
static size_t
escape(const char *text, size_t length, char unit[UNIT_MAX], size_t *units)
{
	/* terminated, which values are not */
	char character[UTF8_LONGEST + 1] = { 0 };
	unsigned code = 0;
	size_t bytes;

	/* most are, and this is where a record takes its time */
	if (text[0] >= ' ' && text[0] <= '~' && text[0] != '"' &&
	    text[0] != '\\') {
		unit[0] = text[0];
		return *units = 1;
	}
	memcpy(character, text, length < UTF8_LONGEST ? length : UTF8_LONGEST);
	bytes = utf8_decode(character, &code);
	if (bytes == 0) {
		*units = (size_t)snprintf(unit, UNIT_MAX, "\\udc%02x",
		    (unsigned char)text[0]);
		return 1;
	}
	*units = (size_t)escape_code(code, unit);
	return bytes;
}

/* Between quotes; cut at so many bytes. */
static bool
quote(struct line *line, const char *text, size_t length, size_t most)
{
	size_t start = line->used, units, bytes;
	char unit[UNIT_MAX];
	bool whole = true;

	if (!add(line, "\"", 1))
		return false;
	for (; length > 0 && whole; text += bytes, length -= bytes) {
		bytes = escape(text, length, unit, &units);
		whole = line->used - start + units <= most &&
		    add(line, unit, units);
	}
	end(line, whole ? "\"" : "...\"");
	return true;
}

/* logfmt needs no quotes for what cannot be mistaken. */
static bool
is_bare(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] > '~' || text[i] == '"' ||
		    text[i] == '=' || text[i] == '\\')
			return false;
	return length > 0;
}

/* Members. */

static bool
member(struct line *line, const char *key)
{
	bool json = line->format == LOG_FORMAT_JSON;
	const char *before = json ? ",\"" : " ", *after = json ? "\":" : "=";

	if (line->used <= json) /* behind the bracket */
		before++;
	return add(line, before, strlen(before)) &&
	    add(line, key, strlen(key)) && add(line, after, strlen(after));
}

static void
put(struct line *line, const struct record_fact *fact, size_t most)
{
	bool bare = line->format == LOG_FORMAT_JSON ?
	    fact->number :
	    is_bare(fact->value, fact->length) && fact->length <= most;
	size_t before = line->used;

	if (!member(line, fact->key) ||
	    !(bare ? add(line, fact->value, fact->length) :
		     quote(line, fact->value, fact->length, most)))
		line->used = before;
}

static void
put_string(struct line *line, const char *key, const char *value, size_t most)
{
	put(line,
	    &(struct record_fact){ .key = key,
		.value = value,
		.length = strlen(value) },
	    most);
}

static void
put_date(struct line *line, int priority)
{
	char date[RECORD_TIME];
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	put_string(line, "ts", record_time(&now, date), STRING_MAX);
	put_string(line, "level", record_level(priority), STRING_MAX);
}

char *
record_time(const struct timespec *when, char buf[RECORD_TIME])
{
	size_t used;
	struct tm tm;

	if (gmtime_r(&when->tv_sec, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	used = strftime(buf, RECORD_TIME, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + used, RECORD_TIME - used, ".%03dZ",
	    (int)(when->tv_nsec / 1000000));
	return buf;
}

static void
put_event(struct line *line, const struct record *record)
{
	static const struct record_event none = { .name = "log" };
	const struct record_event *event = record->event != NULL ?
	    record->event :
	    &none;

	put_string(line, "event", event->name, STRING_MAX);
	if (event->id != NULL)
		put_string(line, "service", event->id, STRING_MAX);
	for (size_t i = 0; i < event->count; i++)
		put(line, &event->facts[i], STRING_MAX);
	if (record->event == NULL)
		put_string(line, "msg", record->text, line->size);
	else if (event->message[0] != '\0')
		put_string(line, "msg", event->message, line->size);
}

size_t
record_print(const struct record *record, enum log_format format, bool dated,
    char *buf, size_t size)
{
	struct line line = { .format = format, .bytes = buf, .size = size };

	if (format == LOG_FORMAT_TEXT)
		return strlen(log_printable(buf, size, record->text,
		    strlen(record->text)));
	if (format == LOG_FORMAT_JSON)
		add(&line, "{", 1);
	if (dated)
		put_date(&line, record->priority);
	put_event(&line, record);
	end(&line, format == LOG_FORMAT_JSON ? "}" : "");
	return line.used;
}
