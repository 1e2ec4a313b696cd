/* Services, who is served, and what went wrong. */
#include "superd/control/status_page.h"

#include <stdio.h>
#include <string.h>

#include "superd/base/settings.h"
#include "superd/control/facts.h"
#include "superd/control/facts_service.h"
#include "superd/control/html.h"
#include "superd/control/status.h"
#include "superd/log/peers.h"
#include "superd/running/blocked.h"
#include "superd/running/children.h"
#include "superd/running/lately.h"
#include "superd/running/listener.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/running.h"
#include "superd/running/running_more.h"
#include "superd/running/running_tree.h"

/* More would be too much for a browser, and for who looks. */
enum { SESSIONS_SHOWN = 500 };

static const char head[] =
    "<!doctype html>\n<html lang=en><meta charset=utf-8>\n"
    "<meta name=viewport content=\"width=device-width\">\n"
    "<meta http-equiv=refresh content=10>\n<title>superd</title>\n<style>\n"
    ":root{color-scheme:light dark;--line:#ccc;--bad:#b00020;--some:#8a5a00}\n"
    "@media(prefers-color-scheme:dark)"
    "{:root{--line:#444;--bad:#ff8a80;--some:#ffcc80}}\n"
    "body{font:15px/1.4 system-ui,sans-serif;margin:1rem auto;"
    "max-width:70rem;padding:0 1rem}\n"
    "h1{font-size:1.3rem}h2{font-size:1.1rem;margin-top:1.5rem}\n"
    "div{overflow-x:auto}table{border-collapse:collapse;width:100%}\n"
    "td,th{padding:.25rem .6rem;text-align:left;white-space:nowrap;"
    "border-bottom:1px solid var(--line)}\n"
    "th{font-size:.8rem}.n{text-align:right;"
    "font-variant-numeric:tabular-nums}\n"
    ".failed{color:var(--bad)}.paused,.stale{color:var(--some)}\n"
    "</style>\n";

/* Tables. */

static void
open_table(struct text *text, const char *title, const struct facts *facts)
{
	text_add(text, "<h2>%s</h2>\n<div><table>\n", title);
	html_heads(text, facts);
}

static void
close_table(struct text *text)
{
	text_add(text, "</table></div>\n");
}

/* Services. */

static void
add_addresses(struct text *text, const struct running *running)
{
	char address[ADDR_TEXT];
	const char *before = "";

	text_add(text, "<td>");
	for (size_t i = 0; i < running->nlisteners; i++) {
		const struct listener *listener = running->listeners[i];

		if (strcmp(listener_state(listener), "absent") == 0)
			continue;
		text_add(text, "%s", before);
		html_text(text,
		    addr_print(listener->bound, address, sizeof(address)));
		before = " ";
	}
}

static void
add_services(struct superd *superd, struct text *text)
{
	text_add(text, "<h2>Services</h2>\n<div><table>\n<tr>");
	for (size_t i = 0; i < status_columns.count; i++)
		text_add(text, "<th>%s", status_columns.rows[i].key);
	text_add(text, "<th>ADDRESS\n");
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running)) {
		text_add(text, "<tr class=%s>", running_state(running));
		for (size_t i = 0; i < status_columns.count; i++)
			html_cell(text, &status_columns.rows[i], running);
		add_addresses(text, running);
		text_add(text, "\n");
	}
	close_table(text);
}

/* Sessions. */

static const struct fact session_columns[] = {
	{ "SERVICE", FACT_TEXT, .get = child_service },
	{ "CLIENT", FACT_TEXT, .get = child_peer },
	{ "PID", FACT_MEMBER(struct child, pid) },
	{ "SECONDS", FACT_SECONDS, .get = child_since },
};

static const struct facts session_table = FACTS(session_columns);

struct sessions {
	struct text *text;
	size_t count;
};

static void
add_session(void *arg, const struct child *child)
{
	struct sessions *sessions = arg;

	if (child_is_session(child) && sessions->count++ < SESSIONS_SHOWN)
		html_row(sessions->text, &session_table, child);
}

static void
add_sessions(struct superd *superd, struct text *text)
{
	struct sessions sessions = { text, 0 };

	open_table(text, "Sessions", &session_table);
	children_each(superd->children, add_session, &sessions);
	close_table(text);
	if (sessions.count > SESSIONS_SHOWN)
		text_add(text, "<p>and %zu more\n",
		    sessions.count - SESSIONS_SHOWN);
}

