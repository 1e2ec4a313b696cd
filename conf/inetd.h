/*
 * Between the parts of the reader of inetd.conf: inetd.c reads records of
 * fields, definition.c NetBSD's definitions, and inetd_entry.c makes services
 * of both.  Nobody else includes this.
 */
#ifndef CONF_INETD_H
#define CONF_INETD_H

#include "conf/readers.h"
#include "conf/words.h"

enum {
	FIELD_SERVICE,
	FIELD_TYPE,
	FIELD_PROTOCOL,
	FIELD_WAIT,
	FIELD_USER,
	FIELD_PROGRAM,
	FIELDS
};

/* A text at its place; NULL: not given. */
struct field {
	const char *text;
	struct place place;
};

/* What one service says, as text. */
struct entry {
	struct field fields[FIELDS];
	struct field address; /* NetBSD's bind */
	const struct word *argv;
	size_t argc;
	struct place place;
	bool disabled;
	struct limits limits; /* those that are not part of a field */
	unsigned rcvbuf, sndbuf;
};

/* One file on its way. */
struct inetd {
	struct loader *loader;
	struct words words;
	char *address; /* of the last "addr:" line; NULL: none */
};

/* An entry without texts and limits. */
void inetd_entry(struct entry *, const struct place *);
/* The service that an entry means goes to the conf. */
void inetd_add(struct inetd *, const struct entry *);
/* A text without meaning; service: its own, which cannot be served then, or
 * NULL. */
void inetd_refuse(struct inetd *, struct service *, const struct place *,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same of a word that is none of the candidates. */
void inetd_unknown(struct inetd *, struct service *, const struct place *,
    const char *what, const char *word, const char *const *candidates);

/* The definition that begins with this record; its rest is read, too. */
void definition_read(struct inetd *, const struct record *);

#endif
