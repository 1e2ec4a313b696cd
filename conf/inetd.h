/*
 * Shared by the files of the reader of inetd.conf: inetd.c reads records,
 * inetd_fields.c their fields, inetd_netbsd.c NetBSD's definitions.  They only
 * know syntax; conf/make.h knows the meaning.  Private to these files.
 */
#ifndef CONF_INETD_H
#define CONF_INETD_H

#include "conf/draft.h"
#include "conf/inetd_words.h"
#include "conf/readers.h"

enum {
	FIELD_SERVICE,
	FIELD_TYPE,
	FIELD_PROTOCOL,
	FIELD_WAIT,
	FIELD_USER,
	FIELD_PROGRAM,
	FIELDS
};

/* One file that is being read. */
struct inetd {
	struct loader *loader;
	struct words words;
	char *address; /* of the last "addr:" line; NULL: none */
};

/* One entry that is being read. */
struct entry {
	struct inetd *inetd;
	struct place place;
	struct draft draft;
	bool bad; /* something in it was reported */
};

/* Put the words of an entry into its draft.  A field that is NULL is not given.
 * bind: NetBSD's bind option, which overrides other addresses, or NULL. */
void entry_read(struct entry *, const struct word *const fields[FIELDS],
    const struct word *args, size_t count, const struct word *bind);
/* Add a report; an error sets entry->bad. */
void entry_report(struct entry *, enum report_level, const struct place *,
    const char *, ...) __attribute__((format(printf, 4, 5)));
/* Make a service of the draft. */
void entry_make(struct entry *);
/* Read the rest of a NetBSD definition that begins with this record. */
void definition_read(struct entry *, const struct record *);

#endif
