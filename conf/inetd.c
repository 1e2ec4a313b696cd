/*
 * The reader of inetd.conf: its records, which are lines of fields or NetBSD's
 * definitions, become drafts.
 */
#include "conf/inetd.h"

#include <stdlib.h>
#include <string.h>

#include "conf/service.h"
#include "conf/xalloc.h"

static void
too_few_fields(struct entry *entry, const struct record *record)
{
	static const char *const names[FIELDS] = { "service", "socket type",
		"protocol", "wait or nowait", "user", "program" };

	entry_report(entry, REPORT_SYNTAX, &entry->place,
	    "too few fields: expected %s after \"%s\"", names[record->count],
	    record->words[record->count - 1].text);
}

static void
read_fields(struct entry *entry, const struct record *record)
{
	const struct word *fields[FIELDS];

	if (record->count < FIELDS) {
		too_few_fields(entry, record);
		return;
	}
	for (size_t i = 0; i < FIELDS; i++)
		fields[i] = &record->words[i];
	entry_read(entry, fields, record->words + FIELDS,
	    record->count - FIELDS, NULL);
	entry_make(entry);
}

/* "127.0.0.1:" sets the address of the lines that follow. */
static bool
read_default_address(struct inetd *inetd, const struct record *record)
{
	const char *text = record->words[0].text;
	size_t length = strlen(text);

	if (record->count != 1 || length < 2 || text[length - 1] != ':')
		return false;
	free(inetd->address);
	inetd->address = xstrndup(text, length - 1);
	return true;
}

static bool
read_include(struct entry *entry, const struct record *record)
{
	if (strcmp(record->words[0].text, ".include") != 0)
		return false;
	if (record->count != 2)
		entry_report(entry, REPORT_SYNTAX, &entry->place,
		    ".include: expected one file name or pattern");
	else
		load_include(entry->inetd->loader, record->words[1].text, false,
		    DIALECT_INETD, &record->words[1].place);
	return true;
}

static void
read_record(struct inetd *inetd, const struct record *record)
{
	struct entry entry = { .inetd = inetd,
		.place = record->words[0].place };

	if (record->broken)
		return;
	if (record->definition)
		definition_read(&entry, record);
	else if (!read_default_address(inetd, record) &&
	    !read_include(&entry, record))
		read_fields(&entry, record);
	draft_free(&entry.draft);
}

void
inetd_read(struct loader *loader, struct source *source)
{
	struct inetd inetd = { .loader = loader };
	struct record record;

	words_start(&inetd.words, source, conf_file(loader->conf, source->name),
	    loader->reports);
	while (words_record(&inetd.words, &record)) {
		read_record(&inetd, &record);
		record_free(&record);
	}
	words_end(&inetd.words);
	free(inetd.address);
}
