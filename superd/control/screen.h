/*
 * The screen: writing untrusted text to a terminal without control characters,
 * in lines that fit.  Text for a file that is not a terminal stays as it is.
 */
#ifndef SUPERD_CONTROL_SCREEN_H
#define SUPERD_CONTROL_SCREEN_H

#include <stddef.h>
#include <stdio.h>

/* Write length bytes.  On a terminal, bytes that are not printable characters
 * of the locale become \ooo. */
void screen_write(FILE *, const char *bytes, size_t length);
/* The same, with lines cut at the width of the terminal (COLUMNS, if it is set)
 * and ended by an ellipsis. */
void screen_write_cut(FILE *, const char *bytes, size_t length);

/* Begin at the top of an empty screen, and how many lines it has; 0: that is
 * not known. */
unsigned screen_clear(FILE *);

#endif
