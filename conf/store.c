/* Members of the model, compared, freed and copied by their kind. */
#include "conf/store.h"

#include <stdlib.h>
#include <string.h>

#include "conf/acl.h"
#include "conf/service.h"
#include "conf/type.h"
#include "conf/xalloc.h"
#include "conf/zone.h"

static const void *
member(const void *owner, size_t at)
{
	return (const char *)owner + at;
}

/* Pointers of any type, as bytes. */

static void *
get(const void *owner, size_t at)
{
	void *target;

	memcpy(&target, member(owner, at), sizeof(target));
	return target;
}

static void
set(void *owner, size_t at, void *target)
{
	memcpy((char *)owner + at, &target, sizeof(target));
}

static void
free_target(const struct attribute *attribute, void *owner, size_t at)
{
	(void)attribute;
	free(get(owner, at));
}

/* Octets. */

/* Most members are words, and ten thousand services have a million of
 * them. */
bool
store_octets_equal(const struct attribute *attribute, const void *a,
    const void *b, size_t at)
{
	const void *ma = member(a, at), *mb = member(b, at);

	switch (attribute->size) {
	case sizeof(char):
		return memcmp(ma, mb, sizeof(char)) == 0;
	case sizeof(unsigned):
		return memcmp(ma, mb, sizeof(unsigned)) == 0;
	default:
		return memcmp(ma, mb, attribute->size) == 0;
	}
}

static bool
equal_load(const struct attribute *attribute, const void *a, const void *b,
    size_t at)
{
	const double *la = member(a, at), *lb = member(b, at);

	(void)attribute;
	return !(*la < *lb) && !(*la > *lb);
}

const struct store store_plain = { .equal = store_octets_equal };
const struct store store_unseen = { .equal = NULL };
const struct store store_load = { .equal = equal_load };

/* Whether there is one: what it has inside has rows of its own. */
static bool
equal_box(const struct attribute *attribute, const void *a, const void *b,
    size_t at)
{
	(void)attribute;
	return (get(a, at) == NULL) == (get(b, at) == NULL);
}

const struct store store_box = { .equal = equal_box };

/* Texts. */

static bool
equal_text(const struct attribute *attribute, const void *a, const void *b,
    size_t at)
{
	const char *ta = get(a, at), *tb = get(b, at);

	(void)attribute;
	return ta == NULL || tb == NULL ? ta == tb : strcmp(ta, tb) == 0;
}

static void
copy_text(struct arena *arena, const struct attribute *attribute, void *owner,
    size_t at)
{
	(void)attribute;
	set(owner, at, arena_text(arena, get(owner, at)));
}

const struct store store_text = {
	.equal = equal_text, .free = free_target, .copy = copy_text
};

static bool
equal_list(const struct attribute *attribute, const void *a, const void *b,
    size_t at)
{
	(void)attribute;
	return strings_equal(get(a, at), get(b, at));
}

static void
free_list(const struct attribute *attribute, void *owner, size_t at)
{
	(void)attribute;
	strings_free(get(owner, at));
}

void *
arena_texts(struct arena *arena, char *const *list, size_t count)
{
	char **texts = xcalloc(count + 1, sizeof(char *));
	void *copy;

	for (size_t i = 0; i < count; i++)
		texts[i] = arena_text(arena, list[i]);
	copy = arena_share(arena, texts, (count + 1) * sizeof(char *));
	free(texts);
	return copy;
}

static void
copy_list(struct arena *arena, const struct attribute *attribute, void *owner,
    size_t at)
{
	char **list = get(owner, at);

	(void)attribute;
	if (list != NULL)
		set(owner, at, arena_texts(arena, list, strings_count(list)));
}

const struct store store_list = {
	.equal = equal_list, .free = free_list, .copy = copy_list
};

/* Arrays. */

static size_t
count_of(const struct attribute *attribute, const void *owner)
{
	size_t count;

	memcpy(&count, member(owner, attribute->count), sizeof(count));
	return count;
}

static bool
equal_array(const struct attribute *attribute, const void *a, const void *b,
    size_t at)
{
	const struct store *store = attribute->type->store;
	size_t count = count_of(attribute, a);
	const char *ea = get(a, at), *eb = get(b, at);

	if (count != count_of(attribute, b))
		return false;
	if (store->same == NULL)
		return count == 0 ||
		    memcmp(ea, eb, count * store->element) == 0;
	for (size_t i = 0; i < count; i++)
		if (!store->same(ea + i * store->element,
			eb + i * store->element))
			return false;
	return true;
}

