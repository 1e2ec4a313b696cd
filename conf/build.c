/* What is wrong in a draft, said at its place. */
#include "conf/build.h"

#include "conf/service.h"

/* Is this the place of a value, or of an option, that the defaults say? */
static bool
is_inherited(const struct build *build, const struct place *place)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct setting *setting = &build->draft->settings[i];

		if (setting->borrowed && place == &setting->place)
			return true;
		for (size_t v = 0; v < setting->count; v++)
			if (place == &setting->values[v].place)
				return setting->borrowed ||
				    setting->values[v].inherited;
	}
	return false;
}

/* Of one value: was it told when the defaults were checked? */
static bool
is_told(const struct build *build, const struct place *place)
{
	return !build->defaults && build->attribute != NULL &&
	    is_inherited(build, place);
}

void
build_refuse(struct build *build, const struct place *place, const char *fmt,
    ...)
{
	enum report_level level = build->manner->bad_value;
	va_list ap;

	/* what is wrong in defaults is wrong for every service */
	if (build->defaults || is_inherited(build, place))
		level = REPORT_SYNTAX;
	va_start(ap, fmt);
	report_addv(build->loader->reports, level, place, fmt, ap);
	va_end(ap);
	build->bad = true;
	if (build->service != NULL)
		service_fail(build->service, false);
}

void
build_fail(struct build *build, bool retry, const struct place *place,
    const char *fmt, ...)
{
	enum report_level level = build->defaults || is_told(build, place) ?
	    build->manner->failed_default :
	    REPORT_UNSERVABLE;
	va_list ap;

	va_start(ap, fmt);
	report_addv(build->loader->reports, level, place, fmt, ap);
	va_end(ap);
	service_fail(build->service, retry);
}

void
build_warn(struct build *build, const struct place *place, const char *fmt, ...)
{
	va_list ap;

	if (is_told(build, place))
		return;
	va_start(ap, fmt);
	report_addv(build->loader->reports, REPORT_WARNING, place, fmt, ap);
	va_end(ap);
}

void
build_wants(struct build *build, size_t i, const char *what)
{
	const struct value *value = &build->setting->values[i];

	build_refuse(build, &value->place, "%s %s: expected %s",
	    build->attribute->name, value->text, what);
}
