/* Services: equality of every field; diffs of confs. */
#include "tests/unit/unit.h"

#include <netinet/in.h>

#include "conf/diff.h"
#include "conf/service.h"
#include "conf/xalloc.h"

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
	s->access.hours = xcalloc(1, sizeof(struct hours));
	s->access.nhours = 1;
	s->redirect.targets = xcalloc(1, sizeof(struct addr));
	s->redirect.targets[0] = addr;
	s->redirect.ntargets = 1;
	limits_inherit(&s->limits, &s->limits);
	return s;
}

static void
set_text(char **text)
{
	free(*text);
	*text = xstrdup("other");
}

/* One change for each field that matters. */
#define NUMBER(name, field) static void name(struct service *s) \
	{ s->field++; }
#define FLAG(name, field) static void name(struct service *s) \
	{ s->field = !s->field; }
#define TEXT(name, field) static void name(struct service *s) \
	{ set_text(&s->field); }
#define LIST(name, field) static void name(struct service *s) \
	{ strings_add(&s->field, "other"); }

TEXT(c_id, id) TEXT(c_name, name) TEXT(c_proto, proto)
FLAG(c_disabled, disabled) FLAG(c_unservable, unservable)
NUMBER(c_socktype, socktype) NUMBER(c_protocol, protocol)
NUMBER(c_port, port) NUMBER(c_mode, node.mode) FLAG(c_owned, node.owned)
NUMBER(c_node_uid, node.uid) NUMBER(c_node_gid, node.gid)
NUMBER(c_rcvbuf, rcvbuf) NUMBER(c_sndbuf, sndbuf) NUMBER(c_backlog, backlog)
FLAG(c_nodelay, nodelay) FLAG(c_keepalive, keepalive)
TEXT(c_interface, interface) LIST(c_multicast, multicast) FLAG(c_rpc, rpc.enabled)
NUMBER(c_rpc_program, rpc.program) NUMBER(c_rpc_low, rpc.low)
NUMBER(c_rpc_high, rpc.high) FLAG(c_wait, wait) TEXT(c_internal, internal)
TEXT(c_redirect, redirect.host) TEXT(c_redirect_port, redirect.port)
NUMBER(c_idle, redirect.idle) TEXT(c_program, command.program)
LIST(c_argv, command.argv) TEXT(c_user, command.user)
TEXT(c_group, command.group) FLAG(c_change_user, command.change_user)
NUMBER(c_uid, command.uid) NUMBER(c_gid, command.gid)
NUMBER(c_groups, command.groups[0]) TEXT(c_home, command.home)
TEXT(c_shell, command.shell) LIST(c_env, command.env)
LIST(c_passenv, command.passenv) FLAG(c_passenv_set, command.passenv_set)
FLAG(c_env_all, command.env_all) FLAG(c_env_user, command.env_user)
FLAG(c_env_peer, command.env_peer)
FLAG(c_env_remote_host, command.env_remote_host)
NUMBER(c_umask, command.umask) FLAG(c_nice_set, command.nice_set)
NUMBER(c_nice, command.nice) NUMBER(c_resource, command.rlimits[0].resource)
NUMBER(c_soft, command.rlimits[0].soft)
NUMBER(c_hard, command.rlimits[0].hard) TEXT(c_chroot, command.chroot)
TEXT(c_directory, command.directory)
NUMBER(c_instances, limits.instances)
NUMBER(c_per_source, limits.per_source)
NUMBER(c_rate, limits.rate.count) NUMBER(c_seconds, limits.rate.seconds)
NUMBER(c_source_seconds, limits.source_rate.seconds)
NUMBER(c_source_rate, limits.source_rate.count)
NUMBER(c_max_pause, limits.max_pause)
FLAG(c_only_from_set, access.only_from_set)
LIST(c_only_from, access.only_from) LIST(c_no_access, access.no_access)
NUMBER(c_hours, access.hours[0].from) FLAG(c_libwrap, access.libwrap)
TEXT(c_libwrap_name, access.libwrap_name) FLAG(c_sensor, sensor)
NUMBER(c_deny_time, deny_time) FLAG(c_noretry, noretry)
FLAG(c_idonly, idonly) FLAG(c_intercept, intercept) FLAG(c_labeled, labeled)
TEXT(c_banner, banner) TEXT(c_banner_success, banner_success)
TEXT(c_banner_fail, banner_fail) NUMBER(c_facility, log.facility)
NUMBER(c_level, log.level) TEXT(c_path, log.path)
NUMBER(c_log_soft, log.soft) NUMBER(c_log_hard, log.hard)
NUMBER(c_on_success, log_on_success) NUMBER(c_on_failure, log_on_failure)
FLAG(c_v6only, endpoints[0].v6only) FLAG(c_optional, endpoints[0].optional)

