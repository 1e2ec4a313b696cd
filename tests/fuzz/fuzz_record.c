/*
 * Records of the log, whatever peers, servers and configurations have put into
 * their parts: each is one line of printable ASCII that fits, in logfmt or an
 * object of RFC 8259, and what can be read off it is what went in, in the same
 * order, or its beginning and "...".
 */
#include "superd/log/record.h"

#include <stdio.h>

#include "tests/fuzz/input.h"

enum { FACTS_MAX = 6, MEMBERS_MAX = FACTS_MAX + 5, SMALLEST = 512 };

static const char *const keys[FACTS_MAX] = { "peer", "pid", "local", "reason",
	"user", "status" };

/* What was asked for. */
struct wish {
	struct record record;
	struct record_event event;
	struct record_fact facts[FACTS_MAX];
	char *texts[3]; /* the line, the service and the message */
	enum log_format format;
	bool dated;
	size_t size;
};

/* So many bytes in no more memory than that: what is read behind them is
 * found out. */
static char *
exactly(struct input *input, size_t size)
{
	char *bytes = malloc(size > 0 ? size : 1);

	must(bytes != NULL);
	input_bytes(input, bytes, size);
	return bytes;
}

/* Lengths around what is cut, of few bytes of input. */
static size_t
some_length(struct input *input)
{
	size_t length = input_byte(input);

	return length < 250 ? length : 1018 + (length - 250) * 4;
}

static char *
some_string(struct input *input)
{
	size_t length = some_length(input);
	char *text = calloc(1, length + 1);

	must(text != NULL);
	input_bytes(input, text, length);
	return text;
}

static void
make_fact(struct input *input, struct record_fact *fact, const char *key)
{
	char number[24];
	char *value;

	fact->key = key;
	fact->number = (input_byte(input) & 1) != 0;
	if (!fact->number) {
		fact->length = some_length(input);
		fact->value = exactly(input, fact->length);
		return;
	}
	fact->length = (size_t)snprintf(number, sizeof(number), "%d.%03d",
	    input_byte(input) - 128, input_byte(input));
	value = malloc(fact->length);
	must(value != NULL);
	memcpy(value, number, fact->length);
	fact->value = value;
}

static void
make_wish(struct input *input, struct wish *wish)
{
	uint8_t flags = input_byte(input);

	memset(wish, 0, sizeof(*wish));
	wish->format = flags % (LOG_FORMAT_JSON + 1);
	wish->dated = (flags & 4) != 0;
	wish->size = SMALLEST + input_byte(input) * 6u;
	wish->record.priority = flags >> 5;
	wish->record.text = wish->texts[0] = some_string(input);
	wish->event.name = "refused";
	if ((flags & 8) != 0)
		wish->event.id = wish->texts[1] = some_string(input);
	wish->event.message = wish->texts[2] = some_string(input);
	wish->event.facts = wish->facts;
	wish->event.count = input_byte(input) % (FACTS_MAX + 1);
	for (size_t i = 0; i < wish->event.count; i++)
		make_fact(input, &wish->facts[i], keys[i]);
	if ((flags & 16) == 0)
		wish->record.event = &wish->event;
}

static void
wish_free(struct wish *wish)
{
	for (size_t i = 0; i < wish->event.count; i++)
		free((char *)(uintptr_t)wish->facts[i].value);
	for (size_t i = 0; i < sizeof(wish->texts) / sizeof(wish->texts[0]);
	     i++)
		free(wish->texts[i]);
}

/* What the line may have, in this order.  A value of NULL is any. */

struct members {
	struct record_fact list[MEMBERS_MAX];
	size_t count;
};

static void
expect(struct members *members, const char *key, const char *value)
{
	members->list[members->count++] = (struct record_fact){ .key = key,
		.value = value,
		.length = value != NULL ? strlen(value) : 0 };
}

static struct members
expected(const struct wish *wish)
{
	bool event = wish->record.event != NULL;
	struct members members = { .count = 0 };

	if (wish->dated) {
		expect(&members, "ts", NULL);
		expect(&members, "level", record_level(wish->record.priority));
	}
	expect(&members, "event", event ? wish->event.name : "log");
	if (event && wish->event.id != NULL)
		expect(&members, "service", wish->event.id);
	for (size_t i = 0; event && i < wish->event.count; i++)
		members.list[members.count++] = wish->facts[i];
	if (!event || wish->event.message[0] != '\0')
		expect(&members, "msg",
		    event ? wish->event.message : wish->record.text);
	return members;
}

/* Reading. */

/* Four hexadecimal digits behind \u. */
static unsigned
unit_at(const char **p)
{
	unsigned code = 0;

	must((*p)[0] == '\\' && (*p)[1] == 'u');
	for (int i = 2; i < 6; i++) {
		const char *digits = "0123456789abcdef";
		const char *digit = (*p)[i] != '\0' ?
		    strchr(digits, (*p)[i]) :
		    NULL;

		must(digit != NULL);
		code = code << 4 | (unsigned)(digit - digits);
	}
	*p += 6;
	return code;
}

