/*
 * The screen: text from outside on a terminal that it must not steer, in
 * lines that fit.  Knows the locale and the width of the terminal; where the
 * file is none, text goes there as it is.
 */
#ifndef SUPERD_CONTROL_SCREEN_H
#define SUPERD_CONTROL_SCREEN_H

#include <stddef.h>
#include <stdio.h>

/*
 * Write length bytes.  On a terminal, what is no printable character of the
 * locale is shown as octal numbers.
 */
void screen_write(FILE *, const char *bytes, size_t length);
/* The same, with lines cut where the terminal ends, marked by an ellipsis;
 * COLUMNS of the environment is its width, if it is there. */
void screen_write_cut(FILE *, const char *bytes, size_t length);

#endif
