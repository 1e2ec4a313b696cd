/*
 * The reader of superd.conf, on libconfuse; the only file that knows it.
 *
 * The library never sees a file: source.c has read the text, and superd_scan.c
 * has found every brace, operator and name in its place.  Each section is
 * given to the library as a text of its own, for its time grows with the
 * square of the number of titled sections; it says what quoted texts,
 * escapes and variables stand for.
 */
#include "conf/readers.h"

#include <confuse.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/make.h"
#include "conf/service.h"
#include "conf/superd_scan.h"
#include "conf/xalloc.h"

/* One file on its way. */
struct superd_reader {
	struct loader *loader;
	struct source *source;
	struct shape shape;
	struct draft defaults;
	bool bad_defaults; /* a part of them was reported */
	unsigned sequence;
};

/* What stands where it should not. */

static enum option_where
where_of(const struct section *section)
{
	static const enum option_where wheres[] = {
		[SECTION_GLOBAL] = IN_GLOBAL,
		[SECTION_DEFAULTS] = IN_DEFAULTS,
		[SECTION_SERVICE] = IN_SERVICE,
	};

	return wheres[section->kind];
}

static void refuse(struct superd_reader *, struct section *, size_t,
    const char *, ...) __attribute__((format(printf, 4, 5)));

/* The statement is reported, and libconfuse will not see it. */
static void
refuse(struct superd_reader *reader, struct section *section, size_t i,
    const char *fmt, ...)
{
	struct statement *statement = &section->list[i];
	va_list ap;

	va_start(ap, fmt);
	report_addv(reader->loader->reports, REPORT_SYNTAX, &statement->place,
	    fmt, ap);
	va_end(ap);
	source_blank(reader->source, statement->start, statement->end);
	section->broken = true;
}

static void
refuse_name(struct superd_reader *reader, struct section *section, size_t i,
    enum option_id id)
{
	enum option_where where = where_of(section);
	const char *name = section->list[i].name;
	struct hint hint;

	if (id == OPTION_ID)
		refuse(reader, section, i,
		    "the title of a section is its id; name = is its name "
		    "in /etc/services");
	else if (id == OPTIONS)
		refuse(reader, section, i, "unknown option %s%s", name,
		    option_hint(&hint, name, where));
	else if (where == IN_GLOBAL)
		refuse(reader, section, i,
		    "%s belongs in a section: defaults { } or service NAME "
		    "{ }",
		    name);
	else if (option_may_stand(id, IN_GLOBAL))
		refuse(reader, section, i, "%s belongs outside sections", name);
	else
		refuse(reader, section, i, "%s cannot have a default", name);
}

/* The first "id" of a service is its title. */
static bool
may_stand(const struct section *section, size_t i, enum option_id id)
{
	if (id == OPTION_ID)
		return section->kind == SECTION_SERVICE && i == 0;
	return id != OPTIONS && option_may_stand(id, where_of(section));
}

static bool
check_statement(struct superd_reader *reader, struct section *section, size_t i,
    enum option_id id, const struct draft *draft)
{
	const struct statement *statement = &section->list[i];
	const char *why;

	if (!may_stand(section, i, id)) {
		refuse_name(reader, section, i, id);
		return false;
	}
	why = option_count_is_wrong(id, statement->count);
	if (statement->append && !option_is_list(id))
		refuse(reader, section, i,
		    "%s takes one value; use = instead of %s", statement->name,
		    statement->remove ? "-=" : "+=");
	else if (why != NULL)
		refuse(reader, section, i, "%s: %s", statement->name, why);
	else if (draft->settings[id].set && !statement->append)
		refuse(reader, section, i, "%s is already given in line %u",
		    statement->name, draft->settings[id].place.line);
	else
		return true;
	return false;
}

/* The places of the values are known; the values are not yet. */
static void
note_statement(struct superd_reader *reader, const struct statement *statement,
    struct setting *setting)
{
	if (!setting->set) {
		setting->set = true;
		setting->append = statement->append;
		setting->place = statement->place;
		setting->sequence = reader->sequence++;
	}
	draft_note(setting, statement->values, statement->count,
	    statement->remove);
}

/* libconfuse. */

/* What it has to say was said before, and better. */
static void on_error(cfg_t *, const char *, va_list)
    __attribute__((format(printf, 2, 0)));

static void
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	(void)cfg;
	(void)fmt;
	(void)ap;
}

/* Every option is a list of texts; those that do not occur are left out. */
static cfg_t *
new_cfg(const struct draft *draft)
{
	cfg_opt_t list[OPTIONS + 1], end = CFG_END();
	size_t count = 0;
	cfg_t *cfg;

	for (unsigned i = 0; i < OPTIONS; i++)
		if (draft->settings[i].set) {
			cfg_opt_t one = CFG_STR_LIST(option_name(
							 (enum option_id)i),
			    NULL, CFGF_NODEFAULT);

			list[count++] = one;
		}
	list[count] = end;
	cfg = cfg_init(list, CFGF_NONE);
	if (cfg != NULL)
		cfg_set_error_function(cfg, on_error);
	return cfg;
}

static bool
parse(cfg_t *cfg, char *text, size_t length)
{
	FILE *file = fmemopen(text, length, "r");
	bool good;

	if (file == NULL)
		return false;
	good = cfg_parse_fp(cfg, file) == CFG_SUCCESS;
	fclose(file);
	return good;
}

