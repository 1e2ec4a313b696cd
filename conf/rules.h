/*
 * Rules: which options go together in one service, in any dialect.  They check
 * a service that was made by conf/make.h.
 */
#ifndef CONF_RULES_H
#define CONF_RULES_H

#include "conf/build.h"

/* Check that the socket type goes with the protocol; once both are known. */
void rules_socket(struct build *);
/* Check all other rules, once the service is complete.  Removes a limit for
 * each client if it cannot be enforced. */
void rules_check(struct build *);

/* What asks for hosts_access(5). */
enum asked_by {
	ASKED_BY_HABIT,	 /* xinetd does so unless told otherwise */
	ASKED_BY_OPTION, /* -w and -W */
	ASKED_BY_ENTRY	 /* or its defaults */
};

/*
 * Set access.libwrap.  If the clients of this service cannot be checked, that
 * is an error; a warning if libwrap is used by habit and its files refuse
 * nobody, or if an option asks for it and the server accepts connections
 * itself.
 */
void rules_libwrap(struct build *, enum asked_by);

/* Remove those limits from inherited, which is what a service is about to
 * inherit of the command line and the globals, that it cannot have. */
void rules_inherited(struct reports *, const struct service *,
    struct limits *inherited);

#endif