static void
copy_array(struct arena *arena, const struct attribute *attribute, void *owner,
    size_t at)
{
	set(owner, at,
	    arena_share(arena, get(owner, at),
		count_of(attribute, owner) * attribute->type->store->element));
}

static bool
same_endpoint(const void *a, const void *b)
{
	const struct endpoint *ea = a, *eb = b;

	return addr_equal(&ea->addr, &eb->addr) && ea->v6only == eb->v6only &&
	    ea->optional == eb->optional;
}

static bool
same_target(const void *a, const void *b)
{
	return addr_equal(a, b);
}

static bool
same_rlimit(const void *a, const void *b)
{
	const struct resource_limit *la = a, *lb = b;

	return la->resource == lb->resource && la->soft == lb->soft &&
	    la->hard == lb->hard;
}

#define ARRAY_OF(type, is_same)                                                \
	{                                                                      \
		.equal = equal_array, .free = free_target, .copy = copy_array, \
		.element = sizeof(type), .same = (is_same)                     \
	}

const struct store store_endpoints = ARRAY_OF(struct endpoint, same_endpoint);
const struct store store_targets = ARRAY_OF(struct addr, same_target);
const struct store store_filter = ARRAY_OF(uint64_t, NULL);
const struct store store_groups = ARRAY_OF(gid_t, NULL);
const struct store store_rlimits = ARRAY_OF(struct resource_limit, same_rlimit);
const struct store store_options = ARRAY_OF(struct socket_option, NULL);

/* Times of the week, each with its zone. */

static bool
same_hours(const void *a, const void *b)
{
	const struct hours *ha = a, *hb = b;

	return ha->from == hb->from && ha->to == hb->to &&
	    ha->days == hb->days && zone_same(ha->zone, hb->zone);
}

static void
free_hours(const struct attribute *attribute, void *owner, size_t at)
{
	struct hours *list = get(owner, at);

	for (size_t i = 0; i < count_of(attribute, owner); i++)
		free(list[i].zone);
	free(list);
}

static void
copy_hours(struct arena *arena, const struct attribute *attribute, void *owner,
    size_t at)
{
	size_t count = count_of(attribute, owner);
	struct hours *list = xcalloc(count + 1, sizeof(*list));
	const struct hours *from = get(owner, at);

	for (size_t i = 0; i < count; i++) {
		list[i] = from[i];
		if (list[i].zone != NULL)
			list[i].zone = arena_share(arena, list[i].zone,
			    zone_size(list[i].zone));
	}
	set(owner, at, arena_share(arena, list, count * sizeof(*list)));
	free(list);
}

const struct store store_hours = { .equal = equal_array,
	.free = free_hours,
	.copy = copy_hours,
	.element = sizeof(struct hours),
	.same = same_hours };

/* Structs. */

static bool
equal_log(const struct attribute *attribute, const void *a, const void *b,
    size_t at)
{
	(void)attribute;
	return log_target_same(member(a, at), member(b, at));
}

static void
free_log(const struct attribute *attribute, void *owner, size_t at)
{
	free_target(attribute, owner, at + offsetof(struct log_target, path));
}

static void
copy_log(struct arena *arena, const struct attribute *attribute, void *owner,
    size_t at)
{
	copy_text(arena, attribute, owner,
	    at + offsetof(struct log_target, path));
}

const struct store store_log = {
	.equal = equal_log, .free = free_log, .copy = copy_log
};

/* The file is the conf's. */
static void
copy_place(struct arena *arena, const struct attribute *attribute, void *owner,
    size_t at)
{
	copy_text(arena, attribute, owner, at + offsetof(struct place, file));
}

const struct store store_place = { .copy = copy_place };

static void
free_acl(const struct attribute *attribute, void *owner, size_t at)
{
	(void)attribute;
	acl_free(get(owner, at));
}

static void
copy_acl(struct arena *arena, const struct attribute *attribute, void *owner,
    size_t at)
{
	const struct acl *acl = get(owner, at);

	(void)attribute;
	if (acl != NULL)
		set(owner, at, acl_copy(arena, acl));
}

/* Compiled from lists that are compared. */
const struct store store_acl = { .free = free_acl, .copy = copy_acl };

/* What few services have at all: none is NULL. */

