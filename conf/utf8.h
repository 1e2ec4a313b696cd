/* UTF-8 (RFC 3629), one character at a time.  Pure; knows bytes only. */
#ifndef CONF_UTF8_H
#define CONF_UTF8_H

#include <stddef.h>

enum { UTF8_LONGEST = 4 }; /* octets of a character */

/* Decode the character at the start of a string.  Its length in bytes, 1 to 4,
 * or 0 if it is not valid UTF-8. */
size_t utf8_decode(const char *text, unsigned *code);

#endif
