/* Definitions with limits of their own. */
#include "superd/running/override.h"

#include <stdlib.h>
#include <string.h>

#include "conf/attribute.h"
#include "conf/type.h"
#include "superd/base/text.h"
#include "superd/running/records.h"

struct override {
	const struct service *base;
	struct service service;
	char *values[OPTIONS]; /* as they were set, or NULL */
	struct text text;
};

/* A limit that is one value; NULL: it is none. */
static const struct attribute *
settable(const char *name, enum option_id *option)
{
	const struct attribute *attribute;

	*option = option_find(name);
	if (*option == OPTIONS)
		return NULL;
	attribute = &attributes[*option];
	if (attribute->in_service < offsetof(struct service, limits) ||
	    attribute->in_service >=
		offsetof(struct service, limits) + sizeof(struct limits))
		return NULL;
	return attribute->type->parse != NULL && attribute->most == 1 ?
	    attribute :
	    NULL;
}

const char *
override_wants(const char *name)
{
	enum option_id option;
	const struct attribute *attribute = settable(name, &option);

	return attribute != NULL ? attribute->type->wants : NULL;
}

const char *
override_hint(struct hint *hint, const char *name)
{
	const char *names[OPTIONS + 1];
	size_t count = 0;
	enum option_id option;

	for (unsigned i = 0; i < OPTIONS; i++)
		if (option_name(i) != NULL &&
		    settable(option_name(i), &option) != NULL)
			names[count++] = option_name(i);
	names[count] = NULL;
	return report_hint(hint, name, names);
}

enum override_result
override_check(const char *name, const char *value)
{
	struct service trial = { .id = NULL };
	enum option_id option;
	const struct attribute *attribute = settable(name, &option);

	if (attribute == NULL)
		return OVERRIDE_UNKNOWN;
	return attribute->type->parse(value,
		   (char *)&trial + attribute->in_service) ?
	    OVERRIDE_DONE :
	    OVERRIDE_WRONG;
}

/* NULL: there is no memory. */
static struct override *
override_of(struct running *running)
{
	struct override *override = running->override;

	if (override != NULL)
		return override;
	override = calloc(1, sizeof(*override));
	if (override == NULL)
		return NULL;
	override->base = running->service;
	override->service = *running->service;
	running->override = override;
	running->service = &override->service;
	return override;
}

static void
tell_values(struct override *override)
{
	text_free(&override->text);
	for (unsigned i = 0; i < OPTIONS; i++)
		if (override->values[i] != NULL)
			text_add(&override->text, "%s%s=%s",
			    override->text.length > 0 ? " " : "",
			    option_name(i), override->values[i]);
}

enum override_result
override_set(struct running *running, const char *name, const char *value)
{
	enum override_result result = override_check(name, value);
	const struct attribute *attribute;
	struct override *override;
	enum option_id option;
	char *kept;

	if (result != OVERRIDE_DONE)
		return result;
	override = override_of(running);
	kept = strdup(value);
	if (override == NULL || kept == NULL) {
		free(kept);
		return OVERRIDE_NO_MEMORY;
	}
	attribute = settable(name, &option);
	attribute->type->parse(value,
	    (char *)&override->service + attribute->in_service);
	free(override->values[option]);
	override->values[option] = kept;
	tell_values(override);
	return OVERRIDE_DONE;
}

const struct service *
override_base(const struct running *running)
{
	return running->override != NULL ?
	    running->override->base :
	    running->service;
}

void
override_forget(struct running *running)
{
	struct override *override = running->override;

	if (override == NULL)
		return;
	running->override = NULL;
	for (unsigned i = 0; i < OPTIONS; i++)
		free(override->values[i]);
	text_free(&override->text);
	free(override);
}

bool
override_end(struct running *running)
{
	if (running->override == NULL)
		return false;
	running->service = running->override->base;
	override_forget(running);
	return true;
}

const char *
override_text(const struct running *running)
{
	return running->override != NULL ? running->override->text.bytes : NULL;
}
