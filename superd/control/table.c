/* Tables for people. */
#include "superd/control/table.h"

#include <stdio.h>

enum { NUMBER_TEXT = 32 };

static const char *
cell(const struct fact *column, const void *object, struct fact_value *value,
    char buf[NUMBER_TEXT])
{
	fact_value(column, object, value);
	if (value->none)
		return "-";
	if (column->kind == FACT_TEXT)
		return value->text != NULL ? value->text : "-";
	if (column->kind == FACT_SECONDS)
		snprintf(buf, NUMBER_TEXT, "%.0f", value->seconds);
	else
		snprintf(buf, NUMBER_TEXT, "%lld", (long long)value->number);
	return buf;
}

/* Characters of UTF-8, as if each took one column. */
static unsigned
characters(const char *text)
{
	unsigned count = 0;

	for (; *text != '\0'; text++)
		count += (*text & 0xc0) != 0x80;
	return count;
}

static void
widen(struct table *table, size_t column, const char *text)
{
	unsigned width = characters(text);

	if (width > table->width[column])
		table->width[column] = width;
}

void
table_measure(struct table *table, const void *object)
{
	struct fact_value value;
	char buf[NUMBER_TEXT];

	for (size_t i = 0; i < table->count; i++)
		widen(table, i, cell(&table->columns[i], object, &value, buf));
}

void
table_measure_header(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		widen(table, i, table->columns[i].key);
}

static void
add_cell(const struct table *table, struct text *text, size_t column,
    const char *content)
{
	int pad = (int)(table->width[column] - characters(content));

	if (table->columns[column].kind == FACT_TEXT)
		text_add(text, "%s%*s ", content, pad, "");
	else
		text_add(text, "%*s%s ", pad, "", content);
}

void
table_row(const struct table *table, struct text *text, const void *object)
{
	struct fact_value value;
	char buf[NUMBER_TEXT];

	for (size_t i = 0; i < table->count; i++)
		add_cell(table, text, i,
		    cell(&table->columns[i], object, &value, buf));
}

void
table_header(const struct table *table, struct text *text)
{
	for (size_t i = 0; i < table->count; i++)
		add_cell(table, text, i, table->columns[i].key);
}
