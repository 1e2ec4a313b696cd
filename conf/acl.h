/*
 * Access rules compiled to a prefix tree per family: look-up cost depends on
 * the length of an address, never on the number of rules.  Rules that name
 * hosts cannot be decided here: they are handed to the gate child.  Pure.
 */
#ifndef CONF_ACL_H
#define CONF_ACL_H

#include "conf/addr.h"
#include "conf/arena.h"

struct acl;

enum acl_verdict {
	ACL_ALLOW,
	ACL_DENY,
	ACL_ASK /* depends on the host's name: ask acl_decide_name */
};

struct acl *acl_new(void);
void acl_free(struct acl *); /* accepts NULL */
/* A copy in an arena, to be read only. */
struct acl *acl_copy(struct arena *, const struct acl *);
/* allow: from only_from; deny: from no_access. */
void acl_add_prefix(struct acl *, bool allow, const struct prefix *);
/* "host.example" or ".example": matched against a verified host name. */
void acl_add_name(struct acl *, bool allow, const char *name);
/* An only_from list exists: whoever matches nothing is denied. */
void acl_require_match(struct acl *);

/* For those who do not ask address by address: a rule of each prefix, a
 * tie being one that denies, networks before what lies in them, and
 * what begins lower first. */
struct acl_rule {
	struct prefix prefix;
	bool allow;
};

bool acl_requires_match(const struct acl *);
bool acl_has_names(const struct acl *);
size_t acl_count(const struct acl *, sa_family_t);
/* Fill a list with room for acl_count() rules. */
void acl_rules(const struct acl *, sa_family_t, struct acl_rule *);

/* The rule of addresses that decides about one; false: none has it. */
bool acl_match(const struct acl *, const struct addr *, struct acl_rule *);

/*
 * The better (longer) match wins; a tie denies.  From the best: a whole
 * address, a whole host name, a domain or a network (of two domains or two
 * networks the longer one; a domain and a network are a tie).
 */
enum acl_verdict acl_decide(const struct acl *, const struct addr *);
/* host: the verified name of the peer, or NULL where none could be verified
 * (then every name rule denies: an allow does not match, a deny does). */
bool acl_allows_name(const struct acl *, const struct addr *, const char *host);

#endif
