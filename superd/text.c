/* A growing text, and JSON in it. */
#include "superd/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/xalloc.h"

enum { ROOM_FIRST = 1024 };

void
text_free(struct text *text)
{
	free(text->bytes);
	memset(text, 0, sizeof(*text));
}

static void
reserve(struct text *text, size_t more)
{
	size_t room = text->room == 0 ? ROOM_FIRST : text->room;

	if (text->length + more + 1 <= text->room)
		return;
	while (room < text->length + more + 1)
		room *= 2;
	text->bytes = xreallocarray(text->bytes, room, 1);
	text->room = room;
}

static void
add_bytes(struct text *text, const char *bytes, size_t length)
{
	reserve(text, length);
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void
text_add(struct text *text, const char *fmt, ...)
{
	va_list ap;
	int length;

	va_start(ap, fmt);
	length = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (length < 0)
		return;
	reserve(text, (size_t)length);
	va_start(ap, fmt);
	vsnprintf(text->bytes + text->length, (size_t)length + 1, fmt, ap);
	va_end(ap);
	text->length += (size_t)length;
}

static void
quote(struct text *text, const char *value)
{
	add_bytes(text, "\"", 1);
	for (const char *p = value; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '"' || c == '\\')
			text_add(text, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			/* bytes, not characters: names may be in any code */
			text_add(text, "\\u%04x", c);
		else
			add_bytes(text, p, 1);
	}
	add_bytes(text, "\"", 1);
}

static void
member(struct text *text, const char *name)
{
	if (text->comma)
		add_bytes(text, ",", 1);
	if (name != NULL) {
		quote(text, name);
		add_bytes(text, ":", 1);
	}
	text->comma = true;
}

void
json_open(struct text *text, const char *name, char bracket)
{
	member(text, name);
	add_bytes(text, &bracket, 1);
	text->comma = false;
}

void
json_close(struct text *text, char bracket)
{
	add_bytes(text, &bracket, 1);
	text->comma = true;
}

void
json_string(struct text *text, const char *name, const char *value)
{
	member(text, name);
	quote(text, value);
}

void
json_string_or_null(struct text *text, const char *name, const char *value)
{
	member(text, name);
	if (value != NULL)
		quote(text, value);
	else
		add_bytes(text, "null", 4);
}

void
json_number(struct text *text, const char *name, int64_t value)
{
	member(text, name);
	text_add(text, "%lld", (long long)value);
}

void
json_real(struct text *text, const char *name, double value)
{
	member(text, name);
	text_add(text, "%.3f", value);
}

void
json_bool(struct text *text, const char *name, bool value)
{
	member(text, name);
	text_add(text, "%s", value ? "true" : "false");
}
