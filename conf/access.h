/*
 * Access: only_from and no_access, as written, compiled to rules.  Forms: an
 * IPv4 address whose rightmost zero octets are free (0.0.0.0: all of IPv4),
 * "a.b.{1,2}", a prefix, an IPv6 address (::, all of IPv6), a host name, and
 * ".domain".  Pure: names of networks are looked up by the readers.
 */
#ifndef CONF_ACCESS_H
#define CONF_ACCESS_H

#include "conf/conf.h"

/* NULL, or what is wrong with one value of a list. */
const char *access_wrong(const char *value);
/* A prefix whose host bits are set: they have no effect. */
bool access_has_host_bits(const char *value);
/* A prefix of IPv6, as ::/0, within which all of ::ffff:0:0/96 lies. */
bool access_covers_mapped(const char *value);
/* An address of IPv6 that is all zeros, as "::". */
bool access_is_zeros(const char *value);
/* Do two values mean the same clients? */
bool access_same(const char *, const char *);
/*
 * The first value of only_from that lets in whom a wider one of no_access
 * would keep out; *wider is that one.  NULL if there is none.
 */
const char *access_overruled(const struct access *, const char **wider);
/* The first value of both lists: nobody it means is let in.  Or NULL. */
const char *access_tied(const struct access *);
/* Only this host, if only_from is not given; what no_access closes stays
 * closed. */
void access_keep_local(struct access *);
/*
 * xinetd's manner: a value of no_access that means a whole family keeps it
 * out, whatever only_from says.  The values of only_from that would let some
 * of it in are taken away; so are names of hosts, which may be of any family.
 * Returns the value of no_access, and in *opened, malloc'd, the first one
 * that is gone; NULL if there is none.
 */
const char *access_shut(struct access *, char **opened);
/* Compile access->acl from its lists; anew, if it was compiled before.  What
 * cannot be understood is reported at place: -1 then. */
int access_compile(struct access *, const struct place *, struct reports *);

#endif
