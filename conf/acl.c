/*
 * A prefix tree per family: a node stands for a prefix, and only for one that
 * a rule names or where two rules part.  So n rules make fewer than 2n nodes,
 * and a look-up visits no more nodes than an address has bits.
 */
#include "conf/acl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/xalloc.h"

/* A rule ends here. */
enum { RULE_ALLOW = 1, RULE_DENY = 2 };

struct node {
	struct node *child[2]; /* by the bit that follows the prefix */
	struct prefix prefix;
	uint8_t rules;
};

struct name_rule {
	char *name;
	bool allow;
};

struct acl {
	struct node *root[2]; /* IPv4, IPv6 */
	struct name_rule *names;
	size_t nnames;
	bool require_match;
};

/* The best match of an address: how many bits, and what it says. */
struct match {
	int length; /* -1: none */
	uint8_t rules;
	bool whole; /* all bits: nothing can match better */
};

/* How well a name matches: no domain is as long as this. */
#define WHOLE_NAME SIZE_MAX

struct acl *
acl_new(void)
{
	return xcalloc(1, sizeof(struct acl));
}

static void
node_free(struct node *node)
{
	if (node == NULL)
		return;
	node_free(node->child[0]);
	node_free(node->child[1]);
	free(node);
}

void
acl_free(struct acl *acl)
{
	if (acl == NULL)
		return;
	node_free(acl->root[0]);
	node_free(acl->root[1]);
	for (size_t i = 0; i < acl->nnames; i++)
		free(acl->names[i].name);
	free(acl->names);
	free(acl);
}

static struct node *
node_copy(struct arena *arena, const struct node *node)
{
	struct node copy;

	if (node == NULL)
		return NULL;
	/* with what is between its members, so that equal ones are one */
	memcpy(&copy, node, sizeof(copy));
	copy.child[0] = node_copy(arena, node->child[0]);
	copy.child[1] = node_copy(arena, node->child[1]);
	return arena_share(arena, &copy, sizeof(copy));
}

static struct name_rule *
names_copy(struct arena *arena, const struct acl *acl)
{
	struct name_rule *names = xcalloc(acl->nnames, sizeof(*names));
	void *copy;

	for (size_t i = 0; i < acl->nnames; i++) {
		names[i].allow = acl->names[i].allow;
		names[i].name = arena_text(arena, acl->names[i].name);
	}
	copy = arena_share(arena, names, acl->nnames * sizeof(*names));
	free(names);
	return copy;
}

struct acl *
acl_copy(struct arena *arena, const struct acl *acl)
{
	struct acl copy;

	memcpy(&copy, acl, sizeof(copy));
	copy.root[0] = node_copy(arena, acl->root[0]);
	copy.root[1] = node_copy(arena, acl->root[1]);
	copy.names = names_copy(arena, acl);
	return arena_share(arena, &copy, sizeof(copy));
}

static struct node *
node_new(const struct prefix *prefix, unsigned bits)
{
	struct node *node = xcalloc(1, sizeof(*node));

	node->prefix = *prefix;
	node->prefix.bits = (uint8_t)bits;
	return node;
}

/* The node of a prefix, made if it is new.  Where the way leaves that of a
 * node, one for what both have in common comes before it. */
static struct node *
node_get(struct node **at, const struct prefix *prefix)
{
	struct node *parting;
	unsigned common;

	while (*at != NULL) {
		common = prefix_common_bits(&(*at)->prefix, prefix);
		if (common < (*at)->prefix.bits) {
			parting = node_new(prefix, common);
			parting
			    ->child[prefix_bit(&(*at)->prefix, common)] = *at;
			*at = parting;
		}
		if (common == prefix->bits)
			return *at;
		at = &(*at)->child[prefix_bit(prefix, common)];
	}
	return *at = node_new(prefix, prefix->bits);
}

void
acl_add_prefix(struct acl *acl, bool allow, const struct prefix *prefix)
{
	struct node *node = node_get(&acl->root[prefix->family == AF_INET6],
	    prefix);

	/* one that only parted two others has bits of theirs behind */
	node->prefix = *prefix;
	node->rules |= allow ? RULE_ALLOW : RULE_DENY;
}

void
acl_add_name(struct acl *acl, bool allow, const char *name)
{
	acl->names = xgrow(acl->names, acl->nnames, sizeof(*acl->names));
	acl->names[acl->nnames].name = xstrdup(name);
	acl->names[acl->nnames++].allow = allow;
}

void
acl_require_match(struct acl *acl)
{
	acl->require_match = true;
}

bool
acl_requires_match(const struct acl *acl)
{
	return acl->require_match;
}

