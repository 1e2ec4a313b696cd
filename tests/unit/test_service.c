/* Services: equality of every member; diffs of confs. */
#include "tests/unit/unit.h"

#include <netinet/in.h>

#include "conf/box.h"
#include "conf/copy.h"
#include "conf/diff.h"
#include "conf/service.h"
#include "conf/store.h"
#include "conf/type.h"
#include "conf/xalloc.h"
#include "conf/zone.h"

static struct service *
sample(const char *id)
{
	struct service *s = service_new();
	struct addr addr;

	s->id = xstrdup(id);
	s->name = xstrdup("ftp");
	s->proto = xstrdup("tcp");
	s->socktype = SOCK_STREAM;
	s->protocol = IPPROTO_TCP;
	s->port = 21;
	addr_any(AF_INET, 21, &addr);
	service_add_endpoint(s, &addr, false, false);
	s->command.program = xstrdup("/bin/cat");
	strings_add(&s->command.argv, "cat");
	s->command.user = xstrdup("alice");
	s->command.groups = xcalloc(1, sizeof(gid_t));
	s->command.ngroups = 1;
	s->command.rlimits = xcalloc(1, sizeof(struct resource_limit));
	s->command.nrlimits = 1;
	s->options = xcalloc(1, sizeof(struct socket_option));
	s->options[0].option = OPTION_TTL;
	s->noptions = 1;
	/* one more than it counts, which c_nhours does */
	s->access.hours = xcalloc(2, sizeof(struct hours));
	s->access.nhours = 1;
	s->redirect.targets = xcalloc(1, sizeof(struct addr));
	s->redirect.targets[0] = addr;
	s->redirect.ntargets = 1;
	s->proxy = xcalloc(1, sizeof(*s->proxy));
	s->only = xcalloc(1, sizeof(*s->only));
	s->only->uids = xcalloc(1, sizeof(uid_t));
	s->only->gids = xcalloc(1, sizeof(gid_t));
	s->only->nuids = s->only->ngids = 1;
	limits_inherit(&s->limits, &s->limits);
	return s;
}

/* What is within the members that are more than one value. */
#define NUMBER(name, field)                 \
	static void name(struct service *s) \
	{                                   \
		s->field++;                 \
	}
#define FLAG(name, field)                   \
	static void name(struct service *s) \
	{                                   \
		s->field = !s->field;       \
	}

NUMBER(c_groups, command.groups[0]);
NUMBER(c_ngroups, command.ngroups);
NUMBER(c_option, options[0].value);
NUMBER(c_noptions, noptions);
NUMBER(c_resource, command.rlimits[0].resource);
NUMBER(c_soft, command.rlimits[0].soft);
NUMBER(c_hard, command.rlimits[0].hard);
NUMBER(c_nrlimits, command.nrlimits);
NUMBER(c_from, access.hours[0].from);
NUMBER(c_to, access.hours[0].to);
NUMBER(c_days, access.hours[0].days);
NUMBER(c_nhours, access.nhours);
NUMBER(c_proxy_versions, proxy->versions);
NUMBER(c_proxy_sends, proxy->sends);
NUMBER(c_proxy_timeout, proxy->timeout);
NUMBER(c_only_uid, only->uids[0]);
NUMBER(c_only_gid, only->gids[0]);
NUMBER(c_facility, log.facility);
NUMBER(c_level, log.level);
NUMBER(c_log_soft, log.soft);
NUMBER(c_log_hard, log.hard);
FLAG(c_v6only, endpoints[0].v6only);
FLAG(c_optional, endpoints[0].optional);
NUMBER(c_nendpoints, nendpoints);
NUMBER(c_ntargets, redirect.ntargets);

static void
c_log_kind(struct service *s)
{
	s->log.kind = LOG_TO_FILE;
}

static void
c_log_path(struct service *s)
{
	s->log.path = xstrdup("other");
}

static void
c_endpoint(struct service *s)
{
	addr_set_port(&s->endpoints[0].addr, 22);
}

static void
c_target(struct service *s)
{
	addr_set_port(&s->redirect.targets[0], 22);
}

static void
c_zone(struct service *s)
{
	s->access.hours[0].zone = zone_load("UTC");
}

static void
c_proxy_from(struct service *s)
{
	strings_add(&s->proxy->from, "10.0.0.1");
}

