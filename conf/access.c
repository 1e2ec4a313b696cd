/* only_from and no_access compiled. */
#include "conf/access.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/acl.h"
#include "conf/service.h"
#include "conf/xalloc.h"

enum {
	V6_BITS = 128,
	V4_BITS = 32,
	OCTET_BITS = 8,
	OCTETS = 4,
	FACTORS_MAX = 256
};

/* What one value stands for: prefixes, or a name. */
struct meaning {
	struct prefix list[FACTORS_MAX];
	size_t count;
	const char *name; /* points into the value */
	bool host_bits;
};

static const char
    *const expected = "expected an address, a prefix or a host name";

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
		if (c == '.' && p[1] == '.')
			return false;
		letter |= isalpha(c) != 0;
	}
	return letter;
}

/* 10.1.0.0 is 10.1.0.0/16, and 0.0.0.0 and :: are everybody. */
static int
read_address(const char *text, struct meaning *meaning)
{
	struct prefix *prefix = &meaning->list[0];

	meaning->count = 1;
	if (strpbrk(text, "[%") != NULL)
		return -1;
	if (prefix_parse_octets(text, prefix) == 0)
		return 0;
	if (prefix_parse(text, prefix) != 0)
		return -1;
	if (prefix->family == AF_INET6 &&
	    memcmp(prefix->bytes, &in6addr_any, sizeof(in6addr_any)) == 0)
		prefix->bits = 0;
	return 0;
}

/* Up to three decimal digits, at most 255. */
static const char *
take_octet(const char *p, uint8_t *octet)
{
	unsigned value = 0;
	size_t digits = strspn(p, "0123456789");

	if (digits < 1 || digits > 3)
		return NULL;
	for (size_t i = 0; i < digits; i++)
		value = value * 10 + (unsigned)(p[i] - '0');
	*octet = (uint8_t)value;
	return value <= UINT8_MAX ? p + digits : NULL;
}

/* "10.1.{2,3}" is 10.1.2.0/24 and 10.1.3.0/24, and so with {0,1}. */
static int
read_factors(const char *text, struct meaning *meaning)
{
	struct prefix prefix = { .family = AF_INET };
	unsigned octets = 0;

	while (*text != '{') {
		if (octets == OCTETS - 1)
			return -1;
		text = take_octet(text, &prefix.bytes[octets++]);
		if (text == NULL || *text++ != '.')
			return -1;
	}
	prefix.bits = (uint8_t)((octets + 1) * OCTET_BITS);
	do {
		text = take_octet(text + 1, &prefix.bytes[octets]);
		if (text == NULL || meaning->count == FACTORS_MAX)
			return -1;
		meaning->list[meaning->count++] = prefix;
	} while (*text == ',');
	return text[0] == '}' && text[1] == '\0' ? 0 : -1;
}

static int
read_value(const char *text, struct meaning *meaning)
{
	meaning->count = 0;
	meaning->name = NULL;
	meaning->host_bits = false;
	if (strchr(text, '{') != NULL)
		return read_factors(text, meaning);
	if (strchr(text, '/') != NULL) { /* for xinetd host bits are none */
		meaning->count = 1;
		return strpbrk(text, "[%") != NULL ?
		    -1 :
		    prefix_read(text, &meaning->list[0], &meaning->host_bits);
	}
	if (read_address(text, meaning) == 0)
		return 0;
	meaning->count = 0;
	meaning->name = text;
	return is_host_name(text) ? 0 : -1;
}

const char *
access_wrong(const char *value)
{
	struct meaning meaning;

	return read_value(value, &meaning) == 0 ? NULL : expected;
}

bool
access_has_host_bits(const char *value)
{
	struct meaning meaning;

	return read_value(value, &meaning) == 0 && meaning.host_bits;
}

bool
access_covers_mapped(const char *value)
{
	static const uint8_t mapped[] = { [10] = 0xff, 0xff };
	struct prefix all = { .family = AF_INET6, .bits = V6_BITS - V4_BITS };
	struct meaning meaning;

	memcpy(all.bytes, mapped, sizeof(mapped));
	/* "::" alone is one address to xinetd */
	return strchr(value, '/') != NULL && read_value(value, &meaning) == 0 &&
	    meaning.count == 1 && prefix_within(&all, &meaning.list[0]);
}

bool
access_is_zeros(const char *value)
{
	struct meaning meaning;

	return strchr(value, '/') == NULL && read_value(value, &meaning) == 0 &&
	    meaning.count == 1 && meaning.list[0].family == AF_INET6 &&
	    meaning.list[0].bits == 0;
}

