/* What both halves of a section need. */
#include "conf/superd_section.h"

#include "conf/units.h"

bool
build_decide(struct build *build, enum option_id id, bool otherwise)
{
	const char *text = value(build, id);
	bool result = otherwise;

	if (text != NULL && parse_bool(text, &result) != 0)
		build_refuse(build, place_of(build, id),
		    "%s %s: yes or no was expected", option_name(id), text);
	return result;
}

void
build_unknown(struct build *build, enum option_id id, const char *what,
    const char *text, const char *const *names)
{
	struct hint hint;

	build_refuse(build, place_of(build, id), "unknown %s %s%s", what, text,
	    report_hint(&hint, text, names));
}

/* For rules.c. */

static struct said
said(const void *arg, enum option_id id)
{
	const struct build *build = arg;

	if (id == OPTION_ONLY_FROM && !setting(build, id)->set)
		id = OPTION_NO_ACCESS;
	return (struct said){ place_of(build, id), says_itself(build, id) };
}

const struct rules *
build_rules(struct build *build, struct rules *rules)
{
	rules->loader = build->loader;
	rules->service = build->service;
	rules->said = said;
	rules->entry = build;
	return rules;
}
