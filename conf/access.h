/*
 * Access: the values of only_from and no_access, and compiling them to rules
 * (conf/acl.h).  A value is an IPv4 address, whose trailing zero octets match
 * anything (0.0.0.0: all of IPv4), "a.b.{1,2}", a prefix, an IPv6 address (::
 * is all of IPv6), a host name, or ".domain".  Pure: the readers look up names
 * of networks.
 */
#ifndef CONF_ACCESS_H
#define CONF_ACCESS_H

#include "conf/conf.h"

/* Why a value is not valid, or NULL if it is. */
const char *access_wrong(const char *value);
/* Is it a prefix with bits set after its length?  They have no effect. */
bool access_has_host_bits(const char *value);
/* Is it an IPv6 prefix, such as ::/0, that includes ::ffff:0:0/96? */
bool access_covers_mapped(const char *value);
/* Is it the IPv6 address "::", in any notation? */
bool access_is_zeros(const char *value);
/* Do two values match the same clients? */
bool access_same(const char *, const char *);
/* The first value of only_from that admits clients of a wider value of
 * no_access, which is returned in *wider; or NULL. */
const char *access_overruled(const struct access *, const char **wider);
/* The first value that both lists have, which admits nobody; or NULL. */
const char *access_tied(const struct access *);
/* If only_from is not given, set it to this host's loopback addresses. */
void access_keep_local(struct access *);
/*
 * As xinetd does: if a value of no_access denies a whole address family, remove
 * the values of only_from that would admit a part of it, and host names, which
 * may be of any family.  Returns that value of no_access, and in *opened,
 * malloc'd, the first value removed; NULL, with nothing removed.
 */
const char *access_shut(struct access *, char **opened);
/* Compile access->acl from both lists, replacing an earlier one.  0, or -1 with
 * a report at place for each value that is not valid. */
int access_compile(struct access *, const struct place *, struct reports *);

#endif
