/*
 * superd.conf(5) against the table of attributes: every option, where it may
 * stand, how many values it takes and of what kind, and what it is where
 * nobody says it.
 */
#include "tests/unit/unit.h"

#include "conf/source.h"
#include "conf/type.h"
#include "conf/xalloc.h"

static const char page[] = "man/superd.conf.5";

enum { DEFAULT_MAX = 64 };

/* An item of a list: ".It Cm NAME No = FORM", and its text. */
struct item {
	enum option_id id;
	enum option_where where; /* IN_GLOBAL or IN_SERVICE */
	char *form;
	const char *text; /* up to the next item of an option */
	size_t length;
};

struct manual {
	struct source source;
	struct item *items;
	size_t count;
	char *apart; /* what cannot have a default: " a b " */
};

static void
add_item(struct manual *manual, const char *line, size_t length,
    enum option_where where)
{
	static const char start[] = ".It Cm ", middle[] = " No = ";
	char *copy = xstrndup(line, length), *name = copy, *form;
	struct item *item;

	name += sizeof(start) - 1;
	form = strstr(copy, middle);
	if (strncmp(copy, start, sizeof(start) - 1) != 0 || form == NULL) {
		free(copy);
		return;
	}
	*form = '\0';
	manual->items = xreallocarray(manual->items, manual->count + 1,
	    sizeof(*item));
	item = &manual->items[manual->count++];
	item->id = option_find(name);
	if (item->id == OPTIONS || attributes[item->id].where == 0)
		fail_msg("%s is no option", name);
	item->where = where;
	item->form = xstrdup(form + sizeof(middle) - 1);
	item->text = line + length;
	item->length = 0;
	free(copy);
}

/* ".Cm name , type ," and the like, up to ".El" */
static void
note_apart(struct manual *manual, const char *text)
{
	const char *end = strstr(text, "\n.El");
	char *copy, *rest, *word;

	assert_non_null(end);
	rest = copy = xstrndup(text, (size_t)(end - text));
	manual->apart = xstrdup(" ");
	while ((word = strsep(&rest, " \n,")) != NULL) {
		char *before = manual->apart;

		if (option_find(word) == OPTIONS)
			continue;
		manual->apart = xasprintf("%s%s ", before, word);
		free(before);
	}
	free(copy);
}

static void
manual_read(struct manual *manual)
{
	static const char apart[] = "All options of a service can stand here "
				    "but\n";
	enum option_where where = 0;
	struct reports reports;
	const char *line, *end;

	memset(manual, 0, sizeof(*manual));
	reports_init(&reports);
	assert_int_equal(source_read(&manual->source, page, false, &reports),
	    0);
	reports_free(&reports);
	for (line = manual->source.text; (end = strchr(line, '\n')) != NULL;
	     line = end + 1) {
		if (strncmp(line, ".Sh ", 4) == 0)
			where = strncmp(line, ".Sh OUTSIDE", 11) == 0 ?
			    IN_GLOBAL :
			    strncmp(line, ".Sh SERVICES", 12) == 0 ?
			    IN_SERVICE :
			    0;
		if (where != 0)
			add_item(manual, line, (size_t)(end - line), where);
		if (manual->count > 0 && where != 0)
			manual->items[manual->count - 1].length = (size_t)(end -
			    manual->items[manual->count - 1].text);
		if (strncmp(line, apart, sizeof(apart) - 1) == 0)
			note_apart(manual, end);
	}
}

static void
manual_free(struct manual *manual)
{
	for (size_t i = 0; i < manual->count; i++)
		free(manual->items[i].form);
	free(manual->items);
	free(manual->apart);
	source_free(&manual->source);
}

static bool
has_item(const struct manual *manual, enum option_id id,
    enum option_where where)
{
	for (size_t i = 0; i < manual->count; i++)
		if (manual->items[i].id == id &&
		    manual->items[i].where == where)
			return true;
	return false;
}

static void
every_option_is_where_it_may_stand(void **state)
{
	static const enum option_where wheres[] = { IN_GLOBAL, IN_SERVICE };
	struct manual manual;

	(void)state;
	manual_read(&manual);
	for (unsigned i = 0; i < OPTIONS; i++)
		for (size_t w = 0; w < 2; w++)
			if (((attributes[i].where & wheres[w]) != 0) !=
			    has_item(&manual, (enum option_id)i, wheres[w]))
				fail_msg("%s %s", attributes[i].name,
				    w == 0 ? "outside of sections" :
					     "in services");
	manual_free(&manual);
}

