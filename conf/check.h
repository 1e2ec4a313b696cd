/*
 * Check: what can only be said once every file is read: sockets and ids that
 * two services want (both places named), and services that nobody can reach.
 */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "conf/conf.h"

void conf_check(struct conf *, struct reports *);

#endif
