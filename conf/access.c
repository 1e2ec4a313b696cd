/* only_from and no_access compiled. */
#include "conf/access.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/acl.h"
#include "conf/xalloc.h"

enum { FACTORS_MAX = 256 };

/* Letters, digits, dots, hyphens and underscores; not digits and dots alone,
 * which is an address gone wrong. */
static bool
is_host_name(const char *text)
{
	bool letter = false;

	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (!isalnum(c) && c != '.' && c != '-' && c != '_')
			return false;
		letter |= isalpha(c) != 0;
	}
	return letter;
}

static int
add_one(struct acl *acl, bool allow, const char *text)
{
	struct prefix prefix;

	if (strchr(text, '/') == NULL && prefix_parse_octets(text,
	    &prefix) == 0) {
		acl_add_prefix(acl, allow, &prefix);
		return 0;
	}
	if (prefix_parse(text, &prefix) == 0) {
		acl_add_prefix(acl, allow, &prefix);
		return 0;
	}
	if (!is_host_name(text))
		return -1;
	acl_add_name(acl, allow, text);
	return 0;
}

/* "10.1.{2,3}": one rule for each; octets that are left out are free. */
static int
add_factors(struct acl *acl, bool allow, const char *text, const char *brace)
{
	char *head = xstrndup(text, (size_t)(brace - text));
	char *list = xstrdup(brace + 1), *rest = list, *one;
	char *end = strchr(list, '}');
	int result = end != NULL && end[1] == '\0' ? 0 : -1, n = 0;

	if (end != NULL)
		*end = '\0';
	while (result == 0 && (one = strsep(&rest, ",")) != NULL) {
		char address[64];
		size_t dots = 0;

		snprintf(address, sizeof(address) - 6, "%s%s", head, one);
		for (const char *p = address; *p != '\0'; p++)
			dots += *p == '.';
		for (; dots < 3; dots++)
			strcat(address, ".0");
		if (++n > FACTORS_MAX || addr_parse_host(address, 0,
		    &(struct addr){ 0 }) != 0)
			result = -1;
		else
			result = add_one(acl, allow, address);
	}
	free(head);
	free(list);
	return result;
}

static int
add_list(struct acl *acl, bool allow, char *const *list,
    const struct place *place, struct reports *reports)
{
	int result = 0;

	for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
		const char *brace = strchr(list[i], '{');

		if ((brace != NULL ? add_factors(acl, allow, list[i], brace) :
		    add_one(acl, allow, list[i])) == 0)
			continue;
		report_add(reports, REPORT_UNSERVABLE, place,
		    "%s: an address, a prefix or a host name was expected",
		    list[i]);
		result = -1;
	}
	return result;
}

int
access_compile(struct access *access, const struct place *place,
    struct reports *reports)
{
	int result;

	acl_free(access->acl);
	access->acl = NULL;
	if (!access->only_from_set && access->no_access == NULL)
		return 0;
	access->acl = acl_new();
	if (access->only_from_set)
		acl_require_match(access->acl);
	result = add_list(access->acl, true, access->only_from, place,
	    reports);
	if (add_list(access->acl, false, access->no_access, place,
	    reports) != 0)
		result = -1;
	return result;
}
