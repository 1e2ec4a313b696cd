/* UTF-8 (RFC 3629), one character at a time.  Pure; knows bytes only. */
#ifndef CONF_UTF8_H
#define CONF_UTF8_H

#include <stddef.h>

/*
 * The number of bytes, 1 to 4, of the character at text, which ends with a
 * zero byte, and its code; 0: what is there is no UTF-8.
 */
size_t utf8_decode(const char *text, unsigned *code);

#endif
