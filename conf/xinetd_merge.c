/*
 * The values of an entry of xinetd.conf, merged with those of the defaults,
 * and set in the order of the table.
 */
#include "conf/xinetd.h"

#include <stdlib.h>
#include <string.h>

#include "conf/access.h"
#include "conf/service.h"
#include "conf/xalloc.h"

const struct line *
entry_line(const struct entry *entry, const struct xattribute *attribute)
{
	for (size_t i = entry->count; i > 0; i--)
		if (entry->lines[i - 1].attribute == attribute)
			return &entry->lines[i - 1];
	return NULL;
}

/* "a,b" is two addresses; within braces a comma belongs to the address. */
static void
add_value(struct unmade *draft, char ***values, const char *value)
{
	char *copy, *rest, *one;

	if ((draft->attribute->flags & ADDRESSES) == 0 ||
	    strchr(value, '{') != NULL || strchr(value, ',') == NULL) {
		strings_add(values, value);
		return;
	}
	draft_warn(draft,
	    "%s: a comma separates addresses: xinetd does not serve this entry",
	    draft->attribute->name);
	copy = rest = xstrdup(value);
	while ((one = strsep(&rest, ",")) != NULL)
		if (one[0] != '\0')
			strings_add(values, one);
	free(copy);
}

static bool
is_same(const struct xattribute *attribute, const char *a, const char *b)
{
	return attribute->flags & ADDRESSES ?
	    access_same(a, b) :
	    strcmp(a, b) == 0;
}

static bool
remove_value(const struct xattribute *attribute, char **values,
    const char *value)
{
	size_t to = 0, count = strings_count(values);

	for (size_t i = 0; i < count; i++) {
		if (is_same(attribute, values[i], value))
			free(values[i]);
		else
			values[to++] = values[i];
	}
	values[to] = NULL;
	return to < count;
}

/* An address that should have gone, and did not, could stay open: xinetd
 * takes single members of a.b.{1,2} away, too. */
static void
remove_values(struct unmade *draft, char **values)
{
	const struct xattribute *attribute = draft->attribute;
	char **gone = xcalloc(1, sizeof(char *));

	for (size_t i = 0; draft->line->values[i] != NULL; i++)
		add_value(draft, &gone, draft->line->values[i]);
	for (size_t i = 0; gone[i] != NULL; i++)
		if (remove_value(attribute, values, gone[i]))
			continue;
		else if (attribute->flags & ADDRESSES)
			draft_fail(draft, "%s: %s is not in the list",
			    attribute->name, gone[i]);
		else
			draft_warn(draft, "%s: %s is not in the list",
			    attribute->name, gone[i]);
	strings_free(gone);
}

/* In defaults "=" means "+=". */
static void
merge_line(struct unmade *draft, char ***values)
{
	const struct line *line = draft->line;

	if (line->operator== OP_REMOVE) {
		remove_values(draft, *values);
		return;
	}
	if (line->operator== OP_SET && !line->in_defaults) {
		strings_free(*values);
		*values = xcalloc(1, sizeof(char *));
	}
	for (size_t i = 0; line->values[i] != NULL; i++)
		add_value(draft, values, line->values[i]);
}

static void
merge_entry(struct unmade *draft, const struct entry *entry, char ***values)
{
	for (size_t i = 0; i < entry->count; i++)
		if (entry->lines[i].attribute == draft->attribute) {
			draft->line = &entry->lines[i];
			if (*values == NULL)
				*values = xcalloc(1, sizeof(char *));
			merge_line(draft, values);
		}
}

/* NULL if nobody gives the attribute; draft->line is the last that does. */
char **
draft_merge(struct unmade *draft, const struct xattribute *attribute)
{
	const struct entry *defaults = &draft->xinetd->defaults;
	char **values = NULL;

	draft->attribute = attribute;
	draft->line = NULL;
	if ((attribute->flags & AGAIN) || draft->defaults_only ||
	    entry_line(draft->entry, attribute) == NULL)
		merge_entry(draft, defaults, &values);
	if (!draft->defaults_only)
		merge_entry(draft, draft->entry, &values);
	return values;
}

/* Texts of the values are pointed to: they live in kept until the end. */
void
draft_set(struct unmade *draft, char ****kept)
{
	const struct xattribute *attribute;
	size_t i;

	for (i = 0; xattribute_at(i) != NULL; i++)
		continue;
	*kept = xcalloc(i + 1, sizeof(**kept));
	for (i = 0; (attribute = xattribute_at(i)) != NULL; i++) {
		if (attribute->set == NULL)
			continue; /* see switch_list */
		draft->values = (*kept)[i] = draft_merge(draft, attribute);
		draft->n = strings_count(draft->values);
		if (draft->values != NULL)
			attribute->set(draft);
	}
}

void
draft_free_kept(char ***kept)
{
	for (size_t i = 0; xattribute_at(i) != NULL; i++)
		strings_free(kept[i]);
	free(kept);
}
