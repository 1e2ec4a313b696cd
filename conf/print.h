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
/* Print the lines of one service, each with its indent. */
void conf_print_lines(const struct service *, const struct globals *, FILE *,
    const char *indent);

#endif
