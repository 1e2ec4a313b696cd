/*
 * Print: a struct conf as superd.conf text that reads back to an equal conf.
 */
#ifndef CONF_PRINT_H
#define CONF_PRINT_H

#include <stdio.h>

#include "conf/conf.h"

/* Print the whole conf.  Disabled services have "disable = yes"; unservable
 * ones are comments. */
void conf_print(const struct conf *, FILE *);

#endif