static void
what_cannot_have_a_default_is_listed(void **state)
{
	struct manual manual;

	(void)state;
	manual_read(&manual);
	assert_non_null(manual.apart);
	for (unsigned i = 0; i < OPTIONS; i++) {
		unsigned where = attributes[i].where;
		char *word;

		if (!(where & IN_SERVICE))
			continue;
		word = xasprintf(" %s ", attributes[i].name);
		if ((strstr(manual.apart, word) != NULL) ==
		    ((where & IN_DEFAULTS) != 0))
			fail_msg("%s", attributes[i].name);
		free(word);
	}
	manual_free(&manual);
}

/* "Brq Ar value , ..." for lists, "Brq Ar a , Ar b" for two values. */
static bool
is_form_of(const struct attribute *attribute, const char *form)
{
	bool braces = strncmp(form, "Brq ", 4) == 0;
	size_t length = strlen(form);
	bool open = length > 3 && strcmp(form + length - 3, "...") == 0;

	if (attribute->most == 0)
		return braces && open;
	return attribute->most > 1 || (!braces && !open);
}

/* The word that the page has for values of a type. */
static const char *
word_of(const struct type *type)
{
	static const struct {
		const struct type *type;
		const char *word;
	} words[] = {
		{ &type_bool, "Ar boolean" },
		{ &type_wait, "Ar boolean" },
		{ &type_libwrap, "Ar boolean" },
		{ &type_path, "Ar path" },
		{ &type_count, "Ar number" },
		{ &type_backlog, "Ar number" },
		{ &type_processes, "Ar number" },
		{ &type_nice, "Ar number" },
		{ &type_size, "Ar size" },
		{ &type_memory, "Ar size" },
		{ &type_duration, "Ar time" },
		{ &type_timeout, "Ar time" },
		{ &type_time_limit, "Ar time" },
		{ &type_grace, "Ar time" },
		{ &type_idle, "Ar time" },
		{ &type_deny_time, "Ar time" },
		{ &type_rate, "Ar rate" },
		{ &type_load, "Ar load" },
		{ &type_mode, "Ar mode" },
		{ &type_umask, "Ar mode" },
		{ &type_facility, "Ar facility" },
		{ &type_env, "Brq Ar NAME=value , ..." },
		{ &type_passenv, "Brq Ar NAME , ..." },
		{ &type_addresses, "Brq Ar rule , ..." },
		{ &type_only_from, "Brq Ar rule , ..." },
		{ &type_log_on, "Brq Ar word , ..." },
		{ &type_flags, "Brq Ar flag , ..." },
		{ &type_paths, "Brq Ar path , ..." },
		{ &type_rlimit, "Ar soft Ns \\&: Ns Ar hard" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].type == type)
			return words[i].word;
	return NULL;
}

static void
values_have_the_form_that_their_type_takes(void **state)
{
	struct manual manual;

	(void)state;
	manual_read(&manual);
	assert_true(manual.count > 80);
	for (size_t i = 0; i < manual.count; i++) {
		const struct item *item = &manual.items[i];
		const struct attribute *attribute = &attributes[item->id];
		const char *word = word_of(attribute->type);

		if (!is_form_of(attribute, item->form) ||
		    (word != NULL && strcmp(word, item->form) != 0))
			fail_msg("%s = %s", attribute->name, item->form);
	}
	manual_free(&manual);
}

/* As the page says it; false for what is not a number here. */
static bool
default_text(const struct attribute *attribute, char *text)
{
	const struct type *type = attribute->type;
	unsigned usual = attribute->usual;

	if (type == &type_mode)
		snprintf(text, DEFAULT_MAX, "by default %04o", usual);
	else if (type == &type_umask)
		snprintf(text, DEFAULT_MAX, "By default %03o", usual);
	else if (type == &type_idle && usual == 60 * 60)
		snprintf(text, DEFAULT_MAX, "by default one\nhour");
	else if (type == &type_idle)
		snprintf(text, DEFAULT_MAX, "by default %u minutes",
		    usual / 60);
	else
		return false;
	return true;
}

static void
defaults_are_what_the_page_says(void **state)
{
	struct manual manual;
	size_t found = 0;

	(void)state;
	manual_read(&manual);
	for (size_t i = 0; i < manual.count; i++) {
		const struct item *item = &manual.items[i];
		char wanted[DEFAULT_MAX], *text;

		if (item->where == IN_GLOBAL ||
		    !default_text(&attributes[item->id], wanted))
			continue;
		text = xstrndup(item->text, item->length);
		if (strstr(text, wanted) == NULL)
			fail_msg("%s: %s", attributes[item->id].name, wanted);
		free(text);
		found++;
	}
	assert_int_equal(found, 4);
	manual_free(&manual);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_is_where_it_may_stand),
		cmocka_unit_test(what_cannot_have_a_default_is_listed),
		cmocka_unit_test(values_have_the_form_that_their_type_takes),
		cmocka_unit_test(defaults_are_what_the_page_says),
	};

	return cmocka_run_group_tests(tests, find_pages, NULL);
}
