/*
 * The reader of inetd.conf.  A record of fields becomes a struct entry of
 * texts with places, as NetBSD's definitions do in definition.c;
 * inetd_entry.c turns an entry into a service.
 */
#include "conf/inetd.h"

#include <stdlib.h>
#include <string.h>

#include "conf/service.h"
#include "conf/xalloc.h"

/* Records. */

static void
too_few_fields(struct inetd *inetd, const struct record *record)
{
	static const char *const names[FIELDS] = { "service", "socket type",
		"protocol", "wait or nowait", "user", "program" };

	inetd_refuse(inetd, NULL, &record->words[0].place,
	    "too few fields: %s was expected after \"%s\"",
	    names[record->count], record->words[record->count - 1].text);
}

static void
read_fields(struct inetd *inetd, const struct record *record)
{
	struct entry entry;

	if (record->count < FIELDS) {
		too_few_fields(inetd, record);
		return;
	}
	inetd_entry(&entry, &record->words[0].place);
	for (size_t i = 0; i < FIELDS; i++) {
		entry.fields[i].text = record->words[i].text;
		entry.fields[i].place = record->words[i].place;
	}
	entry.argv = record->words + FIELDS;
	entry.argc = record->count - FIELDS;
	inetd_add(inetd, &entry);
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
read_include(struct inetd *inetd, const struct record *record)
{
	if (strcmp(record->words[0].text, ".include") != 0)
		return false;
	if (record->count != 2)
		inetd_refuse(inetd, NULL, &record->words[0].place,
		    ".include: one file name or pattern was expected");
	else
		load_include(inetd->loader, record->words[1].text, false,
		    DIALECT_INETD, &record->words[1].place);
	return true;
}

static void
read_record(struct inetd *inetd, const struct record *record)
{
	if (record->broken)
		return;
	if (record->definition)
		definition_read(inetd, record);
	else if (!read_default_address(inetd, record) &&
	    !read_include(inetd, record))
		read_fields(inetd, record);
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
