/*
 * Between the parts of the reader of inetd.conf: inetd.c reads records,
 * inetd_fields.c says what their fields have in them, inetd_netbsd.c reads
 * NetBSD's definitions.  All of it is syntax: what an entry means is
 * conf/make.h's.  Nobody else includes this.
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

/* One file on its way. */
struct inetd {
	struct loader *loader;
	struct words words;
	char *address; /* of the last "addr:" line; NULL: none */
};

/* One entry on its way. */
struct entry {
	struct inetd *inetd;
	struct place place;
	struct draft draft;
	bool bad; /* something in it was reported */
};

/* What the words of the fields say goes to the draft; NULL: not given.
 * bind: NetBSD's, which goes before other addresses. */
void entry_read(struct entry *, const struct word *const fields[FIELDS],
    const struct word *args, size_t count, const struct word *bind);
/* An error makes the entry bad. */
void entry_report(struct entry *, enum report_level, const struct place *,
    const char *, ...) __attribute__((format(printf, 4, 5)));
/* What it says becomes a service. */
void entry_make(struct entry *);

/* The definition that begins with this record; its rest is read, too. */
void definition_read(struct entry *, const struct record *);

#endif