static void
c_proxy(struct service *s)
{
	free(s->proxy);
	s->proxy = NULL;
}

static void
c_only_users(struct service *s)
{
	strings_add(&s->only->users, "alice");
}

static void
c_only_groups(struct service *s)
{
	strings_add(&s->only->groups, "staff");
}

static void
c_only_nuids(struct service *s)
{
	s->only->nuids = 0;
}

static void
c_load(struct service *s)
{
	s->limits.max_load = 2.5;
}

typedef void change_fn(struct service *);

static change_fn *const changes[] = { c_groups, c_ngroups, c_option, c_noptions,
	c_resource, c_soft, c_hard, c_nrlimits, c_from, c_to, c_days, c_zone,
	c_nhours, c_facility, c_level, c_log_soft, c_log_hard, c_v6only,
	c_optional, c_nendpoints, c_ntargets, c_log_kind, c_log_path,
	c_endpoint, c_target, c_load, c_proxy_versions, c_proxy_sends,
	c_proxy_timeout, c_proxy_from, c_proxy, c_only_uid, c_only_gid,
	c_only_users, c_only_groups, c_only_nuids };

static void
every_part_of_a_member_makes_a_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct service *a = sample("ftp/tcp");
		struct service *b = sample("ftp/tcp");

		assert_true(service_equal(a, b));
		changes[i](b);
		if (service_equal(a, b))
			fail_msg("change %zu makes no difference", i);
		service_free(a);
		service_free(b);
	}
}

/* The rows. */

static bool
is_row_of(const struct attribute *attribute, size_t member)
{
	return attribute->in_service == member;
}

/* Where an entry stands, whether a retry may help, and what is compiled from
 * others: they differ between equal services. */
static bool
makes_no_difference(const struct attribute *attribute)
{
	static const size_t members[] = { offsetof(struct service, dialect),
		offsetof(struct service, place),
		offsetof(struct service, retry),
		offsetof(struct service, access.acl) };

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (is_row_of(attribute, members[i]))
			return true;
	return false;
}

/* False if its members are in changes[], or have a test of their own. */
static bool
change_member(const struct attribute *attribute, struct service *service)
{
	char *member = (char *)service + attribute->in_service;
	const struct store *store = attribute->type->store;

	if (store == &store_text) {
		free(*(char **)(void *)member);
		*(char **)(void *)member = xstrdup("other");
	} else if (store == &store_list) {
		strings_add((char ***)(void *)member, "other");
	} else if (attribute->type == &type_box) {
		service->command.box = xcalloc(1, sizeof(struct box));
	} else if (store == &store_plain || store == &store_unseen) {
		/* the highest octet, whatever the others are */
		member[attribute->size - 1] ^= 1;
	} else {
		assert_true(store->element > 0 || store == &store_load ||
		    store == &store_log || store == &store_banners ||
		    store == &store_acl || store == &store_place ||
		    store == &store_proxy || store == &store_only);
		return false;
	}
	return true;
}

static void
every_row_makes_a_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < attributes_count; i++) {
		const struct attribute *attribute = &attributes[i];
		bool none = makes_no_difference(attribute);
		struct service *a, *b;

		if (attribute->in_service == NOWHERE)
			continue;
		assert_int_equal(attribute->type->store->equal == NULL, none);
		a = sample("ftp/tcp");
		b = sample("ftp/tcp");
		if (change_member(attribute, b) && service_equal(a, b) != none)
			fail_msg("row %zu, %s", i,
			    attribute->name != NULL ?
				attribute->name :
				"without a name");
		service_free(a);
		service_free(b);
	}
}

/* Members of a box, of which none is a service's own. */
static void
every_row_of_a_box_makes_a_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < attributes_count; i++) {
		const struct attribute *attribute = &attributes[i];
		struct box *a, *b;
		char *member;

		if (attribute->in_box == NOWHERE ||
		    attribute->type == &type_box_set ||
		    attribute->type->store->element > 0)
			continue;
		a = xcalloc(1, sizeof(*a));
		b = xcalloc(1, sizeof(*b));
		assert_true(box_equal(a, b));
		member = (char *)b + attribute->in_box;
		if (attribute->type->store == &store_text)
			*(char **)(void *)member = xstrdup("other");
		else if (attribute->type->store == &store_list)
			strings_add((char ***)(void *)member, "other");
		else
			memset(member, 1, attribute->size);
		if (box_equal(a, b) || box_equal(b, a))
			fail_msg("row %zu", i);
		box_free(a);
		box_free(b);
	}
}

