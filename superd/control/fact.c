/* The value of a fact, and its JSON. */
#include "superd/control/fact.h"

#include "conf/conf.h"

static void
limit_value(unsigned limit, struct fact_value *value)
{
	value->number = limit;
	value->none = !is_limit(limit);
}

static void
member_value(const struct fact *fact, const char *member,
    struct fact_value *value)
{
	switch (fact->kind) {
	case FACT_TEXT:
		value->text = *(char *const *)(const void *)member;
		break;
	case FACT_WORDS:
		value->words = *(char *const *const *)(const void *)member;
		break;
	case FACT_BOOL:
		value->yes = *(const bool *)(const void *)member;
		break;
	case FACT_INT:
		value->number = *(const int *)(const void *)member;
		break;
	case FACT_NUMBER:
		value->number = *(const unsigned *)(const void *)member;
		break;
	case FACT_SIZE:
		value->number = (int64_t) *
		    (const size_t *)(const void *)member;
		break;
	case FACT_COUNTER:
		value->number = (int64_t) *
		    (const uint64_t *)(const void *)member;
		break;
	case FACT_LIMIT:
		limit_value(*(const unsigned *)(const void *)member, value);
		break;
	case FACT_SECONDS:
		value->seconds = *(const double *)(const void *)member;
		break;
	default:
		value->object = member;
	}
}

void
fact_value(const struct fact *fact, const void *object,
    struct fact_value *value)
{
	value->none = false;
	value->object = NULL;
	if (fact->get != NULL)
		fact->get(object, value);
	else
		member_value(fact, (const char *)object + fact->offset, value);
	if (fact->kind == FACT_TEXT)
		value->none = value->text == NULL;
	else if (fact->kind == FACT_OBJECT || fact->kind == FACT_PART)
		value->none = value->object == NULL;
}

/* JSON. */

struct json_list {
	struct text *text;
	const struct facts *within;
};

static void json_fact(struct text *, const struct fact *, const char *name,
    const void *object);

static void
json_element(void *arg, const char *name, const void *element)
{
	const struct json_list *list = arg;

	if (list->within->bare)
		json_fact(list->text, list->within->rows, name, element);
	else
		facts_json_object(list->text, name, list->within, element);
}

static void
json_words(struct text *text, const char *name, char *const words[])
{
	json_open(text, name, '[');
	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		json_string(text, NULL, words[i]);
	json_close(text, ']');
}

static void
json_value(struct text *text, const struct fact *fact, const char *name,
    const struct fact_value *value)
{
	switch (fact->kind) {
	case FACT_TEXT:
		json_string(text, name, value->text);
		break;
	case FACT_WORDS:
		json_words(text, name, value->words);
		break;
	case FACT_BOOL:
		json_bool(text, name, value->yes);
		break;
	case FACT_SECONDS:
		json_real(text, name, value->seconds);
		break;
	case FACT_OBJECT:
		facts_json_object(text, name, fact->within, value->object);
		break;
	case FACT_PART:
		facts_json(text, fact->within, value->object);
		break;
	default:
		json_number(text, name, value->number);
	}
}

static void
json_list(struct text *text, const struct fact *fact, const char *name,
    const void *object)
{
	struct json_list list = { text, fact->within };

	if (fact->kind == FACT_LIST)
		json_open(text, name, '[');
	fact->each(object, json_element, &list);
	if (fact->kind == FACT_LIST)
		json_close(text, ']');
}

static void
json_fact(struct text *text, const struct fact *fact, const char *name,
    const void *object)
{
	struct fact_value value;

	if (fact->each != NULL) {
		json_list(text, fact, name, object);
		return;
	}
	fact_value(fact, object, &value);
	if (!value.none)
		json_value(text, fact, name, &value);
	else if (fact->kind != FACT_PART)
		json_string_or_null(text, name, NULL);
}

/* These have no key, as it is their members that are told. */
static bool
is_transparent(const struct fact *fact)
{
	return fact->kind == FACT_PART || fact->kind == FACT_NAMED;
}

void
facts_json(struct text *text, const struct facts *facts, const void *object)
{
	for (size_t i = 0; i < facts->count; i++) {
		const struct fact *fact = &facts->rows[i];

		if (fact->key != NULL || is_transparent(fact))
			json_fact(text, fact, fact->key, object);
	}
}

void
facts_json_object(struct text *text, const char *name,
    const struct facts *facts, const void *object)
{
	json_open(text, name, '{');
	facts_json(text, facts, object);
	json_close(text, '}');
}

void
facts_json_line(struct text *text, const struct facts *facts,
    const void *object)
{
	facts_json_object(text, NULL, facts, object);
	text_add(text, "\n");
}
