/* From services to seats. */
#include "superd/serve/seats.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"
#include "superd/running/way.h"

void
seats_init(struct seats *seats)
{
	TAILQ_INIT(&seats->list);
	seats->shared = 0;
}

/* Of those that are shared: also before the first load. */
static unsigned
number(const struct superd *superd)
{
	unsigned wanted = superd->conf->globals.internal_processes;

	return wanted > 0 ? wanted : 1;
}

bool
seats_serve(const struct running *running)
{
	return running->way != NULL && running->way->elsewhere != NULL;
}

static bool
wants_own(const struct running *running)
{
	return running->service->process == PROCESS_OWN;
}

static struct seat *
add(struct superd *superd, struct seats *seats, loop_fn *start)
{
	struct seat *seat = xcalloc(1, sizeof(*seat));

	seat->superd = superd;
	loop_timer_init(&seat->pause, start, seat);
	TAILQ_INSERT_TAIL(&seats->list, seat, entry);
	return seat;
}

/* As many that are shared as there are to be: the first ones. */
static void
add_shared(struct superd *superd, struct seats *seats, loop_fn *start)
{
	struct seat *seat;
	unsigned count = 0;

	TAILQ_FOREACH (seat, &seats->list, entry)
		count += seat->number != 0;
	while (count < seats->shared)
		add(superd, seats, start)->number = ++count;
}

static size_t
count_sharers(struct superd *superd)
{
	struct running *running;
	size_t count = 0;

	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		count += seats_serve(running) && !wants_own(running);
	return count;
}

/* Each keeps its seat where that is still one of its kind, and not more than
 * its share has it already; but who is at home in its share moves nobody. */
static bool
may_stay(const struct running *running, size_t most)
{
	const struct seat *seat = running->seat;

	if (seat == NULL || !seats_serve(running))
		return false;
	if (wants_own(running) || seat->owner != NULL)
		return wants_own(running) && seat->owner == running;
	return seat->number <= number(running->superd) && seat->services < most;
}

static void
keep(struct superd *superd, size_t most)
{
	struct running *running;

	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		if (may_stay(running, most))
			running->seat->services++;
		else
			running->seat = NULL;
}

static struct seat *
emptiest(const struct seats *seats)
{
	struct seat *seat, *best = NULL;

	TAILQ_FOREACH (seat, &seats->list, entry)
		if (seat->number != 0 && seat->number <= seats->shared &&
		    (best == NULL || seat->services < best->services))
			best = seat;
	return best;
}

/* One that nobody has, nor its process either. */
static struct seat *
own(struct running *running, struct seats *seats, loop_fn *start)
{
	struct seat *seat;

	TAILQ_FOREACH (seat, &seats->list, entry)
		if (seat->number == 0 && seat->services == 0 &&
		    seat->now == NULL)
			break;
	if (seat == NULL)
		seat = add(running->superd, seats, start);
	seat->owner = running;
	return seat;
}

void
seats_assign(struct superd *superd, struct seats *seats, loop_fn *start)
{
	unsigned shared = number(superd);
	size_t most = SIZE_MAX;
	struct running *running;
	struct seat *seat;

	/* where their number has changed they are filled alike */
	if (seats->shared != shared)
		most = (count_sharers(superd) + shared - 1) / shared;
	seats->shared = shared;
	TAILQ_FOREACH (seat, &seats->list, entry)
		seat->services = 0;
	add_shared(superd, seats, start);
	keep(superd, most);
	for (running = running_first(superd); running != NULL;
	     running = running_next(running)) {
		if (running->seat != NULL || !seats_serve(running))
			continue;
		running->seat = wants_own(running) ?
		    own(running, seats, start) :
		    emptiest(seats);
		running->seat->services++;
	}
}

void
seats_free(struct seats *seats)
{
	struct seat *seat;

	while ((seat = TAILQ_FIRST(&seats->list)) != NULL) {
		TAILQ_REMOVE(&seats->list, seat, entry);
		free(seat);
	}
}

void
seat_show_pause(const struct seat *seat)
{
	struct running *running;

	if (seat->now != NULL)
		return;
	for (running = running_first(seat->superd); running != NULL;
	     running = running_next(running))
		for (size_t i = 0; running->seat == seat &&
		     running->elsewhere && i < running->nlisteners;
		     i++)
			running->listeners[i]->told = BLOCK_WORKER;
}

char *
seat_title(const struct seat *seat)
{
	char *title;
	int length;

	if (seat->owner != NULL)
		length = asprintf(&title, "internal-%s", seat->owner->id);
	else if (number(seat->superd) > 1)
		length = asprintf(&title, "internal-%u", seat->number);
	else
		length = asprintf(&title, "internal");
	return length < 0 ? NULL : title;
}
