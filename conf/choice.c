/* Words out of tables. */
#include "conf/choice.h"

#include <strings.h>

#include "conf/type.h"

static void
report_lack(struct build *build, const char *what, enum lack lack,
    const struct place *place)
{
	if (build->service != NULL && build->service->disabled)
		return;
	if (lack == LACK_ALL)
		build_fail(build, false, place, "%s: not supported by superd",
		    what);
	else if (lack != LACK_NONE)
		build_warn(build, place, "%s has no effect", what);
}

const struct choice *
choice_find(const struct choice *choices, const char *word)
{
	for (; choices->name != NULL; choices++)
		if (strcasecmp(choices->name, word) == 0)
			return choices;
	return NULL;
}

const char *
choice_name(const struct choice *choices, unsigned value)
{
	while (choices->name != NULL && choices->value != value)
		choices++;
	return choices->name;
}

enum { CHOICES_MAX = 16 };

static void
unknown_word(struct build *build, size_t i, const struct choice *choices)
{
	const char *names[CHOICES_MAX + 1];
	struct hint hint;
	size_t n;

	for (n = 0; n < CHOICES_MAX && choices[n].name != NULL; n++)
		names[n] = choices[n].name;
	names[n] = NULL;
	build_refuse(build, &build->setting->values[i].place,
	    "%s: unknown word %s%s", build->attribute->name,
	    build->setting->values[i].text,
	    report_hint(&hint, build->setting->values[i].text, names));
}

unsigned
choice_take_all(struct build *build, const struct choice *choices)
{
	unsigned bits = 0;

	for (size_t i = 0; i < build->setting->count; i++) {
		const struct choice *choice = choice_find(choices,
		    build->setting->values[i].text);

		if (choice == NULL) {
			unknown_word(build, i, choices);
			continue;
		}
		bits |= choice->value;
		report_lack(build, choice->name, choice->lack,
		    &build->setting->values[i].place);
	}
	return bits;
}

bool
choice_take(struct build *build, const struct choice *choices, unsigned *value)
{
	const struct choice *choice = choice_find(choices,
	    build->setting->values[0].text);

	if (choice == NULL)
		unknown_word(build, 0, choices);
	else
		*value = choice->value;
	return choice != NULL;
}

void
choice_print_all(const struct output *out, unsigned bits,
    const struct choice *choices)
{
	const char *before = "";

	if (bits == 0)
		return;
	print_name(out);
	fputc('{', out->file);
	for (; choices->name != NULL; choices++)
		if (bits & choices->value) {
			fprintf(out->file, "%s%s", before, choices->name);
			before = ", ";
		}
	fputs("}\n", out->file);
}

void
type_set_parsed(struct build *build, void *member)
{
	const struct type *type = build->attribute->type;

	for (size_t i = 0; i < build->setting->count; i++) {
		const struct value *value = &build->setting->values[i];

		if (type->parse(value->text, member))
			continue;
		if (value->text[0] == '\0')
			build_refuse(build, &value->place, "%s: expected %s",
			    build->attribute->name, type->wants);
		else
			build_wants(build, i, type->wants);
	}
}
