/* Refusals and failures: counted, and logged within bounds. */
#include "superd/running/refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "superd/log/log.h"
#include "superd/running/event_xinetd.h"
#include "superd/running/service_log.h"
#include "superd/spawn/command.h"

/* Lines about refusals for one service. */
static const struct rate log_rate = { 20, 20 };

static const char *const refusal_names[REFUSAL_COUNT] = {
	[ADMITTED] = "none",
	[REFUSED_RATE] = "rate",
	[REFUSED_SOURCE_RATE] = "source_rate",
	[REFUSED_INSTANCES] = "instances",
	[REFUSED_PER_SOURCE] = "per_source",
	[REFUSED_TOTAL] = "max_children",
	[REFUSED_CONNECTIONS] = "max_connections",
	[REFUSED_TALKS] = "talks",
	[REFUSED_SHARE] = "share",
	[REFUSED_ACCESS] = "access",
	[REFUSED_TIME] = "time",
	[REFUSED_LOAD] = "load",
	[REFUSED_LIBWRAP] = "libwrap",
	[REFUSED_SENSOR] = "sensor",
	[REFUSED_USER] = "ident",
	[REFUSED_SHORTAGE] = "shortage",
	[REFUSED_LOOP] = "loop",
	[REFUSED_ANSWERS] = "answers",
};

const char *
refusal_name(enum refusal refusal)
{
	return refusal_names[refusal];
}

uint64_t
running_refused_for(const struct running *running, enum refusal refusal)
{
	return running->counters.refused != NULL ?
	    running->counters.refused[refusal] :
	    0;
}

uint64_t
running_refused(const struct running *running)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < REFUSAL_COUNT; i++)
		sum += running_refused_for(running, i);
	return sum;
}

void
running_count_refusal(struct running *running, enum refusal refusal)
{
	struct counters *counters = &running->counters;

	if (counters->refused == NULL)
		counters->refused = calloc(REFUSAL_COUNT,
		    sizeof(*counters->refused));
	if (counters->refused != NULL)
		counters->refused[refusal]++;
}

static bool
may_log_drop(struct superd *superd)
{
	if (!limiter_try(&superd->drops, &once_a_minute,
		loop_now(superd->loop)))
		return false;
	log_info("drop: %llu datagrams that must not be answered",
	    (unsigned long long)limiter_told(&superd->drops) + 1);
	return true;
}

static bool
may_log(struct running *running, enum refusal refusal)
{
	uint64_t more;

	if (refusal == REFUSED_LOOP || refusal == REFUSED_ANSWERS)
		return may_log_drop(running->superd) && log_debugging();
	if (!limiter_try(&running->refusals, &log_rate,
		loop_now(running->superd->loop)))
		return false;
	more = limiter_told(&running->refusals);
	if (more > 0)
		log_service(running, LOG_INFO,
		    "refuse %s: %llu more were not logged", running->id,
		    (unsigned long long)more);
	return true;
}

/* " client=2001:db8::/64" where more than the peer's address was counted. */
static const char *
print_client(const struct running *running, const struct addr *peer,
    enum refusal refusal, char *buf, size_t size)
{
	const struct client_bits *bits = &running->superd->client_bits;
	char text[ADDR_TEXT], host[ADDR_TEXT];
	struct prefix client;

	buf[0] = '\0';
	if (peer == NULL || !addr_is_internet(peer) ||
	    (refusal != REFUSED_PER_SOURCE && refusal != REFUSED_SOURCE_RATE &&
		refusal != REFUSED_SHARE && refusal != REFUSED_SENSOR))
		return buf;
	client_of(peer, bits, &client);
	prefix_print(&client, text, sizeof(text));
	if (strcmp(text, addr_print_host(peer, host, sizeof(host))) != 0)
		snprintf(buf, size, " client=%s", text);
	return buf;
}

void
running_refuse(struct running *running, const struct addr *peer,
    enum refusal refusal)
{
	char text[ADDR_TEXT] = "-", client[ADDR_TEXT + 16];

	running_count_refusal(running, refusal);
	if (!may_log(running, refusal))
		return;
	if (peer != NULL)
		addr_print(peer, text, sizeof(text));
	if (running->service != NULL &&
	    (running->service->dialect == DIALECT_XINETD ||
		running->service->log_on_failure != 0))
		xlog_fail(running, peer, refusal);
	else
		log_service(running, LOG_INFO, "refuse %s peer=%s reason=%s%s",
		    running->id, text, refusal_name(refusal),
		    print_client(running, peer, refusal, client,
			sizeof(client)));
}

static void
count_failure(struct running *running, pid_t pid, const char *step, int error)
{
	running->counters.failed++;
	running->last_failure = (struct last_failure){ step, error, pid,
		loop_clock() };
}

void
running_failed(struct running *running, pid_t pid, const char *step, int error)
{
	const char *program = running->prepared != NULL ?
	    running->prepared->command->program :
	    "";

	count_failure(running, pid, step, error);
	if (may_log(running, REFUSED_SHORTAGE))
		log_warnx("error %s pid=%d %s %s: %s", running->id, (int)pid,
		    step, program, strerror(error));
}

void
running_connection_failed(const struct child *child, int error)
{
	struct running *running = child->running;
	const char *what = running->handler == NULL ? "redirect" : "connection";
	char text[ADDR_TEXT] = "-";

	count_failure(running, child->pid, what, error);
	if (!may_log(running, REFUSED_SHORTAGE))
		return;
	if (child->peer.len > 0)
		addr_print(&child->peer, text, sizeof(text));
	log_warnx("error %s pid=%d peer=%s %s: %s", running->id,
	    (int)child->pid, text, what, strerror(error));
}
