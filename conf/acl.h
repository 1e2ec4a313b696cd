/*
 * Access rules, compiled to a prefix tree for each address family: the cost of
 * a look-up depends on the length of an address, not on the number of rules.
 * Rules with host names are decided by an asker, which looks the name up.
 * Pure.
 */
#ifndef CONF_ACL_H
#define CONF_ACL_H

#include "conf/addr.h"
#include "conf/arena.h"

struct acl;

enum acl_verdict {
	ACL_ALLOW,
	ACL_DENY,
	ACL_ASK /* depends on the host's name: acl_allows_name() */
};

struct acl *acl_new(void);
void acl_free(struct acl *); /* accepts NULL */
/* Copy the rules to an arena; the copy must not be changed. */
struct acl *acl_copy(struct arena *, const struct acl *);
/* Add a rule for a prefix: allow for only_from, deny for no_access. */
void acl_add_prefix(struct acl *, bool allow, const struct prefix *);
/* Add a rule for "host.example" or ".example", which is compared with the
 * verified name of a client's host.  The name is copied. */
void acl_add_name(struct acl *, bool allow, const char *name);
/* Deny clients that match no rule, since only_from is given. */
void acl_require_match(struct acl *);

/* A rule of the list that acl_rules() makes for the filter of the kernel: one
 * for each prefix (deny, if there are both), by address, and networks before
 * the networks within them. */
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
 * Decide about a client's address.  The most specific match wins, and deny wins
 * a tie.  Most specific is a whole address, then a whole host name, then a
 * domain or a network; of two domains or two networks the longer one, while a
 * domain and a network are a tie.
 */
enum acl_verdict acl_decide(const struct acl *, const struct addr *);
/* Decide with the verified name of the client's host.  NULL: it could not be
 * verified; then deny rules with names match, and allow rules do not. */
bool acl_allows_name(const struct acl *, const struct addr *, const char *host);

#endif