/* RFC 3629. */
static size_t
encode(unsigned code, char out[4])
{
	size_t length = code < 0x80 ? 1 :
	    code < 0x800	    ? 2 :
	    code < 0x10000	    ? 3 :
				      4;
	static const unsigned heads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = length - 1; i > 0; i--, code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3f));
	out[0] = (char)(heads[length] | code);
	return length;
}

/* At a backslash: the bytes that it stands for. */
static size_t
unescape(const char **p, char out[4])
{
	unsigned code, low;

	if ((*p)[1] == '"' || (*p)[1] == '\\') {
		out[0] = (*p)[1];
		*p += 2;
		return 1;
	}
	code = unit_at(p);
	if (code >= 0xdc80 && code <= 0xdcff) {
		out[0] = (char)(code & 0xff);
		return 1;
	}
	must(code < 0xdc00 || code > 0xdfff);
	if (code >= 0xd800 && code <= 0xdbff) {
		low = unit_at(p);
		must(low >= 0xdc00 && low <= 0xdfff);
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	return encode(code, out);
}

/* Between quotes.  Returns its length, without terminator. */
static size_t
read_quoted(const char **p, char *out)
{
	size_t used = 0;

	must(*(*p)++ == '"');
	while (**p != '"') {
		must(**p != '\0');
		if (**p == '\\')
			used += unescape(p, out + used);
		else
			out[used++] = *(*p)++;
	}
	(*p)++;
	return used;
}

/* A number, or what logfmt writes without quotes. */
static size_t
read_bare(const char **p, bool json, char *out)
{
	size_t length = json ?
	    strspn(*p, "-.0123456789") :
	    strcspn(*p, " \"=\\");

	must(length > 0);
	memcpy(out, *p, length);
	*p += length;
	return length;
}

static size_t
read_value(const char **p, bool json, char *out)
{
	return **p == '"' ? read_quoted(p, out) : read_bare(p, json, out);
}

/* Terminated; and behind what follows it. */
static void
read_key(const char **p, bool json, char *out)
{
	size_t used = json ? read_quoted(p, out) : read_bare(p, false, out);

	out[used] = '\0';
	must(*(*p)++ == (json ? ':' : '='));
}

static bool
is_value(const struct record_fact *fact, const char *value, size_t length)
{
	if (fact->value == NULL)
		return length > 0;
	if (length == fact->length && memcmp(value, fact->value, length) == 0)
		return true;
	return length >= 3 && memcmp(value + length - 3, "...", 3) == 0 &&
	    length - 3 < fact->length &&
	    memcmp(value, fact->value, length - 3) == 0;
}

/* One that was left out is not there; none is there that was not meant. */
static size_t
find(const struct members *members, size_t from, const char *key)
{
	while (strcmp(members->list[from].key, key) != 0) {
		from++;
		must(from < members->count);
	}
	return from;
}

static void
check_members(const char *p, const struct members *members, bool json)
{
	char value[RECORD_MAX], key[RECORD_MAX];
	const char *end = json ? "}" : "";

	must(!json || *p++ == '{');
	for (size_t next = 0; strcmp(p, end) != 0; next++) {
		bool quoted;
		size_t length;

		must(next == 0 || *p++ == (json ? ',' : ' '));
		read_key(&p, json, key);
		must(next < members->count);
		next = find(members, next, key);
		quoted = *p == '"';
		length = read_value(&p, json, value);
		must(is_value(&members->list[next], value, length));
		must(!json || quoted != members->list[next].number);
	}
}

/* With what is not printable in octal; all of it, or its beginning. */
static void
check_text(const char *line, const char *text)
{
	size_t length = strlen(line), used = 0;
	char *whole = malloc(4 * strlen(text) + 1);

	must(whole != NULL);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = c >= ' ' && c <= '~';

		used += (size_t)sprintf(whole + used, plain ? "%c" : "\\%03o",
		    c);
	}
	whole[used] = '\0';
	must(strcmp(line, whole) == 0 ||
	    (length >= 3 && strcmp(line + length - 3, "...") == 0 &&
		strncmp(line, whole, length - 3) == 0));
	free(whole);
}

static void
check_line(const struct wish *wish, const char *line)
{
	struct members members = expected(wish);

	for (const char *p = line; *p != '\0'; p++)
		must(*p >= ' ' && *p <= '~');
	if (wish->format == LOG_FORMAT_TEXT)
		check_text(line, wish->record.text);
	else
		check_members(line, &members, wish->format == LOG_FORMAT_JSON);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct wish wish;
	char *line;
	size_t length;

	make_wish(&input, &wish);
	line = malloc(wish.size);
	must(line != NULL);
	length = record_print(&wish.record, wish.format, wish.dated, line,
	    wish.size);
	must(length < wish.size && strlen(line) == length);
	check_line(&wish, line);
	free(line);
	wish_free(&wish);
	return 0;
}