/* What is 0 afterwards belongs to a row; padding is 0 before. */
static void
blank(unsigned char *octets, size_t at, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (octets[at + i] != 0xff)
			fail_msg("octet %zu has two rows, or is none", at + i);
		octets[at + i] = 0;
	}
}

static size_t
octets_left(const unsigned char *octets, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (octets[i] != 0)
			return i;
	return size;
}

#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
#define CLEAR_PADDING(p) __builtin_clear_padding(p)
#endif
#endif

static void
every_octet_of_the_model_belongs_to_one_row(void **state)
{
#ifdef CLEAR_PADDING
	/* padding within a member is the member's */
	struct service *service = xcalloc(1, sizeof(*service));
	struct globals *globals = xcalloc(1, sizeof(*globals));
	unsigned char *in_service = (unsigned char *)service;
	unsigned char *in_globals = (unsigned char *)globals;
	size_t at;

	(void)state;
	memset(service, 0xff, sizeof(*service));
	memset(globals, 0xff, sizeof(*globals));
	CLEAR_PADDING(service);
	CLEAR_PADDING(globals);
	for (size_t i = 0; i < attributes_count; i++) {
		const struct attribute *row = &attributes[i];

		/* structs with holes of their own */
		if (row->in_service != NOWHERE) {
			memset(in_service + row->in_service, 0xff,
			    row->type->store == &store_log ||
				    row->type->store == &store_place ?
				row->size :
				0);
			blank(in_service, row->in_service, row->size);
		}
		if (row->in_globals != NOWHERE) {
			memset(in_globals + row->in_globals, 0xff,
			    row->type->store == &store_log ? row->size : 0);
			blank(in_globals, row->in_globals, row->size);
		}
		if (row->count != NOWHERE && row->in_box == NOWHERE)
			blank(in_service, row->count, sizeof(size_t));
	}
	at = octets_left(in_service, sizeof(*service));
	if (at < sizeof(*service))
		fail_msg("octet %zu of struct service has no row", at);
	at = octets_left(in_globals, sizeof(*globals));
	if (at < sizeof(*globals))
		fail_msg("octet %zu of struct globals has no row", at);
	free(service);
	free(globals);
#else
	(void)state;
	skip();
#endif
}

static void
a_banner_that_says_something_else_makes_a_difference(void **state)
{
	struct banner_text one = { NULL, xstrdup("hello"), 5 };
	struct banner_text same = { NULL, xstrdup("hello"), 5 };
	struct banner_text other = { NULL, xstrdup("hallo"), 5 };
	struct service *a = sample("ftp/tcp"), *b = sample("ftp/tcp");

	(void)state;
	for (int i = 0; i < BANNERS; i++) {
		a->banners[i] = &one;
		assert_false(service_equal(a, b));
		b->banners[i] = &other;
		assert_false(service_equal(a, b));
		b->banners[i] = &same;
		assert_true(service_equal(a, b));
	}
	service_free(a);
	service_free(b);
	free(one.bytes);
	free(same.bytes);
	free(other.bytes);
}

static void
unset_limits_are_inherited_and_none_is_left(void **state)
{
	struct limits limits, defaults;

	(void)state;
	limits_unset(&limits);
	limits_unset(&defaults);
	limits.instances = 3;
	limits.per_source = LIMIT_NONE;
	defaults.instances = defaults.per_source = 9;
	defaults.rate.count = 5;
	defaults.rate.seconds = 60;
	defaults.max_load = 1.5;
	limits_inherit(&limits, &defaults);
	assert_int_equal(limits.instances, 3);
	assert_int_equal(limits.per_source, LIMIT_NONE);
	assert_int_equal(limits.rate.count, 5);
	assert_int_equal(limits.rate.seconds, 60);
	assert_int_equal(limits.source_rate.count, LIMIT_NONE);
	assert_int_equal(limits.max_pause, LIMIT_NONE);
	assert_true(limits.max_load > 1.4 && limits.max_load < 1.6);
}

/* Diffs. */

