/*
 * Records with texts of any kind, as logfmt and as JSON, in buffers of any
 * size: a line is printable ASCII, fits, and is well formed; each fact is there
 * whole, cut with "...", or not at all.
 */
#include "superd/log/record.h"

#include <syslog.h>

#include "tests/fuzz/input.h"

enum { FACTS_MAX = 8, SIZE_LEAST = 512, TEXT_MAX = 300 };

static const char *const keys[FACTS_MAX] = { "peer", "user", "path", "a", "b",
	"c", "d", "e" };

/* One string between quotes; what follows it. */
static const char *
string(const char *p)
{
	must(*p++ == '"');
	for (; *p != '"'; p++) {
		must(*p >= ' ' && *p <= '~');
		if (*p != '\\')
			continue;
		p++;
		must(*p == '"' || *p == '\\' || *p == 'u');
		if (*p != 'u')
			continue;
		for (int i = 0; i < 4; i++)
			must(memchr("0123456789abcdef", *++p, 16) != NULL);
	}
	return p + 1;
}

static const char *
number(const char *p)
{
	size_t length = strspn(p, "0123456789");

	must(length > 0);
	return p + length;
}

static void
check_json(const char *p)
{
	must(*p++ == '{');
	while (*p != '}') {
		p = string(p);
		must(*p++ == ':');
		p = *p == '"' ? string(p) : number(p);
		must(*p == ',' || *p == '}');
		if (*p == ',')
			must(*++p == '"');
	}
	must(p[1] == '\0');
}

static void
check_logfmt(const char *p)
{
	for (;;) {
		size_t key = strspn(p, "abcdefghijklmnopqrstuvwxyz");

		must(key > 0 && p[key] == '=');
		p += key + 1;
		if (*p == '"')
			p = string(p);
		else {
			size_t bare = strcspn(p, " \"=\\");

			must(bare > 0);
			p += bare;
		}
		if (*p == '\0')
			return;
		must(*p++ == ' ');
	}
}

/* The same facts are in a line that is longer. */
static void
check_printed(const struct record *record, enum log_format format, size_t size)
{
	char *line = malloc(size);
	size_t length;

	must(line != NULL);
	length = record_print(record, format, false, line, size);
	must(length < size && strlen(line) == length);
	for (size_t i = 0; i < length; i++)
		must(line[i] >= ' ' && line[i] <= '~');
	if (format == LOG_FORMAT_JSON)
		check_json(line);
	else if (format == LOG_FORMAT_LOGFMT)
		check_logfmt(line);
	free(line);
}

static char *
take_text(struct input *input)
{
	size_t length = (size_t)input_byte(input) * 5 % TEXT_MAX;
	char *text = calloc(1, TEXT_MAX + 1);

	must(text != NULL);
	input_bytes(input, text, length);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct record_fact facts[FACTS_MAX];
	struct record_event event = { .name = "exit", .facts = facts };
	struct record record = { .priority = input_byte(&input) % 8,
		.event = &event };
	size_t room = SIZE_LEAST + input_byte(&input) * 8u;
	char *texts[FACTS_MAX], *id = take_text(&input);
	char *message = take_text(&input);

	event.id = id;
	event.message = message;
	event.count = input_byte(&input) % (FACTS_MAX + 1);
	for (size_t i = 0; i < event.count; i++) {
		texts[i] = take_text(&input);
		facts[i] = (struct record_fact){ .key = keys[i],
			.value = texts[i],
			/* bytes of any kind, NUL among them */
			.length = input_byte(&input) };
		facts[i].number = input_byte(&input) % 4 == 0;
		if (facts[i].number)
			facts[i] = (struct record_fact){ keys[i], "17", 2,
				true };
	}
	record.text = message;
	for (unsigned format = LOG_FORMAT_TEXT; format <= LOG_FORMAT_JSON;
	     format++) {
		check_printed(&record, format, room);
		record.event = NULL;
		check_printed(&record, format, room);
		record.event = &event;
	}
	for (size_t i = 0; i < event.count; i++)
		free(texts[i]);
	free(id);
	free(message);
	return 0;
}
