/*
 * Rules: what goes together in one service, whichever dialect says it.  Each
 * stands here once, and looks at a service that is made (conf/make.h).
 */
#ifndef CONF_RULES_H
#define CONF_RULES_H

#include "conf/build.h"

/* Does the socket type go with the protocol?  Once both are known. */
void rules_socket(struct build *);
/* What is left, once a whole entry is known.  A limit of client addresses
 * that nobody could hold is gone from the service afterwards. */
void rules_check(struct build *);

/* Who wants hosts_access(5) to be asked. */
enum asked_by {
	ASKED_BY_HABIT,	 /* xinetd does so unless told otherwise */
	ASKED_BY_OPTION, /* -w and -W */
	ASKED_BY_ENTRY	 /* or its defaults */
};

/*
 * Sets access.libwrap.  Where nobody can be asked about the clients of the
 * service, it is an error; a warning if it is but habit and nobody would be
 * refused, and of options where the server accepts connections itself.
 */
void rules_libwrap(struct build *, enum asked_by);

/*
 * What no command line, no global section may put upon a service: for
 * limits that it inherits from there, before it does.
 */
void rules_inherited(struct reports *, const struct service *,
    struct limits *inherited);

#endif
