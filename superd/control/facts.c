/* What services and superd have in common of that. */
#include "superd/control/facts.h"

#include "superd/base/clock.h"

double
seconds_since(int64_t then)
{
	return (double)(loop_clock() - then) / SECOND;
}

double
seconds_until(const struct loop_timer *timer)
{
	double left = (double)(timer->at - loop_clock()) / SECOND;

	return loop_timer_running(timer) && left > 0 ? left : 0;
}

static void
client_name(const void *object, struct fact_value *value)
{
	const struct client_held *held = object;

	value->text = held->places > 0 ?
	    prefix_print(&held->client, value->room, sizeof(value->room)) :
	    NULL;
}

static const struct fact client_rows[] = {
	{ "client", FACT_TEXT, .get = client_name },
	{ "client_holds", FACT_MEMBER(struct client_held, places) },
};

const struct facts client_facts = FACTS(client_rows);
