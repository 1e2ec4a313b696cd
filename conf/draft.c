/*
 * What a section says of each option, as texts: taken over from the defaults,
 * added to them and taken away from them, and given to the types, which know
 * what the texts mean.
 */
#include "conf/draft.h"

#include <stdlib.h>
#include <string.h>

#include "conf/access.h"
#include "conf/xalloc.h"

static void
setting_free(struct setting *setting)
{
	if (setting->borrowed)
		return;
	for (size_t i = 0; i < setting->count; i++)
		free(setting->values[i].text);
	free(setting->values);
}

void
draft_free(struct draft *draft)
{
	for (size_t i = 0; i < OPTIONS; i++)
		setting_free(&draft->settings[i]);
	memset(draft, 0, sizeof(*draft));
}

void
draft_unsay(struct draft *draft, enum option_id id)
{
	setting_free(&draft->settings[id]);
	memset(&draft->settings[id], 0, sizeof(draft->settings[id]));
}

static struct value *
add_values(struct setting *setting, size_t count)
{
	size_t before = setting->count;

	setting->count += count;
	setting->values = xreallocarray(setting->values, setting->count,
	    sizeof(*setting->values));
	memset(setting->values + before, 0, count * sizeof(*setting->values));
	return setting->values + before;
}

void
draft_say(struct draft *draft, enum option_id id, const char *text,
    const struct place *place)
{
	struct setting *setting = &draft->settings[id];
	struct value *value = add_values(setting, 1);

	if (!setting->set)
		setting->place = *place;
	setting->set = true;
	value->text = xstrdup(text);
	value->place = *place;
}

void
draft_note(struct setting *setting, const struct place *places, size_t count,
    bool remove)
{
	struct value *values = add_values(setting, count);

	for (size_t i = 0; i < count; i++) {
		values[i].place = places[i];
		values[i].remove = remove;
	}
}

/* The defaults' values stand before the section's own. */
static void
setting_prepend(struct setting *setting, const struct setting *defaults)
{
	size_t before = defaults->count, own = setting->count;

	add_values(setting, before);
	memmove(setting->values + before, setting->values,
	    own * sizeof(*setting->values));
	for (size_t i = 0; i < before; i++) {
		setting->values[i] = defaults->values[i];
		setting->values[i].text = xstrdup(defaults->values[i].text);
		setting->values[i].inherited = true;
	}
}

/* Does the section say the same thing with another option? */
static bool
says_otherwise(const struct draft *draft, size_t i)
{
	static const enum option_id pairs[][2] = {
		{ OPTION_CPS, OPTION_RATE },
		{ OPTION_RATE, OPTION_CPS },
		{ OPTION_FAMILY, OPTION_V6ONLY },
		{ OPTION_V6ONLY, OPTION_FAMILY },
	};

	for (size_t n = 0; n < sizeof(pairs) / sizeof(pairs[0]); n++) {
		const struct setting *other = &draft->settings[pairs[n][1]];

		if (pairs[n][0] == i && other->set && !other->borrowed)
			return true;
	}
	return false;
}

void
draft_inherit(struct draft *draft, const struct draft *defaults)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		struct setting *setting = &draft->settings[i];
		const struct setting *given = &defaults->settings[i];

		if (!given->set)
			continue;
		if (setting->set && setting->append)
			setting_prepend(setting, given);
		else if (!setting->set && !says_otherwise(draft, i)) {
			*setting = *given;
			setting->borrowed = true;
		}
	}
}

/* Taking away. */

static bool
is_access(enum option_id id)
{
	return id == OPTION_ONLY_FROM || id == OPTION_NO_ACCESS;
}

static bool
is_same(enum option_id id, const char *a, const char *b)
{
	return is_access(id) ? access_same(a, b) : strcmp(a, b) == 0;
}

/* From the first so many values, which are left in order.  How many are
 * left. */
static size_t
take_away(struct setting *setting, size_t count, enum option_id id,
    const char *value)
{
	size_t to = 0;

	for (size_t i = 0; i < count; i++)
		if (is_same(id, setting->values[i].text, value))
			free(setting->values[i].text);
		else
			setting->values[to++] = setting->values[i];
	return to;
}

/* What should have gone and did not may be what keeps somebody out. */
static enum report_level
remove_one(struct setting *setting, size_t *count, size_t i, enum option_id id,
    const struct manner *manner, struct reports *reports)
{
	struct value *value = &setting->values[i];
	enum report_level level = is_access(id) ?
	    manner->bad_value :
	    manner->not_there;
	size_t left = take_away(setting, *count, id, value->text);
	bool found = left < *count;

	if (!found)
		report_add(reports, level, &value->place,
		    "%s: %s is not in the list: expected one of its values",
		    option_name(id), value->text);
	*count = left;
	free(value->text);
	return found ? REPORT_WARNING : level;
}

static bool
remove_marked(struct setting *setting, enum option_id id,
    const struct manner *manner, struct reports *reports)
{
	size_t count = 0;
	bool good = true;

	for (size_t i = 0; i < setting->count; i++)
		if (!setting->values[i].remove)
			setting->values[count++] = setting->values[i];
		else if (remove_one(setting, &count, i, id, manner, reports) >
		    REPORT_WARNING)
			good = false;
	setting->count = count;
	return good;
}

bool
draft_remove(struct draft *draft, const struct manner *manner,
    struct reports *reports)
{
	bool good = true;

	for (unsigned i = 0; i < OPTIONS; i++) {
		enum option_id id = (enum option_id)i;
		struct setting *setting = &draft->settings[i];
		size_t before = setting->count;
		const char *why;

		if (!setting->set || setting->borrowed || before == 0)
			continue;
		good &= remove_marked(setting, id, manner, reports);
		why = option_count_is_wrong(id, setting->count);
		if (setting->count == before || why == NULL)
			continue;
		report_add(reports, manner->bad_value, &setting->place,
		    "%s: nothing is left: %s", option_name(id), why);
		setting->set = good = false;
	}
	return good;
}
