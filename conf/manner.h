/* Manners: how dialects differ from each other, as data. */
#ifndef CONF_MANNER_H
#define CONF_MANNER_H

#include "conf/conf.h"

struct manner {
	const char *wait, *nowait; /* for messages */
	const char *meant;	   /* hint how to do without libwrap */
	/* the level of an invalid value; in defaults, REPORT_SYNTAX */
	enum report_level bad_value;
	/* of a value in defaults that is valid and cannot be served */
	enum report_level failed_default;
	/* of a value of -= that is not in its list, except access lists */
	enum report_level not_there;
	unsigned least; /* instances and the like; 0: no limit */
	/* defaults: */
	enum excess excess;
	struct rate rate;
	unsigned max_pause;
	bool groups;	    /* set the user's supplementary groups */
	bool pass_all;	    /* pass superd's environment, without passenv */
	bool name_host;	    /* set REMOTE_HOST as xinetd does */
	bool libwrap;	    /* hosts_access(5) is asked */
	bool dotted_user;   /* "user.group" is a user and a group */
	bool searches_path; /* look a server without a slash up in PATH */
	bool as_xinetd;	    /* the rules of conf/make_xinetd.c apply */
};

/* The manner of a dialect, except DIALECT_AUTO. */
const struct manner *manner_of(enum dialect);

#endif
