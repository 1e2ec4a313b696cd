/*
 * Banners: texts that a service sends before anything else.  They are read
 * with the configuration that names them, each file once, so that an edited
 * one is a change like any other, and no file is read while superd serves.
 */
#ifndef CONF_BANNER_H
#define CONF_BANNER_H

#include "conf/conf.h"

/* Fill banners[] of every enabled service; what cannot be read, or is cut
 * after BANNER_MAX bytes, is a warning at the place of its service. */
void conf_read_banners(struct conf *, struct reports *);

#endif
