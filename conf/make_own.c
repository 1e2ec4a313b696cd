/* What the files of make share. */
#include "conf/make_own.h"

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

void
build_lacks(struct build *build, const char *what)
{
	if (!build->bad && !build->service->disabled)
		build_refuse(build, &build->service->place, "%s", what);
}

/* For rules.c. */

static struct said
said(const void *arg, enum option_id id)
{
	const struct build *build = arg;

	if (id == OPTION_ONLY_FROM && !setting(build, id)->set)
		id = OPTION_NO_ACCESS;
	if (build->manner->as_xinetd && id == OPTION_MULTICAST)
		id = OPTION_BIND;
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
