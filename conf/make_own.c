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
		    "%s %s: expected yes or no", option_name(id), text);
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
