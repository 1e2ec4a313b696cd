/* The deny list, steered by hand. */
#include "superd/control/denials.h"

#include "conf/units.h"
#include "superd/base/clock.h"
#include "superd/control/request.h"
#include "superd/control/table.h"
#include "superd/running/denied_file.h"
#include "superd/running/denylist.h"
#include "superd/running/event.h"
#include "superd/serve/internal.h"

/* What is told of an entry. */

static void
denied_client(const void *object, struct fact_value *value)
{
	const struct denied *denied = object;

	value->text = prefix_print(&denied->client, value->room,
	    sizeof(value->room));
}

static void
denied_left(const void *object, struct fact_value *value)
{
	const struct denied *denied = object;
	int64_t left = denied->until - loop_clock();

	value->none = denied->until == DENIED_FOR_EVER;
	value->seconds = left > 0 ? (double)left / SECOND : 0;
}

static void
denied_by(const void *object, struct fact_value *value)
{
	const struct denied *denied = object;

	value->text = denied_by_name(denied->by);
}

static const struct fact denied_rows[] = {
	{ "client", FACT_TEXT, .get = denied_client },
	{ "left", FACT_SECONDS, .get = denied_left },
	{ "by", FACT_TEXT, .get = denied_by },
};

const struct facts denied_facts = FACTS(denied_rows);

static const struct fact columns[] = {
	{ "CLIENT", FACT_TEXT, .get = denied_client },
	{ "SECONDS", FACT_SECONDS, .get = denied_left },
};

/* The list. */

struct listing {
	struct table table;
	struct text *text;
};

static void
measure(void *arg, const struct denied *denied)
{
	struct listing *listing = arg;

	table_measure(&listing->table, denied);
}

static void
add_row(void *arg, const struct denied *denied)
{
	struct listing *listing = arg;

	table_row(&listing->table, listing->text, denied);
	text_add(listing->text, "%s\n", denied_by_name(denied->by));
}

static void
add_object(void *arg, const struct denied *denied)
{
	facts_json_object(arg, NULL, &denied_facts, denied);
}

static void
list_text(const struct denylist *denylist, struct text *text, bool header)
{
	struct listing listing = { .text = text,
		.table = { columns, sizeof(columns) / sizeof(columns[0]),
		    { 0 } } };

	table_measure_header(&listing.table);
	denylist_each(denylist, measure, &listing);
	if (header) {
		table_header(&listing.table, text);
		text_add(text, "BY\n");
	}
	denylist_each(denylist, add_row, &listing);
}

enum control_exit
do_denied(struct request *request)
{
	struct denylist *denylist = request->superd->denylist;
	struct text *text = &request->text;

	/* without those whose time is over */
	denylist_count(denylist, loop_clock());
	if (request->json) {
		json_open(text, NULL, '[');
		denylist_each(denylist, add_object, text);
		json_close(text, ']');
		text_add(text, "\n");
	} else
		list_text(denylist, text, request->header);
	return CONTROL_OK;
}

/* Changes. */

/* False: it is refused with this status. */
static bool
take_client(struct request *request, struct prefix *client,
    enum control_exit *status)
{
	const char *word = request->words[1];

	if (prefix_parse(word, client) != 0)
		*status = request_refuse(request, CONTROL_USAGE,
		    "%s: expected an address or ADDRESS/BITS without host bits",
		    word);
	else if (!denylist_takes(client))
		*status = request_refuse(request, CONTROL_FAILED,
		    "%s: loopback addresses are never denied", word);
	else
		return true;
	return false;
}

static void
answer(struct request *request, const struct denied *denied, const char *what)
{
	char client[ADDR_TEXT];

	if (request->json)
		facts_json_line(&request->text, &denied_facts, denied);
	else
		text_add(&request->text, "%s: %s\n",
		    prefix_print(&denied->client, client, sizeof(client)),
		    what);
}

enum control_exit
do_deny(struct request *request)
{
	struct superd *superd = request->superd;
	const char *time = request->options[WITH_FOR];
	struct denied denied = { .until = DENIED_FOR_EVER,
		.by = DENIED_BY_HAND };
	enum control_exit status;
	unsigned seconds = 0;

	if (time != NULL && (parse_duration(time, &seconds) != 0 || !seconds))
		return request_refuse(request, CONTROL_USAGE,
		    "--for %s: expected a time, such as 1h", time);
	if (!take_client(request, &denied.client, &status))
		return status;
	if (time != NULL)
		denied.until = loop_clock() + (int64_t)seconds * SECOND;
	if (denylist_add(superd->denylist, &denied, loop_clock()) ==
	    DENIED_FULL)
		return request_refuse(request, CONTROL_FAILED,
		    "deny: out of memory");
	internals_deny(superd, &denied);
	denied_file_changed(superd);
	event_denied_by_hand(&denied.client, seconds);
	answer(request, &denied, "denied");
	return CONTROL_OK;
}

enum control_exit
do_allow(struct request *request)
{
	struct superd *superd = request->superd;
	struct denied allowed = { .until = 0 };
	enum control_exit status;

	if (!take_client(request, &allowed.client, &status))
		return status;
	if (!denylist_remove(superd->denylist, &allowed.client))
		return request_refuse(request, CONTROL_UNKNOWN,
		    "%s is not denied: superctl denied shows who is",
		    request->words[1]);
	internals_allow(superd, &allowed.client);
	denied_file_changed(superd);
	event_allowed(&allowed.client);
	answer(request, &allowed, "allowed");
	return CONTROL_OK;
}
