/* Attributes by name and place; their rows are in attribute_rows.c. */
#include "conf/attribute.h"

#include <string.h>

enum option_id
option_find(const char *name)
{
	unsigned i;

	for (i = 0; i < OPTIONS; i++)
		if (attributes[i].name != NULL &&
		    strcmp(attributes[i].name, name) == 0)
			break;
	return (enum option_id)i;
}

const char *
option_name(enum option_id id)
{
	return attributes[id].name;
}

const char *
option_hint(struct hint *hint, const char *name, enum option_where where)
{
	const char *names[OPTIONS + 1];
	size_t n = 0;

	for (size_t i = 0; i < OPTIONS; i++)
		if (attributes[i].where & where)
			names[n++] = attributes[i].name;
	names[n] = NULL;
	return report_hint(hint, name, names);
}

bool
option_may_stand(enum option_id id, enum option_where where)
{
	return (attributes[id].where & where) != 0;
}

bool
option_is_list(enum option_id id)
{
	return attributes[id].most == 0;
}

const char *
option_count_is_wrong(enum option_id id, size_t count)
{
	const struct attribute *attribute = &attributes[id];

	if (count >= attribute->least &&
	    (attribute->most == 0 || count <= attribute->most))
		return NULL;
	if (attribute->least == 1 && attribute->most == 1)
		return "expected one value";
	if (attribute->least == 2)
		return "expected two values";
	return attribute->least == 1 && attribute->most == 0 ?
	    "expected at least one value" :
	    "wrong number of values";
}