/* False where libconfuse has another number of values than there are. */
static bool
take_values(cfg_t *cfg, struct setting *setting, const char *name)
{
	cfg_opt_t *opt = cfg_getopt(cfg, name);

	if (opt == NULL || cfg_opt_size(opt) != setting->count)
		return false;
	for (unsigned i = 0; i < setting->count; i++)
		setting->values[i].text = xstrdup(cfg_opt_getnstr(opt, i));
	return true;
}

static bool
take_all_values(cfg_t *cfg, struct draft *draft)
{
	bool good = true;

	for (unsigned i = 0; i < OPTIONS; i++) {
		struct setting *setting = &draft->settings[i];

		if (!setting->set ||
		    take_values(cfg, setting, option_name((enum option_id)i)))
			continue;
		setting->set = good = false;
		setting->count = 0;
	}
	return good;
}

/* Sections. */

/* What a section says; false if a part of it was reported. */
static bool
read_section(struct superd_reader *reader, struct section *section,
    struct draft *draft)
{
	char *text = reader->source->text + section->start;
	struct place place = section->place;
	bool good;
	cfg_t *cfg;

	for (size_t i = 0; i < section->count; i++) {
		struct statement *statement = &section->list[i];
		enum option_id id = option_find(statement->name);

		if (check_statement(reader, section, i, id, draft))
			note_statement(reader, statement, &draft->settings[id]);
	}
	if (section->end == section->start)
		return !section->broken;
	cfg = new_cfg(draft);
	good = cfg != NULL && parse(cfg, text, section->end - section->start);
	good = cfg != NULL && take_all_values(cfg, draft) && good;
	if (!good && !section->broken)
		report_add(reader->loader->reports, REPORT_SYNTAX, &place,
		    "libconfuse cannot parse this section");
	cfg_free(cfg);
	return good && !section->broken;
}

static void
read_defaults(struct superd_reader *reader)
{
	/* the file that includes this one: its defaults hold here, too */
	const struct superd_reader *from = reader->loader->superd;
	const struct section *first = NULL;

	for (size_t i = 0; i < reader->shape.count; i++) {
		struct section *section = &reader->shape.sections[i];

		if (section->kind != SECTION_DEFAULTS)
			continue;
		if (first != NULL)
			report_add(reader->loader->reports, REPORT_SYNTAX,
			    &section->place,
			    "defaults are already given in line %u",
			    first->place.line);
		else if (!read_section(reader, section, &reader->defaults))
			reader->bad_defaults = true;
		first = section;
	}
	if (from != NULL) {
		draft_inherit(&reader->defaults, &from->defaults);
		reader->bad_defaults |= from->bad_defaults;
	}
	if (!draft_remove(&reader->defaults, manner_of(DIALECT_SUPERD),
		reader->loader->reports))
		reader->bad_defaults = true;
	defaults_check(reader->loader, DIALECT_SUPERD, &reader->defaults);
}

static void
read_service(struct superd_reader *reader, struct section *section)
{
	struct loader *loader = reader->loader;
	struct draft draft = { 0 };
	bool good;

	reports_next_subject(loader->reports);
	/* without its defaults, it may be open to more than was meant */
	good = read_section(reader, section, &draft) && !reader->bad_defaults;
	draft_inherit(&draft, &reader->defaults);
	good &= draft_remove(&draft, manner_of(DIALECT_SUPERD),
	    loader->reports);
	service_make(loader, DIALECT_SUPERD, &draft, &section->place, !good);
	reports_no_subject(loader->reports);
	draft_free(&draft);
}

static void
follow(struct superd_reader *reader, const struct setting *setting,
    enum dialect dialect)
{
	struct loader *loader = reader->loader;
	const struct superd_reader *outer = loader->superd;

	loader->superd = reader;
	for (size_t i = 0; i < setting->count; i++)
		load_include(loader, setting->values[i].text, false, dialect,
		    &setting->values[i].place);
	loader->superd = outer;
}

static void
read_globals(struct superd_reader *reader)
{
	struct section *section = &reader->shape.sections[0];
	struct draft draft = { 0 };

	if (section->count > 0) {
		read_section(reader, section, &draft);
		draft_remove(&draft, manner_of(DIALECT_SUPERD),
		    reader->loader->reports);
		globals_make(reader->loader, &draft);
	}
	follow(reader, &draft.settings[OPTION_INCLUDE], DIALECT_SUPERD);
	follow(reader, &draft.settings[OPTION_INETD_CONF], DIALECT_INETD);
	follow(reader, &draft.settings[OPTION_XINETD_CONF], DIALECT_XINETD);
	draft_free(&draft);
}

void
superd_read(struct loader *loader, struct source *source)
{
	struct superd_reader reader = { .loader = loader, .source = source };
	const char *file = conf_file(loader->conf, source->name);

	superd_scan(&reader.shape, source, file, loader->reports);
	read_defaults(&reader);
	for (size_t i = 0; i < reader.shape.count; i++) {
		struct section *section = &reader.shape.sections[i];

		if (section->kind == SECTION_SERVICE && section->count > 0)
			read_service(&reader, section);
		/* what is left in the end is the global section's */
		if (section->kind != SECTION_GLOBAL)
			source_blank(source, section->start, section->end);
	}
	read_globals(&reader);
	draft_free(&reader.defaults);
	superd_scan_free(&reader.shape);
}
