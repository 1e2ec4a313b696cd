/* Why a client would be served, or not. */
#include "superd/control/why.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "conf/acl.h"
#include "conf/hours.h"
#include "conf/service.h"
#include "superd/base/clock.h"
#include "superd/control/request.h"
#include "superd/policy/admit.h"
#include "superd/policy/users.h"
#include "superd/running/closed.h"
#include "superd/running/denylist.h"
#include "superd/running/records.h"
#include "superd/running/running.h"
#include "superd/running/share.h"
#include "superd/running/sources.h"

enum { NEXT = 10, DETAIL = 200, RULES_MAX = 16 };

struct rule {
	const char *name;
	bool passed, asked; /* asked: when the client comes */
	char detail[DETAIL];
};

struct why {
	struct running *running;
	struct addr peer;
	time_t at; /* when it would come */
	struct rule rules[RULES_MAX];
	size_t nrules;
	const char *next[NEXT];
};

static const char served[] = "served";

/* Rules, one by one. */

static struct rule *
add_rule(struct why *why, const char *name, bool passed)
{
	struct rule *rule = &why->rules[why->nrules++];

	rule->name = name;
	rule->passed = passed;
	return rule;
}

#define SAY(rule, ...) snprintf((rule)->detail, DETAIL, __VA_ARGS__)

static bool
is_open(const struct running *running)
{
	return running->closed == CLOSED_NOT && !running->removed &&
	    strcmp(running_state(running), "failed") != 0;
}

static void
add_state(struct why *why)
{
	struct rule *rule = add_rule(why, "state", is_open(why->running));

	SAY(rule, "%s", running_state(why->running));
}

/* The address is the client's, whatever the socket's other end is. */
static void
add_proxy(struct why *why)
{
	const struct service *service = why->running->service;
	struct rule *rule;
	size_t used;

	if (!service_reads_proxy(service))
		return;
	rule = add_rule(why, "proxy_protocol", true);
	used = (size_t)SAY(rule, "if told by a proxy of proxy_from");
	for (char **from = service->proxy->from; *from != NULL && used < DETAIL;
	     from++)
		used += (size_t)snprintf(rule->detail + used, DETAIL - used,
		    " %s", *from);
}

static void
add_denied(struct why *why)
{
	int64_t now = loop_clock();
	const struct denied *denied =
	    denylist_find(why->running->superd->denylist, &why->peer, now);
	struct rule *rule = add_rule(why, "denied", denied == NULL);
	char client[ADDR_TEXT];

	if (denied == NULL)
		SAY(rule, "no");
	else if (denied->until == DENIED_FOR_EVER)
		SAY(rule, "%s by %s for ever",
		    prefix_print(&denied->client, client, sizeof(client)),
		    denied_by_name(denied->by));
	else
		SAY(rule, "%s by %s for %lld s",
		    prefix_print(&denied->client, client, sizeof(client)),
		    denied_by_name(denied->by),
		    (long long)((denied->until - now) / SECOND));
}

static void
add_access(struct why *why)
{
	const struct acl *acl = why->running->service->access.acl;
	enum acl_verdict verdict = acl != NULL && addr_is_internet(&why->peer) ?
	    acl_decide(acl, &why->peer) :
	    ACL_ALLOW;
	struct rule *rule = add_rule(why, "access", verdict != ACL_DENY);
	char prefix[ADDR_TEXT];
	struct acl_rule best;

	rule->asked = verdict == ACL_ASK;
	if (acl == NULL)
		SAY(rule, "no rule");
	else if (verdict == ACL_ASK)
		SAY(rule, "by the host's name");
	else if (acl_match(acl, &why->peer, &best))
		SAY(rule, "%s %s", best.allow ? "only_from" : "no_access",
		    prefix_print(&best.prefix, prefix, sizeof(prefix)));
	else
		SAY(rule, "%s",
		    verdict == ACL_DENY ?
			"not in only_from" :
			"not in no_access");
}

