/*
 * Texts in JSON: what comes out is UTF-8 of RFC 3629 and a string of
 * RFC 8259, and can be turned back into what went in (PEP 383).
 */
#include "superd/base/text.h"

#include <stdio.h>

#include "tests/fuzz/input.h"

/* RFC 3629, 4: the first byte, the second, and how many follow it. */
static const struct form {
	uint8_t first, last, low, high;
	size_t tail;
} forms[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 0 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 1 },
	{ 0xe1, 0xec, 0x80, 0xbf, 1 },
	{ 0xed, 0xed, 0x80, 0x9f, 1 },
	{ 0xee, 0xef, 0x80, 0xbf, 1 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 2 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 2 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 2 },
};

/* The length of the character at p, of more than one byte. */
static size_t
character(const uint8_t *p)
{
	const struct form *form = forms;

	while (p[0] < form->first || p[0] > form->last) {
		form++;
		must(form < forms + sizeof(forms) / sizeof(forms[0]));
	}
	must(p[1] >= form->low && p[1] <= form->high);
	for (size_t i = 0; i < form->tail; i++)
		must((p[2 + i] & 0xc0) == 0x80);
	return 2 + form->tail;
}

/* At a backslash; the byte that it stands for. */
static size_t
escaped(const uint8_t *p, char *byte)
{
	unsigned code;

	if (p[1] == '"' || p[1] == '\\') {
		*byte = (char)p[1];
		return 2;
	}
	must(p[1] == 'u' && sscanf((const char *)p + 2, "%4x", &code) == 1);
	/* one of C1 was two bytes of UTF-8: the caller knows */
	must(code < 0x20 || (code >= 0x7f && code < 0xa0) ||
	    (code >= 0xdc80 && code <= 0xdcff));
	*byte = (char)code;
	return 6;
}

/* The string at p is value's; what follows it. */
static const uint8_t *
check_string(const uint8_t *p, const char *value)
{
	char byte;
	size_t n;

	must(*p++ == '"');
	while (*p != '"') {
		must(*p >= ' ');
		if (*p == '\\') {
			bool c1 = memcmp(p, "\\u00", 4) == 0 && p[4] >= '8';

			p += escaped(p, &byte);
			must(!c1 || *value++ == '\xc2');
			must(*value++ == byte);
			continue;
		}
		n = *p < 0x80 ? 1 : character(p);
		must(memcmp(value, p, n) == 0);
		value += n;
		p += n;
	}
	must(*value == '\0');
	return p + 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	char *value = input_text(&input);
	struct text text = { .length = 0 };
	const uint8_t *p;

	json_open(&text, NULL, '{');
	json_string(&text, value, value);
	json_close(&text, '}');
	must(!text.failed && text.length == strlen(text.bytes));
	p = (const uint8_t *)text.bytes;
	must(*p == '{');
	p = check_string(p + 1, value);
	must(*p == ':');
	p = check_string(p + 1, value);
	must(strcmp((const char *)p, "}") == 0);
	text_free(&text);
	free(value);
	return 0;
}
