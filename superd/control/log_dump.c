/* The state in the log. */
#include "superd/control/log_dump.h"

#include <stdlib.h>
#include <string.h>

#include "superd/base/clock.h"
#include "superd/control/status.h"
#include "superd/log/log.h"
#include "superd/log/sink.h"
#include "superd/running/event_self.h"
#include "superd/running/superd.h"
#include "superd/serve/internal.h"

/* So many lines at most, then everybody else's turn; and for how long a
 * reader may take none of them. */
enum { LINES = 32, PAUSE = 5 * MILLISECOND, PATIENCE = 30 * SECOND };

struct logdump {
	struct superd *superd;
	struct text text;
	char *next;	  /* line; NULL: it is done */
	int64_t progress; /* loop_clock() */
	struct loop_timer timer;
};

void
logdump_free(struct superd *superd)
{
	struct logdump *dump = superd->logdump;

	if (dump == NULL)
		return;
	superd->logdump = NULL;
	loop_timer_stop(superd->loop, &dump->timer);
	text_free(&dump->text);
	free(dump);
}

static unsigned long long
lost(const struct superd *superd)
{
	return log_dropped() + sinks_dropped(superd->sinks);
}

/* False: not now. */
static bool
put_line(const struct superd *superd, const char *line)
{
	unsigned long long before = lost(superd);

	if (!log_ready())
		return false;
	event_dump_line(line);
	/* somebody else's record may have taken the room */
	return lost(superd) == before;
}

/* The line at next; false: it has to be tried again. */
static bool
step(struct logdump *dump)
{
	char *end = strchr(dump->next, '\n');
	bool done;

	if (end != NULL)
		*end = '\0';
	done = dump->next[0] == '\0' || put_line(dump->superd, dump->next);
	if (done)
		dump->next = end != NULL ? end + 1 : NULL;
	else if (end != NULL)
		*end = '\n';
	return done;
}

static void
turn(void *arg)
{
	struct logdump *dump = arg;
	struct superd *superd = dump->superd;
	int lines = 0;

	while (dump->next != NULL && lines < LINES && step(dump))
		lines++;
	if (lines > 0)
		dump->progress = loop_clock();
	if (dump->next == NULL) {
		logdump_free(superd);
	} else if (loop_clock() - dump->progress > PATIENCE) {
		event_dump_left("nobody reads the log");
		logdump_free(superd);
	} else
		loop_timer_set(superd->loop, &dump->timer, PAUSE);
}

void
logdump_on_signal(void *arg)
{
	struct superd *superd = arg;
	struct logdump *dump;

	if (superd->logdump != NULL) {
		event_dump_runs();
		return;
	}
	dump = calloc(1, sizeof(*dump));
	if (dump == NULL)
		return;
	dump->superd = superd;
	dump->progress = loop_clock();
	loop_timer_init(&dump->timer, turn, dump);
	superd->logdump = dump;
	internals_hear(superd);
	status_all_text(superd, &dump->text);
	if (dump->text.failed) {
		event_dump_left("out of memory");
		logdump_free(superd);
		return;
	}
	dump->next = dump->text.bytes;
	turn(dump);
}
