/*
 * A binary trie per family whose nodes carry verdicts.  Depth is bounded by
 * the length of an address, so that 10,000 rules cost what ten cost.
 */
#include "conf/acl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/xalloc.h"

/* A rule ends here. */
enum { RULE_ALLOW = 1, RULE_DENY = 2 };

struct node {
	struct node *child[2];
	uint8_t rules;
};

struct name_rule {
	char *name;
	bool allow;
};

struct acl {
	struct node *root[2];	/* IPv4, IPv6 */
	struct name_rule *names;
	size_t nnames;
	bool require_match;
};

/* The best match of an address: the longest, and what it says. */
struct match {
	int length;		/* -1: none */
	uint8_t rules;
};

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

static unsigned
bit_of(const uint8_t *bytes, unsigned i)
{
	return (bytes[i / 8] >> (7 - i % 8)) & 1;
}

void
acl_add_prefix(struct acl *acl, bool allow, const struct prefix *prefix)
{
	struct node **at = &acl->root[prefix->family == AF_INET6];

	for (unsigned i = 0;; i++) {
		if (*at == NULL)
			*at = xcalloc(1, sizeof(**at));
		if (i == prefix->bits)
			break;
		at = &(*at)->child[bit_of(prefix->bytes, i)];
	}
	(*at)->rules |= allow ? RULE_ALLOW : RULE_DENY;
}

void
acl_add_name(struct acl *acl, bool allow, const char *name)
{
	acl->names = xreallocarray(acl->names, acl->nnames + 1,
	    sizeof(*acl->names));
	acl->names[acl->nnames].name = xstrdup(name);
	acl->names[acl->nnames++].allow = allow;
}

void
acl_require_match(struct acl *acl)
{
	acl->require_match = true;
}

static struct match
longest_match(const struct acl *acl, const struct addr *addr)
{
	struct match match = { -1, 0 };
	struct prefix host;
	const struct node *node;

	prefix_of(addr, 128, &host);
	if (host.family != AF_INET && host.family != AF_INET6)
		return match;
	node = acl->root[host.family == AF_INET6];
	for (unsigned i = 0; node != NULL; i++) {
		if (node->rules != 0) {
			match.length = (int)i;
			match.rules = node->rules;
		}
		if (i == host.bits)
			break;
		node = node->child[bit_of(host.bytes, i)];
	}
	return match;
}

static bool
is_whole_address(const struct match *match, const struct addr *addr)
{
	struct prefix host;

	prefix_of(addr, 128, &host);
	return match->length == host.bits;
}

/* A tie denies. */
static bool
says_allow(const struct acl *acl, const struct match *match)
{
	if (match->length < 0)
		return !acl->require_match;
	return match->rules == RULE_ALLOW;
}

enum acl_verdict
acl_decide(const struct acl *acl, const struct addr *addr)
{
	struct match match = longest_match(acl, addr);

	/* no name is a better match than the address itself */
	if (acl->nnames > 0 && !is_whole_address(&match, addr))
		return ACL_ASK;
	return says_allow(acl, &match) ? ACL_ALLOW : ACL_DENY;
}

static bool
name_matches(const char *rule, const char *host)
{
	size_t lr = strlen(rule), lh = strlen(host);

	if (rule[0] != '.')
		return strcasecmp(rule, host) == 0;
	return lh > lr && strcasecmp(host + lh - lr, rule) == 0;
}

bool
acl_allows_name(const struct acl *acl, const struct addr *addr,
    const char *host)
{
	struct match match = longest_match(acl, addr);
	bool allowed = false, named = false;

	if (is_whole_address(&match, addr))
		return says_allow(acl, &match);
	for (size_t i = 0; i < acl->nnames; i++) {
		const struct name_rule *rule = &acl->names[i];

		/* who has no verified name may be anybody */
		if (host == NULL ? !rule->allow :
		    !rule->allow && name_matches(rule->name, host))
			return false;
		if (host != NULL && name_matches(rule->name, host))
			allowed = named = true;
	}
	return named ? allowed : says_allow(acl, &match);
}