/* False: not as far as the user alone says. */
static bool
is_user_admitted(const struct why *why)
{
	const struct service *service = why->running->service;

	return !users_matter(service) ||
	    (addr_is_user(&why->peer) &&
		users_may_be(service, why->peer.u.user.uid) &&
		(service->only == NULL || service->only->ngids > 0 ||
		    users_name(service, why->peer.u.user.uid)));
}

/* Of a user's groups, only the kernel tells, of one who connects. */
static void
add_user(struct why *why)
{
	const struct service *service = why->running->service;
	struct rule *rule;
	bool admitted = is_user_admitted(why);

	if (!users_matter(service))
		return;
	rule = add_rule(why, "user", admitted);
	if (!addr_is_user(&why->peer))
		SAY(rule, "expected a user, as clients of unix sockets are");
	else if (!users_may_be(service, why->peer.u.user.uid))
		SAY(rule, "root, and no peer_root");
	else if (service->only == NULL)
		SAY(rule, "the server runs as this user");
	else if (users_name(service, why->peer.u.user.uid))
		SAY(rule, "in only_users");
	else
		SAY(rule, "not in only_users");
	rule->asked = admitted && service->only != NULL &&
	    !users_name(service, why->peer.u.user.uid);
	if (rule->asked)
		SAY(rule, "by only_groups");
}

static bool
in_hours(const struct why *why)
{
	const struct access *access = &why->running->service->access;

	return hours_allow(access->hours, access->nhours, why->at);
}

static void
add_times(struct why *why)
{
	const struct access *access = &why->running->service->access;
	struct rule *rule = add_rule(why, "access_times", in_hours(why));
	char hours[HOURS_TEXT];
	bool days = hours_have_days(access->hours, access->nhours);
	size_t used;

	used = (size_t)SAY(rule, "%s in ",
	    hours_print_time(why->at, days, hours, sizeof(hours)));
	if (access->nhours == 0)
		SAY(rule, "always");
	for (size_t i = 0; i < access->nhours && used < DETAIL; i++)
		used += (size_t)snprintf(rule->detail + used, DETAIL - used,
		    "%s%s", i > 0 ? " " : "",
		    hours_print(&access->hours[i], hours, sizeof(hours)));
}

static void
add_load(struct why *why)
{
	double most = why->running->service->limits.max_load;
	struct rule *rule;

	if (most <= 0)
		return;
	rule = add_rule(why, "max_load", admit_load(most));
	SAY(rule, "%.2f", most);
}

static void
add_asked(struct why *why)
{
	struct rule *rule;

	if (!service_asks(why->running->service))
		return;
	rule = add_rule(why, "asked", true);
	rule->asked = true;
	SAY(rule, "hosts_access(5) or a server of names or users");
}

static void
add_count(struct why *why, const char *name, unsigned count, unsigned most)
{
	bool limited = is_limit(most);
	struct rule *rule = add_rule(why, name, !limited || count < most);

	if (limited)
		SAY(rule, "%u of %u", count, most);
	else
		SAY(rule, "%u", count);
}

static void
add_rate(struct why *why, const char *name, const struct bucket *bucket,
    const struct rate *rate)
{
	static const struct bucket full;
	int64_t wait;
	struct rule *rule;

	if (!is_limit(rate->count))
		return;
	wait = bucket_wait(bucket != NULL ? bucket : &full, rate, loop_clock());
	rule = add_rule(why, name, wait == 0);
	if (wait > 0)
		SAY(rule, "%u in %u s, the next in %.1f s", rate->count,
		    rate->seconds, (double)wait / SECOND);
	else
		SAY(rule, "%u in %u s", rate->count, rate->seconds);
}

static const struct source_entry *
source_of(const struct why *why, const void *owner)
{
	const struct superd *superd = why->running->superd;
	struct prefix client;

	client_of(&why->peer, &superd->client_bits, &client);
	return sources_find(superd->sources, owner, &client);
}

static void
add_limits(struct why *why)
{
	const struct running *running = why->running;
	const struct limits *limits = &running->service->limits;
	const struct source_entry *source = source_of(why, running);

	add_count(why, "instances", running->children, limits->instances);
	add_count(why, "per_source", source != NULL ? source->children : 0,
	    limits->per_source);
	add_rate(why, "rate", &running->starts, &limits->rate);
	add_rate(why, "source_rate", source != NULL ? &source->starts : NULL,
	    &limits->source_rate);
}

