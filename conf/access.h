/*
 * Access: only_from and no_access, as written, compiled to rules.  Forms: an
 * IPv4 address whose rightmost zeros are free, a prefix, an IPv6 address,
 * "a.b.{1,2}", a host name, ".domain".
 */
#ifndef CONF_ACCESS_H
#define CONF_ACCESS_H

#include "conf/conf.h"

/* Compile access->acl from its lists; anew, if it was compiled before.  What
 * cannot be understood is reported at place: -1 then. */
int	access_compile(struct access *, const struct place *,
	    struct reports *);

#endif