/* Refusals. */

struct refused {
	const char *service, *reason;
	uint64_t count;
};

static const struct fact refused_columns[] = {
	{ "SERVICE", FACT_MEMBER(struct refused, service) },
	{ "REASON", FACT_MEMBER(struct refused, reason) },
	{ "CLIENTS", FACT_MEMBER(struct refused, count) },
};

static const struct facts refused_table = FACTS(refused_columns);

static void
add_refused(struct text *text, const struct running *running)
{
	for (unsigned i = ADMITTED + 1; i < REFUSAL_COUNT; i++) {
		const struct refused refused = { running->id, refusal_name(i),
			running_refused_for(running, i) };

		if (refused.count > 0)
			html_row(text, &refused_table, &refused);
	}
}

static void
lately_reason(const void *object, struct fact_value *value)
{
	const struct refused_lately *one = object;

	value->text = refusal_name(one->reason);
}

static void
lately_id(const void *object, struct fact_value *value)
{
	const struct refused_lately *one = object;

	value->text = one->id;
}

/* As the log has it: log_peer. */
static void
lately_peer(const void *object, struct fact_value *value)
{
	const struct refused_lately *one = object;

	value->text = peers_text(&one->peer, true, value->room);
}

static void
lately_age(const void *object, struct fact_value *value)
{
	const struct refused_lately *one = object;

	value->seconds = seconds_since(one->at);
}

static const struct fact lately_columns[] = {
	{ "SERVICE", FACT_TEXT, .get = lately_id },
	{ "REASON", FACT_TEXT, .get = lately_reason },
	{ "CLIENT", FACT_TEXT, .get = lately_peer },
	{ "SECONDS AGO", FACT_SECONDS, .get = lately_age },
};

static const struct facts lately_table = FACTS(lately_columns);

/* The last first. */
static void
add_lately(struct superd *superd, struct text *text)
{
	unsigned count = lately_count(superd->lately);

	if (count == 0)
		return;
	open_table(text, "Last refusals", &lately_table);
	for (unsigned age = 0; age < count; age++)
		html_row(text, &lately_table, lately_get(superd->lately, age));
	close_table(text);
}

/* Failures. */

static void
failure_service(const void *object, struct fact_value *value)
{
	const struct running *running = object;

	value->text = running->id;
}

static void
failure_reason(const void *object, struct fact_value *value)
{
	const struct last_failure
	    *last = &running_more_of(object)->last_failure;

	snprintf(value->room, sizeof(value->room), "%s: %s", last->step,
	    strerror(last->error));
	value->text = value->room;
}

static void
failure_age(const void *object, struct fact_value *value)
{
	value->seconds = seconds_since(
	    running_more_of(object)->last_failure.at);
}

static const struct fact failure_columns[] = {
	{ "SERVICE", FACT_TEXT, .get = failure_service },
	{ "REASON", FACT_TEXT, .get = failure_reason },
	{ "SECONDS AGO", FACT_SECONDS, .get = failure_age },
};

static const struct facts failure_table = FACTS(failure_columns);

static void
add_failure(struct text *text, const struct running *running)
{
	if (running_more_of(running)->last_failure.at != 0)
		html_row(text, &failure_table, running);
}

/* A table only if it has rows. */
static void
add_table(struct superd *superd, struct text *text, const char *title,
    const struct facts *facts,
    void (*add)(struct text *, const struct running *))
{
	struct text rows = { 0 };

	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running))
		add(&rows, running);
	if (rows.length > 0) {
		open_table(text, title, facts);
		text_put(text, rows.bytes, rows.length);
		close_table(text);
	}
	text->failed |= rows.failed;
	text_free(&rows);
}

void
status_page(struct superd *superd, struct text *text)
{
	char summary[256];

	text_put(text, head, sizeof(head) - 1);
	text_add(text, "<h1>superd " SUPERD_VERSION "</h1>\n<p>%s",
	    superd_summary(superd, summary, sizeof(summary)));
	if (waiters_lack(superd) != NULL)
		text_add(text, "<p class=failed>paused: out of %s",
		    waiters_lack(superd));
	text_add(text, "\n");
	add_services(superd, text);
	add_sessions(superd, text);
	add_table(superd, text, "Refused", &refused_table, add_refused);
	add_lately(superd, text);
	add_table(superd, text, "Last failures", &failure_table, add_failure);
}
