/* What is wrong in a draft, said at its place. */
#include "conf/build.h"

void
build_refuse(struct build *build, const struct place *place, const char *fmt,
    ...)
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
	build_refuse(build, &setting->values[i].place, "%s %s: %s was expected",
	    attribute->name, setting->values[i].text, what);
}