bool
acl_has_names(const struct acl *acl)
{
	return acl->nnames > 0;
}

/* How many rules a tree has; list, if there is one, gets them. */
static size_t
list_rules(const struct node *node, struct acl_rule *list)
{
	size_t n = 0;

	if (node == NULL)
		return 0;
	if (node->rules != 0) {
		if (list != NULL) {
			list->prefix = node->prefix;
			list->allow = node->rules == RULE_ALLOW;
		}
		n++;
	}
	for (int i = 0; i < 2; i++)
		n += list_rules(node->child[i], list != NULL ? list + n : NULL);
	return n;
}

size_t
acl_count(const struct acl *acl, sa_family_t family)
{
	return list_rules(acl->root[family == AF_INET6], NULL);
}

void
acl_rules(const struct acl *acl, sa_family_t family, struct acl_rule *list)
{
	list_rules(acl->root[family == AF_INET6], list);
}

static struct match
longest_match(const struct acl *acl, const struct addr *addr)
{
	struct match match = { -1, 0, false };
	struct prefix host;
	const struct node *node;

	prefix_of(addr, 128, &host);
	if (host.family != AF_INET && host.family != AF_INET6)
		return match;
	node = acl->root[host.family == AF_INET6];
	while (node != NULL &&
	    prefix_common_bits(&node->prefix, &host) == node->prefix.bits) {
		if (node->rules != 0) {
			match.length = node->prefix.bits;
			match.rules = node->rules;
			match.whole = node->prefix.bits == host.bits;
		}
		node = node->prefix.bits == host.bits ?
		    NULL :
		    node->child[prefix_bit(&host, node->prefix.bits)];
	}
	return match;
}

bool
acl_match(const struct acl *acl, const struct addr *addr, struct acl_rule *rule)
{
	struct match match = longest_match(acl, addr);

	if (match.length < 0)
		return false;
	prefix_of(addr, (unsigned)match.length, &rule->prefix);
	rule->allow = match.rules == RULE_ALLOW;
	return true;
}

/* A tie denies. */
static bool
says_allow(const struct acl *acl, const struct match *match)
{
	if (match->length < 0)
		return !acl->require_match;
	return match->rules == RULE_ALLOW;
}

static bool
is_domain(const char *rule)
{
	return rule[0] == '.';
}

static bool
has_name_rule(const struct acl *acl, bool allow, bool domains)
{
	for (size_t i = 0; i < acl->nnames; i++)
		if (acl->names[i].allow == allow &&
		    (domains || !is_domain(acl->names[i].name)))
			return true;
	return false;
}

/* Looking up a name takes time and may fail: only where it can change what
 * the address says.  acl_allows_name() has the order of rules. */
enum acl_verdict
acl_decide(const struct acl *acl, const struct addr *addr)
{
	struct match match = longest_match(acl, addr);
	bool allow = says_allow(acl, &match);

	if (!match.whole &&
	    has_name_rule(acl, !allow, allow || match.length < 0))
		return ACL_ASK;
	return allow ? ACL_ALLOW : ACL_DENY;
}

/* The longest rule of a kind that matches the host; 0: none does. */
static size_t
longest_name(const struct acl *acl, bool allow, const char *host)
{
	size_t best = 0, lh = strlen(host), lr;

	for (size_t i = 0; i < acl->nnames; i++) {
		const char *rule = acl->names[i].name;

		if (acl->names[i].allow != allow)
			continue;
		if (!is_domain(rule)) {
			if (strcasecmp(rule, host) == 0)
				return WHOLE_NAME;
			continue;
		}
		lr = strlen(rule);
		if (lr > best && lh > lr &&
		    strcasecmp(host + lh - lr, rule) == 0)
			best = lr;
	}
	return best;
}

/*
 * A whole address is the best match, then a whole name, then domains and
 * networks: a domain cannot be compared with a network, which is a tie.
 */
bool
acl_allows_name(const struct acl *acl, const struct addr *addr,
    const char *host)
{
	struct match match = longest_match(acl, addr);
	size_t allow, deny;

	if (match.whole)
		return says_allow(acl, &match);
	/* who has no verified name may be anybody */
	if (host == NULL)
		return !has_name_rule(acl, false, true) &&
		    says_allow(acl, &match);
	allow = longest_name(acl, true, host);
	deny = longest_name(acl, false, host);
	if (allow == 0 && deny == 0)
		return says_allow(acl, &match);
	if (deny >= allow)
		return false;
	return allow == WHOLE_NAME || (match.rules & RULE_DENY) == 0;
}
