/*
 * Checks of the whole configuration, after all files are read: ids and sockets
 * that two services claim, with both places, and services that no client can
 * reach.
 */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "conf/conf.h"

/* Report conflicts, and mark the services concerned unservable. */
void conf_check(struct conf *, struct reports *);

#endif