static void
c_load(struct service *s)
{
	s->limits.max_load = 2.5;
}

static void
c_enums(struct service *s)
{
	s->limits.excess = EXCESS_REFUSE;
}

static void
c_mux(struct service *s)
{
	s->mux = MUX_PLUS;
}

static void
c_family(struct service *s)
{
	s->family = FAMILY_DUAL;
}

static void
c_stderr(struct service *s)
{
	s->command.stderr_to = STDERR_LOG;
}

static void
c_log_kind(struct service *s)
{
	s->log.kind = LOG_TO_FILE;
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

typedef void change_fn(struct service *);

static change_fn *const changes[] = { c_id, c_name, c_proto, c_disabled,
	c_unservable, c_socktype, c_protocol, c_port, c_mode, c_owned,
	c_node_uid, c_node_gid, c_rcvbuf, c_sndbuf, c_backlog, c_nodelay,
	c_keepalive, c_interface, c_multicast, c_rpc, c_rpc_program, c_rpc_low, c_rpc_high,
	c_wait, c_internal, c_redirect, c_redirect_port, c_idle, c_program,
	c_argv, c_user, c_group, c_change_user, c_uid, c_gid, c_groups,
	c_home, c_shell, c_env, c_passenv, c_passenv_set, c_env_all,
	c_env_user, c_env_peer, c_env_remote_host, c_umask, c_nice_set,
	c_nice, c_resource, c_soft, c_hard, c_chroot, c_directory,
	c_instances, c_per_source, c_rate, c_seconds, c_source_rate,
	c_max_pause, c_only_from_set, c_only_from, c_no_access, c_hours,
	c_libwrap, c_libwrap_name, c_sensor, c_deny_time, c_noretry, c_idonly,
	c_intercept, c_labeled, c_banner, c_banner_success, c_banner_fail,
	c_facility, c_level, c_path, c_log_soft, c_log_hard, c_on_success,
	c_on_failure, c_v6only, c_optional, c_load, c_enums, c_mux, c_family,
	c_stderr, c_log_kind, c_endpoint, c_target, c_source_seconds };

static void
every_field_makes_a_difference(void **state)
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
	return strcmp(((const struct running *)a)->service->id,
	    ((const struct running *)b)->service->id);
}

/* What runs of a conf; its owner is the service itself. */
static size_t
running_of(const struct conf *conf, struct running *list)
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
	struct running olds[8];
	struct diff diff;
	char text[256] = "";

	diff_make(&diff, olds, running_of(a, olds), b);
	for (size_t i = 0; i < diff.count; i++) {
		const struct diff_entry *e = &diff.list[i];

		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%c%s ", letters[e->kind], e->new != NULL ? e->new->id :
		    e->old->id);
		assert_ptr_equal(e->owner, e->old);
	}
	assert_string_equal(text, expected);
	assert_int_equal(diff.count, diff.kept + diff.changed + diff.added +
	    diff.dropped + diff.stale);
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
	struct running *olds = xcalloc(MANY, sizeof(*olds));
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
		cmocka_unit_test(every_field_makes_a_difference),
		cmocka_unit_test(
		    a_banner_that_says_something_else_makes_a_difference),
		cmocka_unit_test(unset_limits_are_inherited_and_none_is_left),
		cmocka_unit_test(ten_thousand_services_are_matched),
		cmocka_unit_test(diffs_say_what_becomes_of_each_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