static void
add_rules(struct why *why)
{
	add_state(why);
	add_proxy(why);
	add_denied(why);
	add_access(why);
	add_user(why);
	add_times(why);
	add_load(why);
	add_asked(why);
	add_limits(why);
}

/* The next connections: admission, on copies. */

struct trial {
	struct superd superd;
	struct running running;
	struct service service;
	struct child children[NEXT];
};

static bool
copy_source(struct trial *trial, const void *owner,
    const struct source_entry *source)
{
	struct source_entry *copy;

	if (source == NULL)
		return true;
	copy = sources_get(trial->superd.sources, owner, &source->client);
	if (copy == NULL)
		return false;
	for (unsigned i = 0; i < source->children; i++)
		sources_take(trial->superd.sources, copy);
	copy->starts = source->starts;
	return true;
}

/* Hours are those of another time, perhaps. */
static bool
copy(struct trial *trial, const struct why *why)
{
	const struct running *running = why->running;
	const struct superd *superd = running->superd;
	enum place_kind place = running->place;

	trial->superd = *superd;
	trial->superd.sources = sources_new(SOURCES_MAX);
	trial->service = *running->service;
	trial->service.access.nhours = 0;
	trial->running = *running;
	trial->running.superd = &trial->superd;
	trial->running.service = &trial->service;
	return copy_source(trial, &trial->running, source_of(why, running)) &&
	    (place == PLACES ||
		copy_source(trial, &trial->superd.pools[place],
		    source_of(why, &superd->pools[place])));
}

static enum refusal
admit_next(struct trial *trial, const struct why *why, struct child *child)
{
	struct running *running = &trial->running;
	int64_t now = loop_clock(), wait;
	enum refusal refusal = admit_service(running, now, &wait);

	if (refusal == ADMITTED && !is_user_admitted(why))
		refusal = REFUSED_ACCESS;
	if (refusal == ADMITTED)
		refusal = admit_peer(running, &why->peer, now);
	if (refusal == ADMITTED && !in_hours(why))
		refusal = REFUSED_TIME;
	if (refusal != ADMITTED)
		return refusal;
	child->running = running;
	child->peer = why->peer;
	running->children++;
	bucket_take(&running->starts, &trial->service.limits.rate, now);
	share_take(child);
	return ADMITTED;
}

static void
meet_next(struct why *why)
{
	struct trial trial = { .service = { .id = NULL } };
	bool open = is_open(why->running), copied;

	copied = open && copy(&trial, why);
	for (size_t i = 0; i < NEXT; i++) {
		enum refusal refusal = copied ?
		    admit_next(&trial, why, &trial.children[i]) :
		    REFUSED_SHORTAGE;

		if (!open)
			why->next[i] = running_state(why->running);
		else if (refusal == ADMITTED)
			why->next[i] = served;
		else
			why->next[i] = refusal_name(refusal);
	}
	sources_free(trial.superd.sources);
}

/* The answer. */

static void
rule_verdict(const void *object, struct fact_value *value)
{
	const struct rule *rule = object;

	value->text = rule->asked ? "asked" : rule->passed ? "yes" : "no";
}

static void
rule_detail(const void *object, struct fact_value *value)
{
	const struct rule *rule = object;

	value->text = rule->detail;
}

static const struct fact rule_rows[] = {
	{ "rule", FACT_MEMBER(struct rule, name) },
	{ "passed", FACT_TEXT, .get = rule_verdict },
	{ "detail", FACT_TEXT, .get = rule_detail },
};

static const struct facts rule_facts = FACTS(rule_rows);

static void
each_rule(const void *object, fact_visit_fn *visit, void *arg)
{
	const struct why *why = object;

	for (size_t i = 0; i < why->nrules; i++)
		visit(arg, NULL, &why->rules[i]);
}

static const struct fact next_row[] = { { NULL, FACT_TEXT, .offset = 0 } };
static const struct facts next_facts = { next_row, 1, .bare = true };

