/*
 * Check: what can only be said once every file is read.  Duplicate sockets
 * and ids (both places named), programs that are missing or cannot be
 * executed, combinations that make no sense, users we cannot become.
 */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "conf/context.h"

void conf_check(struct conf *, const struct load_context *, struct reports *);

#endif
