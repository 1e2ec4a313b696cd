/* Status: what is told of whom, and the table of services. */
#include "superd/control/status.h"

#include <string.h>

#include "superd/control/facts.h"
#include "superd/control/table.h"
#include "superd/running/listener.h"
#include "superd/running/reasons.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/running.h"
#include "superd/running/running_tree.h"

/* JSON. */

void
status_list_json(struct superd *superd, struct text *text)
{
	struct running *running;

	json_open(text, NULL, '[');
	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		facts_json_object(text, NULL, &service_facts, running);
	json_close(text, ']');
	text_add(text, "\n");
}

void
status_show_json(struct running *running, struct text *text)
{
	facts_json_line(text, &service_facts, running);
}

void
status_json(struct superd *superd, struct text *text)
{
	facts_json_line(text, &superd_facts, superd);
}

/* Text. */

static void
text_addresses(const struct running *running, struct text *text)
{
	char address[ADDR_TEXT];

	for (size_t i = 0; i < running->nlisteners; i++) {
		const struct listener *listener = running->listeners[i];

		if (strcmp(listener_state(listener), "absent") != 0)
			text_add(text, "%s%s", i > 0 ? " " : "",
			    addr_print(listener->bound, address,
				sizeof(address)));
	}
}

/* The columns of the list but the last; their widths are in characters. */

static void
taken(const void *object, struct fact_value *value)
{
	const struct running *running = object;

	value->number = (int64_t)(running->counters.accepted +
	    running->counters.datagrams);
}

static void
refused(const void *object, struct fact_value *value)
{
	value->number = (int64_t)running_refused(object);
}

static void
state(const void *object, struct fact_value *value)
{
	value->text = running_state(object);
}

static const struct fact columns[] = {
	{ "SERVICE", FACT_MEMBER(struct running, id) },
	{ "STATE", FACT_TEXT, .get = state },
	{ "CHILDREN", FACT_MEMBER(struct running, children) },
	{ "ACCEPTED", FACT_COUNTER, .get = taken },
	{ "REFUSED", FACT_COUNTER, .get = refused },
	{ "FAILED", FACT_MEMBER(struct running, counters.failed) },
};

const struct facts status_columns = FACTS(columns);

void
status_list_text(struct superd *superd, struct text *text, bool header)
{
	struct table table = { columns, sizeof(columns) / sizeof(columns[0]),
		{ 0 } };
	struct running *running;

	table_measure_header(&table);
	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		table_measure(&table, running);
	if (header) {
		table_header(&table, text);
		text_add(text, "ADDRESS\n");
	}
	for (running = running_first(superd); running != NULL;
	     running = running_next(running)) {
		table_row(&table, text, running);
		text_addresses(running, text);
		text_add(text, "\n");
	}
}

void
status_show_text(struct running *running, struct text *text)
{
	service_lines(running, text);
}

void
status_text(struct superd *superd, struct text *text, bool header)
{
	superd_lines(superd, text);
	text_add(text, "\n");
	status_list_text(superd, text, header);
}

void
status_all_text(struct superd *superd, struct text *text)
{
	status_text(superd, text, true);
	for (struct running *running = running_first(superd); running != NULL;
	     running = running_next(running))
		service_lines(running, text);
}
