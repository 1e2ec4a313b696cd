/*
 * What a section says of each option, as texts: taken over from the defaults,
 * added to them and taken away from them, and given to the types, which know
 * what the texts mean.
 */
#include "conf/superd_options.h"

#include <stdlib.h>
#include <string.h>

#include "conf/access.h"
#include "conf/type.h"
#include "conf/xalloc.h"

static void
setting_free(struct setting *setting)
{
	if (setting->borrowed)
		return;
	for (size_t i = 0; i < setting->count; i++)
		free(setting->values[i]);
	free(setting->values);
	free(setting->places);
	free(setting->removes);
}

void
settings_free(struct setting *settings)
{
	for (size_t i = 0; i < OPTIONS; i++)
		setting_free(&settings[i]);
	memset(settings, 0, OPTIONS * sizeof(*settings));
}

void
setting_note(struct setting *setting, const struct place *places, size_t count,
    bool remove)
{
	size_t all = setting->count + count;

	setting->places = xreallocarray(setting->places, all,
	    sizeof(*setting->places));
	setting->removes = xreallocarray(setting->removes, all,
	    sizeof(*setting->removes));
	for (size_t i = 0; i < count; i++) {
		setting->places[setting->count + i] = places[i];
		setting->removes[setting->count + i] = remove;
	}
	setting->count = all;
}

/* The defaults' values stand before the section's own. */
static void
setting_prepend(struct setting *setting, const struct setting *defaults)
{
	size_t before = defaults->count, count = before + setting->count;
	char **values = xreallocarray(NULL, count, sizeof(*values));
	struct place *places = xreallocarray(NULL, count, sizeof(*places));
	bool *removes = xcalloc(count, sizeof(*removes));

	for (size_t i = 0; i < before; i++) {
		values[i] = xstrdup(defaults->values[i]);
		places[i] = defaults->places[i];
	}
	for (size_t i = 0; i < setting->count; i++) {
		values[before + i] = setting->values[i];
		places[before + i] = setting->places[i];
		removes[before + i] = setting->removes[i];
	}
	free(setting->values);
	free(setting->places);
	free(setting->removes);
	setting->values = values;
	setting->places = places;
	setting->removes = removes;
	setting->count = count;
}

/* Does the section say the same thing with another option? */
static bool
says_otherwise(const struct setting *settings, size_t i)
{
	static const enum option_id pairs[][2] = {
		{ OPTION_CPS, OPTION_RATE },
		{ OPTION_RATE, OPTION_CPS },
		{ OPTION_FAMILY, OPTION_V6ONLY },
		{ OPTION_V6ONLY, OPTION_FAMILY },
	};

	for (size_t n = 0; n < sizeof(pairs) / sizeof(pairs[0]); n++) {
		const struct setting *other = &settings[pairs[n][1]];

		if (pairs[n][0] == i && other->set && !other->borrowed)
			return true;
	}
	return false;
}

void
settings_inherit(struct setting *settings, const struct setting *defaults)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (!defaults[i].set)
			continue;
		if (settings[i].set && settings[i].append)
			setting_prepend(&settings[i], &defaults[i]);
		else if (!settings[i].set && !says_otherwise(settings, i)) {
			settings[i] = defaults[i];
			settings[i].borrowed = true;
		}
	}
}

/* Taking away. */

static bool
is_same(enum option_id id, const char *a, const char *b)
{
	return id == OPTION_ONLY_FROM || id == OPTION_NO_ACCESS ?
	    access_same(a, b) :
	    strcmp(a, b) == 0;
}

/* From the first so many values, which are left in order.  How many are
 * left. */
static size_t
take_away(struct setting *setting, size_t count, enum option_id id,
    const char *value)
{
	size_t to = 0;

	for (size_t i = 0; i < count; i++)
		if (is_same(id, setting->values[i], value)) {
			free(setting->values[i]);
		} else {
			setting->values[to] = setting->values[i];
			setting->places[to++] = setting->places[i];
		}
	return to;
}

/* What should have gone and did not may be what keeps somebody out. */
static bool
remove_one(struct setting *setting, size_t *count, size_t i, enum option_id id,
    struct reports *reports)
{
	size_t left = take_away(setting, *count, id, setting->values[i]);
	bool found = left < *count;

	if (!found)
		report_add(reports, REPORT_SYNTAX, &setting->places[i],
		    "%s: %s is not in the list: a value that is there was "
		    "expected",
		    option_name(id), setting->values[i]);
	*count = left;
	free(setting->values[i]);
	return found;
}

static bool
remove_marked(struct setting *setting, enum option_id id,
    struct reports *reports)
{
	size_t count = 0;
	bool good = true;

	for (size_t i = 0; i < setting->count; i++)
		if (setting->removes[i]) {
			good &= remove_one(setting, &count, i, id, reports);
		} else {
			setting->values[count] = setting->values[i];
			setting->places[count++] = setting->places[i];
		}
	setting->count = count;
	memset(setting->removes, 0, count * sizeof(*setting->removes));
	return good;
}

bool
settings_remove(struct setting *settings, struct reports *reports)
{
	bool good = true;

	for (unsigned i = 0; i < OPTIONS; i++) {
		enum option_id id = (enum option_id)i;
		struct setting *setting = &settings[i];
		size_t before = setting->count;
		const char *why;

		if (!setting->set || setting->borrowed || before == 0)
			continue;
		good &= remove_marked(setting, id, reports);
		why = option_count_is_wrong(id, setting->count);
		if (setting->count == before || why == NULL)
			continue;
		report_add(reports, REPORT_SYNTAX, &setting->place,
		    "%s: nothing is left: %s", option_name(id), why);
		setting->set = good = false;
	}
	return good;
}

/* Applying. */

static void
apply(struct build *build, enum option_id id)
{
	const struct attribute *attribute = &attributes[id];
	const struct setting *setting = &build->settings[id];
	bool service = build->service != NULL;
	char *owner = service ? (char *)build->service : (char *)build->globals;
	size_t at = service ? attribute->in_service : attribute->in_globals;

	if (setting->set && attribute->type->set != NULL)
		attribute->type->set(build, attribute, setting,
		    owner + (at != NOWHERE ? at : 0));
}

/* Resource limits are a list in the model: it has the order of the lines. */
static void
apply_rlimits(struct build *build)
{
	bool done[OPTIONS] = { false };
	size_t next;

	do {
		next = OPTIONS;
		for (size_t i = OPTION_RLIMIT_AS; i <= OPTION_RLIMIT_STACK; i++)
			if (build->settings[i].set && !done[i] &&
			    (next == OPTIONS ||
				build->settings[i].sequence <
				    build->settings[next].sequence))
				next = i;
		if (next != OPTIONS) {
			done[next] = true;
			apply(build, (enum option_id)next);
		}
	} while (next != OPTIONS);
}

void
options_apply(struct build *build)
{
	for (unsigned i = 0; i < OPTIONS; i++)
		if (i < OPTION_RLIMIT_AS || i > OPTION_RLIMIT_STACK)
			apply(build, (enum option_id)i);
	apply_rlimits(build);
}
