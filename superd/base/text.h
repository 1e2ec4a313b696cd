/* A growing text, and JSON in it. */
#ifndef SUPERD_BASE_TEXT_H
#define SUPERD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *bytes; /* terminated; NULL while empty */
	size_t length, room;
	bool comma;  /* the next JSON member needs one */
	bool failed; /* no memory: it is not whole */
};

void text_free(struct text *);
void text_add(struct text *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* JSON (RFC 8259).  name NULL: an element of an array.  Texts are UTF-8; a
 * byte that is none becomes \udcXX. */
void json_open(struct text *, const char *name, char bracket);
void json_close(struct text *, char bracket);
void json_string(struct text *, const char *name, const char *value);
void json_number(struct text *, const char *name, int64_t value);
void json_real(struct text *, const char *name, double value);
void json_bool(struct text *, const char *name, bool value);
/* value NULL: null */
void json_string_or_null(struct text *, const char *name, const char *value);

#endif
