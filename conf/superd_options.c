/*
 * Applying the options of one section: each by its type, which turns its
 * texts into one member of the model.  What several options mean together is
 * not known here.
 */
#include "conf/superd_options.h"

#include "conf/type.h"

/* Reports. */

void
build_refuse(struct build *build, const struct place *place,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_addv(build->loader->reports, REPORT_SYNTAX, place, fmt, ap);
	va_end(ap);
	build->bad = true;
	if (build->service != NULL)
		build->service->unservable = true;
}

void
build_wants(struct build *build, const struct attribute *attribute,
    const struct setting *setting, size_t i, const char *what)
{
	build_refuse(build, &setting->places[i], "%s %s: %s was expected",
	    attribute->name, setting->values[i], what);
}

/* Applying them. */

static void
apply(struct build *build, enum option_id id)
{
	const struct attribute *attribute = &attributes[id];
	const struct setting *setting = &build->settings[id];
	bool service = build->service != NULL;
	char *owner = service ? (char *)build->service :
	    (char *)build->globals;
	size_t at = service ? attribute->in_service : attribute->in_globals;

	if (setting->set && attribute->type->set != NULL)
		attribute->type->set(build, attribute, setting, owner +
		    (at != NOWHERE ? at : 0));
}

/* Resource limits are a list in the model: it has the order of the lines. */
static void
apply_rlimits(struct build *build)
{
	bool done[OPTIONS] = { false };
	size_t next;

	do {
		next = OPTIONS;
		for (size_t i = OPTION_RLIMIT_AS; i <= OPTION_RLIMIT_STACK;
		    i++)
			if (build->settings[i].set && !done[i] &&
			    (next == OPTIONS || build->settings[i].sequence <
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
