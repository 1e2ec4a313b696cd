/*
 * Banners: reading the files whose texts clients are sent.  Each is read once,
 * with the configuration, so that the daemon opens no file for a client, and a
 * changed banner is a change of its service.
 */
#ifndef CONF_BANNER_H
#define CONF_BANNER_H

#include "conf/conf.h"

/* Fill banners[] of every enabled service.  A file that cannot be read, or is
 * longer than BANNER_MAX bytes and cut, is a warning at its service. */
void conf_read_banners(struct conf *, struct reports *);

#endif
