/*
 * From the entries of xinetd.conf to drafts, and to services: words become
 * superd.conf's, lines of one attribute become one list, and defaults hold
 * where an entry says nothing.
 */
#include "conf/xinetd.h"

#include <stdlib.h>
#include <string.h>

#include "conf/make.h"
#include "conf/manner.h"
#include "conf/service.h"
#include "conf/xalloc.h"

static void
say(struct turn *turn, struct draft *draft, const char *word, size_t i)
{
	const struct xattribute *attribute = turn->line->attribute;
	struct setting *setting = &draft->settings[attribute->option];
	char *turned;

	turn->failed = false;
	turned = attribute->turn == NULL ?
	    NULL :
	    attribute->turn(turn, word, i);
	if (!turn->failed) {
		draft_say(draft, attribute->option,
		    turned != NULL ? turned : word, &turn->line->place);
		setting->values[setting->count - 1].remove = turn->line->how ==
		    OP_REMOVE;
	}
	free(turned);
}

/* "a,b" is two addresses; within braces a comma belongs to the address. */
static void
say_word(struct turn *turn, struct draft *draft, const char *word, size_t i)
{
	const struct xattribute *attribute = turn->line->attribute;
	char *copy, *rest, *one;

	if ((attribute->flags & ADDRESSES) == 0 || strchr(word, '{') != NULL ||
	    strchr(word, ',') == NULL) {
		say(turn, draft, word, i);
		return;
	}
	turn_report(turn, REPORT_WARNING,
	    "%s: a comma separates addresses: xinetd does not serve this entry",
	    attribute->name);
	copy = rest = xstrdup(word);
	while ((one = strsep(&rest, ",")) != NULL)
		if (one[0] != '\0')
			say(turn, draft, one, i);
	free(copy);
}

/* In defaults "=" means "+=". */
static void
say_line(struct turn *turn, struct draft *draft)
{
	const struct line *line = turn->line;
	enum option_id option = line->attribute->option;
	struct setting *setting = &draft->settings[option];
	bool sets = line->how == OP_SET && !turn->in_defaults;

	if (sets)
		draft_unsay(draft, option);
	if (!setting->set) {
		setting->set = true;
		setting->append = !sets && (line->attribute->flags & AGAIN);
		setting->place = line->place;
	}
	for (size_t i = 0; line->values[i] != NULL; i++)
		say_word(turn, draft, line->values[i], i);
	if (turn->failed && setting->count == 0)
		draft_unsay(draft, option);
}

static void
say_entry(struct xinetd *xinetd, struct loader *loader, struct xentry *entry,
    struct draft *draft)
{
	struct turn turn = { .loader = loader,
		.entry = entry,
		.in_defaults = entry == &xinetd->defaults };

	for (size_t i = 0; i < entry->count; i++) {
		turn.line = &entry->lines[i];
		turn.failed = false;
		if (turn.line->attribute->option != OPTIONS)
			say_line(&turn, draft);
		else if (turn.line->attribute->turn != NULL)
			turn.line->attribute->turn(&turn, "", 0);
	}
}

/* Once, and not for each service that they are meant for. */
static void
read_defaults(struct xinetd *xinetd, struct draft *draft)
{
	struct manner manner = *manner_of(DIALECT_XINETD);

	say_entry(xinetd, xinetd->loader, &xinetd->defaults, draft);
	manner.bad_value = REPORT_SYNTAX;
	if (!draft_remove(draft, &manner, xinetd->loader->reports))
		xinetd->defaults.broken = true;
	defaults_check(xinetd->loader, DIALECT_XINETD, draft);
}

static void
make_service(struct xinetd *xinetd, struct loader *loader, struct xentry *entry,
    const struct draft *defaults, bool disabled)
{
	struct draft draft = { 0 };
	bool good;

	say_entry(xinetd, loader, entry, &draft);
	draft_say(&draft, OPTION_NAME, entry->name, &entry->place);
	if (!draft.settings[OPTION_ID].set)
		draft_say(&draft, OPTION_ID, entry->name, &entry->place);
	if (disabled) {
		draft_unsay(&draft, OPTION_DISABLE);
		draft_say(&draft, OPTION_DISABLE, "yes", &entry->place);
	}
	draft_inherit(&draft, defaults);
	good = draft_remove(&draft, manner_of(DIALECT_XINETD), loader->reports);
	service_make(loader, DIALECT_XINETD, &draft, &entry->place,
	    !good || entry->broken || xinetd->defaults.broken);
	draft_free(&draft);
}

/* A disabled entry is read as far as it goes: nobody wants to hear about
 * it. */
static void
make_disabled(struct xinetd *xinetd, struct xentry *entry,
    const struct draft *defaults)
{
	struct loader loader = *xinetd->loader;
	struct conf *conf = loader.conf;
	struct reports unheard;

	reports_init(&unheard);
	loader.reports = &unheard;
	make_service(xinetd, &loader, entry, defaults, true);
	conf->services[conf->count - 1]->unservable = false;
	reports_free(&unheard);
}

void
xinetd_make_services(struct xinetd *xinetd)
{
	char **enabled, **disabled;
	size_t from = xinetd->loader->conf->count;
	struct draft defaults = { 0 };

	for (size_t i = 0; i < xinetd->count; i++)
		xinetd->entries[i].id = xinetd_entry_id(&xinetd->entries[i]);
	read_defaults(xinetd, &defaults);
	enabled = xinetd_switch_list(xinetd, "enabled");
	disabled = xinetd_switch_list(xinetd, "disabled");
	for (size_t i = 0; i < xinetd->count; i++) {
		struct xentry *entry = &xinetd->entries[i];

		reports_next_subject(xinetd->loader->reports);
		if (xinetd_is_disabled(entry, enabled, disabled))
			make_disabled(xinetd, entry, &defaults);
		else
			make_service(xinetd, xinetd->loader, entry, &defaults,
			    false);
	}
	reports_no_subject(xinetd->loader->reports);
	xinetd_make_ids_differ(xinetd->loader, from);
	draft_free(&defaults);
	strings_free(enabled);
	strings_free(disabled);
}
