/* Growing text and JSON output. */
#include "superd/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/utf8.h"

enum { ROOM_FIRST = 1024 };

void
text_free(struct text *text)
{
	free(text->bytes);
	memset(text, 0, sizeof(*text));
}

/* Make room for more bytes; false: there is no memory, now or before. */
static bool
reserve(struct text *text, size_t more)
{
	size_t room = text->room == 0 ? ROOM_FIRST : text->room;
	char *bytes;

	if (text->failed || text->length + more + 1 <= text->room)
		return !text->failed;
	while (room < text->length + more + 1)
		room *= 2;
	bytes = realloc(text->bytes, room);
	if (bytes == NULL) {
		text->failed = true;
		return false;
	}
	text->bytes = bytes;
	text->room = room;
	return true;
}

void
text_put(struct text *text, const char *bytes, size_t length)
{
	if (!reserve(text, length))
		return;
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
	if (length < 0 || !reserve(text, (size_t)length))
		return;
	va_start(ap, fmt);
	vsnprintf(text->bytes + text->length, (size_t)length + 1, fmt, ap);
	va_end(ap);
	text->length += (size_t)length;
}

/*
 * UTF-8 is kept as it is.  Any other byte becomes a low surrogate, which does
 * not occur in UTF-8, so that readers can recognize and restore it: 0xe9
 * becomes \udce9, as in PEP 383.
 */
static void
quote(struct text *text, const char *value)
{
	size_t length;
	unsigned code;

	text_put(text, "\"", 1);
	for (; *value != '\0'; value += length > 0 ? length : 1) {
		length = utf8_decode(value, &code);
		if (length == 0)
			text_add(text, "\\udc%02x", (unsigned char)*value);
		else if (code == '"' || code == '\\')
			text_add(text, "\\%c", (int)code);
		else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
			text_add(text, "\\u%04x", code);
		else
			text_put(text, value, length);
	}
	text_put(text, "\"", 1);
}

static void
member(struct text *text, const char *name)
{
	if (text->comma)
		text_put(text, ",", 1);
	if (name != NULL) {
		quote(text, name);
		text_put(text, ":", 1);
	}
	text->comma = true;
}

void
json_open(struct text *text, const char *name, char bracket)
{
	member(text, name);
	text_put(text, &bracket, 1);
	text->comma = false;
}

void
json_close(struct text *text, char bracket)
{
	text_put(text, &bracket, 1);
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
		text_put(text, "null", 4);
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
