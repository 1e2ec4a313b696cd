/*
 * superctl(8) against the rows of what is told: it names every key, and
 * nothing that is none.
 */
#include "tests/unit/unit.h"

#include "conf/source.h"
#include "conf/xalloc.h"
#include "superd/commands.h"
#include "superd/control/denials.h"
#include "superd/control/sessions.h"
#include "superd/explain.h"
#include "superd/control/why.h"
#include "superd/control/facts.h"
#include "superd/running/reasons.h"
#include "superd/running/share.h"

static const char page[] = "man/superctl.8";

struct words {
	char text[8192]; /* " a b " */
};

static void
add_word(struct words *words, const char *word)
{
	size_t used = strlen(words->text);

	assert_true(used + strlen(word) + 2 < sizeof(words->text));
	snprintf(words->text + used, sizeof(words->text) - used, "%s%s ",
	    used == 0 ? " " : "", word);
}

static bool
has_word(const struct words *words, const char *word)
{
	char *spaced = xasprintf(" %s ", word);
	bool found = strstr(words->text, spaced) != NULL;

	free(spaced);
	return found;
}

static void
add_keys(struct words *keys, const struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++) {
		if (facts->rows[i].key != NULL)
			add_word(keys, facts->rows[i].key);
		if (facts->rows[i].within != NULL)
			add_keys(keys, facts->rows[i].within);
	}
}

/* With the names of what is told by name. */
static void
find_keys(struct words *keys)
{
	keys->text[0] = '\0';
	add_keys(keys, &superd_facts);
	add_keys(keys, &reload_facts);
	add_keys(keys, &session_facts);
	add_keys(keys, &denied_facts);
	add_keys(keys, &explain_facts);
	add_keys(keys, &why_facts);
	add_keys(keys, &session_count_facts);
	for (unsigned i = 0; i < PLACES; i++)
		add_word(keys, share_place_name(i));
	for (unsigned i = ADMITTED + 1; i < REFUSAL_COUNT; i++)
		add_word(keys, refusal_name(i));
}

/* The words of the section on JSON; literal: those that stand for what is in
 * an answer. */
static void
read_section(struct words *found, bool literal)
{
	struct source source;
	struct reports reports;
	char *rest, *line, *word;

	reports_init(&reports);
	assert_int_equal(source_read(&source, page, false, &reports), 0);
	reports_free(&reports);
	found->text[0] = '\0';
	rest = strstr(source.text, "\n.Ss JSON\n");
	assert_non_null(rest);
	*strstr(rest, "\n.Sh ") = '\0';
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (literal && strncmp(line, ".Li ", 4) != 0)
			continue;
		while ((word = strsep(&line, " ,:;().")) != NULL)
			if (word[0] != '\0' && strcmp(word, "Li") != 0)
				add_word(found, word);
	}
	source_free(&source);
}

static void
every_key_is_in_the_page(void **state)
{
	struct words keys, found;
	char *rest = keys.text, *key;

	(void)state;
	find_keys(&keys);
	read_section(&found, false);
	while ((key = strsep(&rest, " ")) != NULL)
		if (key[0] != '\0' && !has_word(&found, key))
			fail_msg("%s: superctl(8) does not tell of it", key);
}

/* Reasons to pause that no client is refused for, and reload's error. */
static const char *const others[] = { "backoff", "worker", "error" };

static bool
is_other(const char *word)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i], word) == 0)
			return true;
	return false;
}

static void
every_key_in_the_page_is_one(void **state)
{
	struct words keys, found;
	char *rest = found.text, *word;

	(void)state;
	find_keys(&keys);
	read_section(&found, true);
	while ((word = strsep(&rest, " ")) != NULL)
		if (word[0] != '\0' && !has_word(&keys, word) &&
		    !is_other(word))
			fail_msg("%s is in superctl(8), and in no row", word);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_in_the_page),
		cmocka_unit_test(every_key_in_the_page_is_one),
	};

	return cmocka_run_group_tests(tests, find_pages, NULL);
}