static void
each_next(const void *object, fact_visit_fn *visit, void *arg)
{
	const struct why *why = object;

	for (size_t i = 0; i < NEXT; i++)
		visit(arg, NULL, &why->next[i]);
}

static void
why_id(const void *object, struct fact_value *value)
{
	const struct why *why = object;

	value->text = why->running->id;
}

static void
why_peer(const void *object, struct fact_value *value)
{
	const struct why *why = object;

	value->text = addr_print_host(&why->peer, value->room,
	    sizeof(value->room));
}

static void
why_served(const void *object, struct fact_value *value)
{
	const struct why *why = object;

	value->yes = why->next[0] == served;
}

static void
why_file(const void *object, struct fact_value *value)
{
	const struct why *why = object;

	value->text = why->running->service->place.file;
}

static void
why_line(const void *object, struct fact_value *value)
{
	const struct why *why = object;

	value->number = why->running->service->place.line;
}

static const struct fact why_rows[] = {
	{ "id", FACT_TEXT, .get = why_id },
	{ "peer", FACT_TEXT, .get = why_peer },
	{ "served", FACT_BOOL, .get = why_served },
	{ "file", FACT_TEXT, .get = why_file },
	{ "line", FACT_NUMBER, .get = why_line },
	{ "rules", FACT_LIST, .each = each_rule, .within = &rule_facts },
	{ "next", FACT_LIST, .each = each_next, .within = &next_facts },
};

const struct facts why_facts = FACTS(why_rows);

/* "3 served, 7 per_source" */
static void
tell_next(const struct why *why, struct text *text)
{
	size_t same;

	text_add(text, "%-13s", "next");
	for (size_t i = 0; i < NEXT; i += same) {
		same = 1;
		while (i + same < NEXT &&
		    strcmp(why->next[i], why->next[i + same]) == 0)
			same++;
		text_add(text, "%s %zu %s", i > 0 ? "," : "", same,
		    why->next[i]);
	}
	text_add(text, "\n");
}

static void
tell(const struct why *why, struct text *text)
{
	const struct place *place = &why->running->service->place;
	char host[ADDR_TEXT];

	text_add(text, "%s %s: %s%s, %s:%u\n", why->running->id,
	    addr_print_host(&why->peer, host, sizeof(host)),
	    why->next[0] == served ? "" : "not served: ", why->next[0],
	    place->file, place->line);
	for (size_t i = 0; i < why->nrules; i++) {
		const struct rule *rule = &why->rules[i];

		text_add(text, "%-13s %s %s\n", rule->name,
		    rule->asked	     ? "?" :
			rule->passed ? "+" :
				       "-",
		    rule->detail);
	}
	tell_next(why, text);
}

/* False: it is refused with this status. */
static bool
take_words(struct request *request, struct why *why, enum control_exit *status)
{
	const char *at = request->options[WITH_AT];

	why->running = request_defined(request, status);
	if (why->running == NULL)
		return false;
	*status = CONTROL_USAGE;
	if (request->count > 3) {
		request_refuse(request, *status,
		    "%s: expected nothing after an address", request->words[3]);
		return false;
	}
	why->at = time(NULL);
	if (at != NULL)
		why->at = hours_time(at, why->at);
	if (why->at == -1) {
		request_refuse(request, *status,
		    "--at %s: expected a time, such as 14:30 or Mon,14:30", at);
		return false;
	}
	if (addr_parse_host(request->words[2], 0, &why->peer) == 0 ||
	    addr_parse_user(request->words[2], &why->peer) == 0)
		return true;
	request_refuse(request, *status,
	    "%s: expected an address, or a user as uid:1000",
	    request->words[2]);
	return false;
}

enum control_exit
do_why(struct request *request)
{
	struct why why = { .nrules = 0 };
	enum control_exit status;

	if (!take_words(request, &why, &status))
		return status;
	addr_unmap(&why.peer);
	add_rules(&why);
	meet_next(&why);
	if (request->json)
		facts_json_line(&request->text, &why_facts, &why);
	else
		tell(&why, &request->text);
	return why.next[0] == served ? CONTROL_OK : CONTROL_INACTIVE;
}
