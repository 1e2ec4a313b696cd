/*
 * Manner: what a dialect does differently from the others, as data.
 */
#ifndef CONF_MANNER_H
#define CONF_MANNER_H

#include "conf/conf.h"

struct manner {
	const char *wait, *nowait; /* how an entry says it */
	const char *meant;	   /* ... that nobody is to be asked */
	bool as_xinetd;		   /* xinetd's habits are told */
	bool dotted_user;	   /* "user.group" */
	bool searches_path;	   /* for a server without a slash */
};

/* Of inetd.conf, in either form, xinetd.conf and superd.conf. */
const struct manner *manner_of(enum dialect);

#endif