bool
access_same(const char *a, const char *b)
{
	struct meaning ma, mb;

	if (read_value(a, &ma) != 0 || read_value(b, &mb) != 0 ||
	    ma.count != mb.count)
		return strcmp(a, b) == 0;
	if (ma.name != NULL && mb.name != NULL)
		return strcasecmp(ma.name, mb.name) == 0;
	for (size_t i = 0; i < ma.count; i++)
		if (!prefix_equal(&ma.list[i], &mb.list[i]))
			return false;
	return true;
}

/* A whole host name is better than a network, whatever its address is. */
static bool
overrules(const struct meaning *allow, const struct meaning *deny)
{
	if (allow->name != NULL)
		return allow->name[0] != '.' &&
		    (deny->name == NULL || deny->name[0] == '.');
	for (size_t a = 0; a < allow->count; a++)
		for (size_t d = 0; d < deny->count; d++)
			if (prefix_within(&allow->list[a], &deny->list[d]))
				return true;
	return false;
}

const char *
access_overruled(const struct access *access, const char **wider)
{
	struct meaning allow, deny;
	char *const *from, *const *no;

	for (from = access->only_from; from != NULL && *from != NULL; from++)
		for (no = access->no_access; no != NULL && *no != NULL &&
		     read_value(*from, &allow) == 0;
		     no++)
			if (read_value(*no, &deny) == 0 &&
			    overrules(&allow, &deny)) {
				*wider = *no;
				return *from;
			}
	return NULL;
}

const char *
access_tied(const struct access *access)
{
	char *const *from, *const *no;

	for (from = access->only_from; from != NULL && *from != NULL; from++)
		for (no = access->no_access; no != NULL && *no != NULL; no++)
			if (access_same(*from, *no))
				return *from;
	return NULL;
}

/* A whole family: AF_INET, AF_INET6; 0 if the value means less. */
static int
whole_family(const char *value)
{
	struct meaning meaning;

	if (read_value(value, &meaning) != 0 || meaning.count != 1 ||
	    meaning.list[0].bits > 0)
		return 0;
	return meaning.list[0].family;
}

/* Domains tie with networks, and a tie denies: they may stay. */
static bool
lets_in(const char *value, int family)
{
	struct meaning meaning;

	if (read_value(value, &meaning) != 0)
		return false;
	if (meaning.name != NULL)
		return meaning.name[0] != '.';
	return meaning.count > 0 && meaning.list[0].family == family;
}

/* The first value that is gone, or NULL. */
static char *
take_away(char **values, int family)
{
	char *first = NULL;
	size_t to = 0;

	for (size_t i = 0; values != NULL && values[i] != NULL; i++)
		if (!lets_in(values[i], family))
			values[to++] = values[i];
		else if (first == NULL)
			first = values[i];
		else
			free(values[i]);
	if (values != NULL)
		values[to] = NULL;
	return first;
}

const char *
access_shut(struct access *access, char **opened)
{
	const char *shut = NULL;
	char *const *no;

	*opened = NULL;
	for (no = access->no_access; no != NULL && *no != NULL; no++) {
		int family = whole_family(*no);
		char *gone = family == 0 ?
		    NULL :
		    take_away(access->only_from, family);

		if (gone == NULL)
			continue;
		if (shut != NULL) {
			free(gone);
			continue;
		}
		shut = *no;
		*opened = gone;
	}
	return shut;
}

/* Would a value let in whom the administrator keeps out? */
static bool
opens(const struct access *access, const char *value)
{
	struct meaning allow, deny;
	char *const *no;

	if (read_value(value, &allow) != 0)
		return true;
	for (no = access->no_access; no != NULL && *no != NULL; no++)
		if (read_value(*no, &deny) == 0 && overrules(&allow, &deny))
			return true;
	return false;
}

void
access_keep_local(struct access *access)
{
	static const char *const local[] = { "127.0.0.0/8", "::1" };

	if (access->only_from_set)
		return;
	access->only_from_set = true;
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		if (!opens(access, local[i]))
			strings_add(&access->only_from, local[i]);
}

static int
add_list(struct acl *acl, bool allow, char *const *list,
    const struct place *place, struct reports *reports)
{
	struct meaning meaning;
	int result = 0;

	for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
		if (read_value(list[i], &meaning) != 0) {
			report_add(reports, REPORT_UNSERVABLE, place, "%s: %s",
			    list[i], expected);
			result = -1;
			continue;
		}
		for (size_t p = 0; p < meaning.count; p++)
			acl_add_prefix(acl, allow, &meaning.list[p]);
		if (meaning.name != NULL)
			acl_add_name(acl, allow, meaning.name);
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
	if (!access->only_from_set &&
	    (access->no_access == NULL || access->no_access[0] == NULL))
		return 0;
	access->acl = acl_new();
	if (access->only_from_set)
		acl_require_match(access->acl);
	result = add_list(access->acl, true, access->only_from, place, reports);
	if (add_list(access->acl, false, access->no_access, place, reports) !=
	    0)
		result = -1;
	return result;
}