static struct conf *
conf_of(const char *ids)
{
	struct conf *conf = conf_new();
	char *copy = xstrdup(ids), *rest = copy, *id;

	while ((id = strsep(&rest, " ")) != NULL) {
		struct service *s;

		if (id[0] == '\0')
			continue;
		/* "a" plain, "a!" changed, "a?" unservable, "a-" disabled */
		s = sample("x");
		if (strchr(id, '!') != NULL)
			s->port = 99;
		s->unservable = strchr(id, '?') != NULL;
		s->disabled = strchr(id, '-') != NULL;
		id[strcspn(id, "!?-")] = '\0';
		free(s->id);
		s->id = xstrdup(id);
		s->place.file = conf_file(conf, "f");
		conf_add(conf, s);
	}
	free(copy);
	return conf;
}

static int
compare_running(const void *a, const void *b)
{
	return strcmp(((const struct old_service *)a)->service->id,
	    ((const struct old_service *)b)->service->id);
}

/* What runs of a conf; its owner is the service itself. */
static size_t
running_of(const struct conf *conf, struct old_service *list)
{
	size_t count = 0;

	for (size_t i = 0; i < conf->count; i++)
		if (!conf->services[i]->disabled &&
		    !conf->services[i]->unservable) {
			list[count].service = conf->services[i];
			list[count++].owner = conf->services[i];
		}
	qsort(list, count, sizeof(*list), compare_running);
	return count;
}

static void
check_diff(const char *old, const char *new, const char *expected)
{
	static const char letters[] = "=~+-?";
	struct conf *a = conf_of(old), *b = conf_of(new);
	struct old_service olds[8];
	struct diff diff;
	char text[256] = "";

	diff_make(&diff, olds, running_of(a, olds), b);
	for (size_t i = 0; i < diff.count; i++) {
		const struct diff_entry *e = &diff.list[i];

		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%c%s ", letters[e->kind],
		    e->new != NULL ? e->new->id : e->old->id);
		assert_ptr_equal(e->owner, e->old);
	}
	assert_string_equal(text, expected);
	assert_int_equal(diff.count,
	    diff.kept + diff.changed + diff.added + diff.dropped + diff.stale);
	diff_free(&diff);
	conf_free(a);
	conf_free(b);
}

static void
diffs_say_what_becomes_of_each_service(void **state)
{
	(void)state;
	check_diff("", "a b", "+a +b ");
	check_diff("a b", "", "-a -b ");
	check_diff("a b c", "c a! d", "=c ~a +d -b ");
	check_diff("a b", "a? b", "?a =b ");
	check_diff("a", "a? c?", "?a ");
	check_diff("a", "a-", "-a ");
	check_diff("a-", "a", "+a ");
	check_diff("a?", "a", "+a ");
	check_diff("a", "a a?", "=a ");
	check_diff("a", "a? a", "=a ");
	check_diff("", "a?", "");
	check_diff("a? b", "b", "=b ");
}

static void
ten_thousand_services_are_matched(void **state)
{
	enum { MANY = 10000 };
	struct conf *a = conf_new(), *b = conf_new();
	struct old_service *olds = xcalloc(MANY, sizeof(*olds));
	struct diff diff;
	char id[16];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(id, sizeof(id), "%d", i);
		conf_add(a, sample(id));
		snprintf(id, sizeof(id), "%d", MANY + MANY / 2 - 1 - i);
		conf_add(b, sample(id));
	}
	diff_make(&diff, olds, running_of(a, olds), b);
	assert_int_equal(diff.kept, MANY / 2);
	assert_int_equal(diff.added, MANY / 2);
	assert_int_equal(diff.dropped, MANY / 2);
	assert_int_equal(diff.changed + diff.stale, 0);
	diff_free(&diff);
	free(olds);
	conf_free(a);
	conf_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_makes_a_difference),
		cmocka_unit_test(every_row_of_a_box_makes_a_difference),
		cmocka_unit_test(every_part_of_a_member_makes_a_difference),
		cmocka_unit_test(every_octet_of_the_model_belongs_to_one_row),
		cmocka_unit_test(
		    a_banner_that_says_something_else_makes_a_difference),
		cmocka_unit_test(unset_limits_are_inherited_and_none_is_left),
		cmocka_unit_test(ten_thousand_services_are_matched),
		cmocka_unit_test(diffs_say_what_becomes_of_each_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
