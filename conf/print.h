/*
 * Print: a struct conf as superd.conf text that reads back to an equal conf.
 */
#ifndef CONF_PRINT_H
#define CONF_PRINT_H

#include <stdio.h>

#include "conf/conf.h"

/* Disabled entries are printed with "disable = yes", unservable ones as
 * comments that say so. */
void conf_print(const struct conf *, FILE *);

#endif