static bool
equal_proxy(const struct attribute *attribute, const void *a, const void *b,
    size_t at)
{
	const struct proxy_rules *pa = get(a, at), *pb = get(b, at);

	(void)attribute;
	if (pa == NULL || pb == NULL)
		return pa == pb;
	return pa->versions == pb->versions && pa->sends == pb->sends &&
	    pa->timeout == pb->timeout && strings_equal(pa->from, pb->from);
}

static void
free_proxy(const struct attribute *attribute, void *owner, size_t at)
{
	struct proxy_rules *proxy = get(owner, at);

	(void)attribute;
	if (proxy == NULL)
		return;
	strings_free(proxy->from);
	acl_free(proxy->acl);
	free(proxy);
}

static void
copy_proxy(struct arena *arena, const struct attribute *attribute, void *owner,
    size_t at)
{
	const struct proxy_rules *proxy = get(owner, at);
	struct proxy_rules copy;

	if (proxy == NULL)
		return;
	copy = *proxy;
	copy_list(arena, attribute, &copy, offsetof(struct proxy_rules, from));
	copy_acl(arena, attribute, &copy, offsetof(struct proxy_rules, acl));
	set(owner, at, arena_share(arena, &copy, sizeof(copy)));
}

const struct store store_proxy = {
	.equal = equal_proxy, .free = free_proxy, .copy = copy_proxy
};

static bool
same_octets(const void *a, size_t na, const void *b, size_t nb)
{
	return na == nb && (na == 0 || memcmp(a, b, na) == 0);
}

static bool
equal_only(const struct attribute *attribute, const void *a, const void *b,
    size_t at)
{
	const struct only_rules *oa = get(a, at), *ob = get(b, at);

	(void)attribute;
	if (oa == NULL || ob == NULL)
		return oa == ob;
	return strings_equal(oa->users, ob->users) &&
	    strings_equal(oa->groups, ob->groups) &&
	    same_octets(oa->uids, oa->nuids * sizeof(uid_t), ob->uids,
		ob->nuids * sizeof(uid_t)) &&
	    same_octets(oa->gids, oa->ngids * sizeof(gid_t), ob->gids,
		ob->ngids * sizeof(gid_t));
}

static void
free_only(const struct attribute *attribute, void *owner, size_t at)
{
	struct only_rules *only = get(owner, at);

	(void)attribute;
	if (only == NULL)
		return;
	strings_free(only->users);
	strings_free(only->groups);
	free(only->uids);
	free(only->gids);
	free(only);
}

static void
copy_only(struct arena *arena, const struct attribute *attribute, void *owner,
    size_t at)
{
	const struct only_rules *only = get(owner, at);
	struct only_rules copy;

	if (only == NULL)
		return;
	copy = *only;
	copy_list(arena, attribute, &copy, offsetof(struct only_rules, users));
	copy_list(arena, attribute, &copy, offsetof(struct only_rules, groups));
	copy.uids = arena_share(arena, only->uids, only->nuids * sizeof(uid_t));
	copy.gids = arena_share(arena, only->gids, only->ngids * sizeof(gid_t));
	set(owner, at, arena_share(arena, &copy, sizeof(copy)));
}

const struct store store_only = {
	.equal = equal_only, .free = free_only, .copy = copy_only
};

/* The texts of banners, which are the conf's. */

static bool
same_banner(const struct banner_text *a, const struct banner_text *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->length == b->length &&
	    (a->length == 0 || memcmp(a->bytes, b->bytes, a->length) == 0);
}

/* Whatever their files are called. */
static bool
equal_banners(const struct attribute *attribute, const void *a, const void *b,
    size_t at)
{
	(void)attribute;
	for (size_t i = 0; i < BANNERS; i++)
		if (!same_banner(get(a, at + i * sizeof(void *)),
			get(b, at + i * sizeof(void *))))
			return false;
	return true;
}

static void *
copy_banner(struct arena *arena, const struct banner_text *banner)
{
	struct banner_text copy;

	if (banner == NULL)
		return NULL;
	memcpy(&copy, banner, sizeof(copy));
	copy.path = arena_text(arena, banner->path);
	copy.bytes = arena_share(arena, banner->bytes, banner->length);
	return arena_share(arena, &copy, sizeof(copy));
}

static void
copy_banners(struct arena *arena, const struct attribute *attribute,
    void *owner, size_t at)
{
	(void)attribute;
	for (size_t i = 0; i < BANNERS; i++, at += sizeof(void *))
		set(owner, at, copy_banner(arena, get(owner, at)));
}

const struct store store_banners = { .equal = equal_banners,
	.copy = copy_banners };
