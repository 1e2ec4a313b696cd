/*
 * A superd.conf as tokens: words, quoted texts, braces and operators, with
 * their places.  Knows libconfuse's syntax; not what follows what.
 */
#ifndef CONF_SUPERD_TOKENS_H
#define CONF_SUPERD_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/report.h"
#include "conf/source.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_QUOTED,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_SET,
	TOKEN_ADD,
	TOKEN_REMOVE,
	TOKEN_COMMA,
	TOKEN_BAD
};

struct token {
	enum token_kind kind;
	char *start, *end;
	struct place place;
	unsigned last_line;
	bool first; /* of its line */
};

enum { BRACES_MAX = 64 };

/* Starts with source, reports, p and place; the rest is 0. */
struct scanner {
	struct source *source;
	struct reports *reports;
	char *p;	    /* behind the token in hand, at the next one */
	struct place place; /* of p */
	struct token token; /* the one in hand */
	struct place braces[BRACES_MAX]; /* that are open */
	size_t nbraces;			 /* may be more than BRACES_MAX */
	unsigned depth;			 /* of braces within a statement */
	bool quiet;			 /* scan_report() reports nothing */
};

/* Take the first token of the text. */
void scan_start(struct scanner *);
/* Take the next token.  Comments on the way become blank; a bad token and
 * what is not closed are reported. */
void scan_advance(struct scanner *);
/* At the end of the text: report the braces that are still open. */
void scan_end(struct scanner *);
/* Report an error by printf(3), at REPORT_LOST. */
void scan_report(struct scanner *, const struct place *, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* Where p stands in the text: octets from its start. */
size_t scan_offset(const struct scanner *, const char *p);
/* Is it this word? */
bool token_is(const struct token *, const char *text);

#endif
