/*
 * Manner: what a dialect does differently from the others, as data.
 */
#ifndef CONF_MANNER_H
#define CONF_MANNER_H

#include "conf/conf.h"

struct manner {
	const char *wait, *nowait; /* how an entry says it */
	const char *meant;	   /* ... that nobody is to be asked */
	/* of a value without meaning, in an entry; in defaults it is
	 * REPORT_SYNTAX */
	enum report_level bad_value;
	/* of a value in defaults that is understood and cannot be served */
	enum report_level failed_default;
	/* of a value that is taken away and was not there, where nobody
	 * gets in by it */
	enum report_level not_there;
	unsigned least; /* instances and the like; 0: no limit */
	/* what holds where no text says anything */
	enum excess excess;
	struct rate rate;
	unsigned max_pause;
	bool groups;	    /* the user's supplementary groups */
	bool pass_all;	    /* superd's environment, unless passenv says more */
	bool name_host;	    /* REMOTE_HOST as xinetd sets it */
	bool libwrap;	    /* hosts_access(5) is asked */
	bool dotted_user;   /* "user.group" */
	bool searches_path; /* for a server without a slash */
	bool as_xinetd;	    /* conf/make_xinetd.c */
};

/* Of inetd.conf, in either form, xinetd.conf and superd.conf. */
const struct manner *manner_of(enum dialect);

#endif
