/* Facts for people: a line as the words that its facts have there. */
#include <string.h>

#include "superd/control/fact.h"

struct sentence {
	struct text *text;
	unsigned line;
	const char *label;
	bool begun;
};

/* Puts the label in front of a line's first words. */
static void
say(struct sentence *sentence, const char *words)
{
	if (words == NULL)
		return;
	if (!sentence->begun) {
		if (sentence->label != NULL)
			text_add(sentence->text, "  %-11s", sentence->label);
		if (strncmp(words, ", ", 2) == 0)
			words += 2;
		sentence->begun = true;
	}
	text_add(sentence->text, "%s", words);
}

/* The first one is the program's name. */
static void
say_words(struct text *text, char *const words[])
{
	for (size_t i = 0; words[i] != NULL; i++) {
		bool quoted = i > 0 &&
		    (words[i][0] == '\0' || strpbrk(words[i], " \t\n") != NULL);
		const char *quote = quoted ? "\"" : "";

		text_add(text, "%s%s%s%s", i > 0 ? " " : "", quote, words[i],
		    quote);
	}
}

static void
say_value(struct sentence *sentence, const struct fact *fact,
    const struct fact_value *value)
{
	switch (fact->kind) {
	case FACT_TEXT:
		say(sentence, value->text);
		break;
	case FACT_WORDS:
		say_words(sentence->text, value->words);
		break;
	case FACT_BOOL:
		say(sentence, value->yes ? "yes" : "no");
		break;
	case FACT_SECONDS:
		text_add(sentence->text, "%.*f", fact->whole ? 0 : 1,
		    value->seconds);
		break;
	default:
		text_add(sentence->text, "%lld", (long long)value->number);
	}
}

static bool
is_untold(const struct fact *fact, const struct fact_value *value)
{
	if (fact->kind == FACT_WORDS)
		return value->words == NULL || value->words[0] == NULL;
	return value->none || (fact->some && value->number == 0);
}

static void
say_fact(struct sentence *sentence, const struct fact *fact,
    const struct fact_value *value)
{
	bool untold = is_untold(fact, value);

	if (untold && fact->missing == NULL)
		return;
	say(sentence, fact->before != NULL ? fact->before : "");
	if (untold)
		say(sentence, fact->missing);
	else
		say_value(sentence, fact, value);
	say(sentence, fact->after);
}

/* Lists: a line for each. */

static void say_facts(struct sentence *, const struct facts *,
    const void *object);

struct element_line {
	const struct sentence *sentence;
	const struct fact *fact;
};

static void
say_named(struct sentence *sentence, const struct fact *fact, const char *name,
    const void *element)
{
	const struct fact *bare = fact->within->rows;
	struct fact_value value;

	fact_value(bare, element, &value);
	if (value.number == 0)
		return;
	say(sentence, fact->before != NULL ? fact->before : "");
	text_add(sentence->text, "%s: %lld", name, (long long)value.number);
}

static void
say_element(void *arg, const char *name, const void *element)
{
	const struct element_line *line = arg;
	struct sentence sentence = *line->sentence;

	if (name != NULL)
		say_named(&sentence, line->fact, name, element);
	else
		say_facts(&sentence, line->fact->within, element);
	if (sentence.begun)
		text_add(sentence.text, "\n");
}

/* Is any of them in this line?  To find objects may take its time. */
static bool
speak(const struct facts *facts, unsigned line)
{
	for (size_t i = 0; i < facts->count; i++) {
		const struct fact *fact = &facts->rows[i];

		if (fact->line == line ||
		    (fact->each == NULL && fact->within != NULL &&
			speak(fact->within, line)))
			return true;
	}
	return false;
}

static void
say_within(struct sentence *sentence, const struct fact *fact,
    const void *object)
{
	struct fact_value value;

	if (!speak(fact->within, sentence->line))
		return;
	fact_value(fact, object, &value);
	if (value.none)
		return;
	say(sentence, fact->before);
	say_facts(sentence, fact->within, value.object);
}

static void
say_facts(struct sentence *sentence, const struct facts *facts,
    const void *object)
{
	for (size_t i = 0; i < facts->count; i++) {
		const struct fact *fact = &facts->rows[i];
		struct element_line line = { sentence, fact };
		struct fact_value value;

		if (fact->each == NULL && fact->within != NULL) {
			say_within(sentence, fact, object);
		} else if (fact->line == sentence->line) {
			if (fact->each != NULL) {
				fact->each(object, say_element, &line);
				continue;
			}
			fact_value(fact, object, &value);
			say_fact(sentence, fact, &value);
		}
	}
}

void
facts_lines(struct text *text, const struct facts *facts, const void *object,
    const struct fact_line lines[], size_t count)
{
	for (unsigned i = 1; i < count; i++) {
		struct sentence sentence = { text, i, lines[i].label, false };

		if (lines[i].told != NULL && !lines[i].told(object))
			continue;
		say_facts(&sentence, facts, object);
		if (sentence.begun)
			text_add(text, "\n");
	}
}
