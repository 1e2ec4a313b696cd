/* Tables for browsers. */
#include "superd/control/html.h"

#include <stdio.h>
#include <string.h>

#include "conf/utf8.h"

static const char unknown[] = "\xef\xbf\xbd";

static const char *
entity(unsigned code)
{
	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return code < ' ' || (code >= 0x7f && code < 0xa0) ?
		    unknown :
		    NULL;
	}
}

void
html_text(struct text *text, const char *value)
{
	unsigned code;
	size_t length;

	for (; *value != '\0'; value += length > 0 ? length : 1) {
		const char *instead;

		length = utf8_decode(value, &code);
		instead = length == 0 ? unknown : entity(code);
		if (instead != NULL)
			text_put(text, instead, strlen(instead));
		else
			text_put(text, value, length);
	}
}

static bool
is_number(const struct fact *fact)
{
	return fact->kind != FACT_TEXT;
}

void
html_cell(struct text *text, const struct fact *fact, const void *object)
{
	struct fact_value value;

	fact_value(fact, object, &value);
	text_add(text, is_number(fact) ? "<td class=n>" : "<td>");
	if (value.none)
		text_add(text, "-");
	else if (fact->kind == FACT_TEXT)
		html_text(text, value.text);
	else if (fact->kind == FACT_SECONDS)
		text_add(text, "%.0f", value.seconds);
	else
		text_add(text, "%lld", (long long)value.number);
}

void
html_heads(struct text *text, const struct facts *facts)
{
	text_add(text, "<tr>");
	for (size_t i = 0; i < facts->count; i++) {
		text_add(text,
		    is_number(&facts->rows[i]) ? "<th class=n>" : "<th>");
		html_text(text, facts->rows[i].key);
	}
	text_add(text, "\n");
}

void
html_row(struct text *text, const struct facts *facts, const void *object)
{
	text_add(text, "<tr>");
	for (size_t i = 0; i < facts->count; i++)
		html_cell(text, &facts->rows[i], object);
	text_add(text, "\n");
}
