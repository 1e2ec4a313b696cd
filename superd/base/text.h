/* Text: a string that grows as it is written to, and JSON output to it. */
#ifndef SUPERD_BASE_TEXT_H
#define SUPERD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *bytes; /* terminated; NULL while empty */
	size_t length, room;
	bool comma;  /* the next JSON member needs one */
	bool failed; /* out of memory: the text is incomplete */
};

/* Free the contents and leave an empty text. */
void text_free(struct text *);
/* Append by printf(3).  If there is no memory, failed is set and nothing more
 * is added. */
void text_add(struct text *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Append these octets; the same of memory. */
void text_put(struct text *, const char *, size_t);

/*
 * Append JSON, RFC 8259.  name NULL: an element of an array, or the outermost
 * value.  Strings are UTF-8; an octet that is not part of valid UTF-8 becomes
 * \udcXX.  bracket: '{' or '[' to open, '}' or ']' to close.
 */
void json_open(struct text *, const char *name, char bracket);
void json_close(struct text *, char bracket);
void json_string(struct text *, const char *name, const char *value);
void json_number(struct text *, const char *name, int64_t value);
/* With three decimals. */
void json_real(struct text *, const char *name, double value);
void json_bool(struct text *, const char *name, bool value);
/* A value of NULL becomes null. */
void json_string_or_null(struct text *, const char *name, const char *value);

#endif
