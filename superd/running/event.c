/* Clients and children: in superd's form, and in xinetd's behind it. */
#include "superd/running/event.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "superd/base/clock.h"
#include "superd/base/settings.h"
#include "superd/log/log.h"
#include "superd/log/peers.h"
#include "superd/running/ending.h"
#include "superd/running/event_line.h"
#include "superd/running/reasons.h"
#include "superd/running/records.h"
#include "superd/spawn/command.h"

/* xinetd knows no ports. */
static void
add_host(struct event_line *line, const struct addr *peer)
{
	char host[ADDR_TEXT];

	if (peer != NULL && peer->len > 0)
		event_fact(line, "from", "%s", peers_text(peer, false, host));
}

/* Starts. */

static void
started_xinetd(const struct running *running, pid_t pid,
    const struct addr *peer)
{
	unsigned flags = running->service->log_on_success;
	struct event_line line;

	if (flags == 0)
		return;
	event_begin(&line, "START:", running->id);
	if (flags & LOGS_PID)
		event_fact(&line, "pid", "%d", (int)pid);
	if (flags & LOGS_HOST)
		add_host(&line, peer);
	event_end(&line, running->sink, LOG_INFO);
}

/* With -l, or only for who follows. */
static void
end_connection(const struct event_line *line, const struct running *running)
{
	if (running->superd->options->log_connections)
		event_end(line, running->sink, LOG_INFO);
	else
		event_end_unlogged(line);
}

void
event_started(const struct running *running, pid_t pid, const struct addr *peer)
{
	unsigned most = running->service->limits.instances;
	struct event_line line;

	started_xinetd(running, pid, peer);
	if (!running->superd->options->log_connections && !log_followed())
		return;
	event_begin(&line, "start", running->id);
	event_fact(&line, "pid", "%d", (int)pid);
	event_peer(&line, peer);
	event_fact(&line, "children", "%u", running->children);
	if (most != LIMIT_NONE) {
		event_unit(&line, "/%u", most);
		event_hidden(&line, "most", "%u", most);
	}
	end_connection(&line, running);
}

/* Ends. */

static void
add_status(struct event_line *line, int status)
{
	if (WIFSIGNALED(status))
		event_fact(line, "signal", "%d", WTERMSIG(status));
	else
		event_fact(line, "status", "%d", WEXITSTATUS(status));
}

static bool
knows_traffic(const struct child *child)
{
	return child->kind == CHILD_HOSTED && child->hosted.traffic_known;
}

/* In: from the client; out: to it. */
static void
traffic_xinetd(const struct child *child)
{
	const struct running *running = child->running;
	struct event_line line;

	if (!knows_traffic(child) ||
	    (running->service->log_on_success & LOGS_TRAFFIC) == 0)
		return;
	event_begin(&line, "TRAFFIC:", running->id);
	event_fact(&line, "in", "%llu", (unsigned long long)child->hosted.in);
	event_unit(&line, "(bytes)");
	event_fact(&line, "out", "%llu", (unsigned long long)child->hosted.out);
	event_unit(&line, "(bytes)");
	event_end(&line, running->sink, LOG_INFO);
}

static void
exited_xinetd(const struct child *child, int status)
{
	const struct running *running = child->running;
	struct event_line line;
	unsigned flags;

	if (running->service == NULL)
		return;
	traffic_xinetd(child);
	flags = running->service->log_on_success;
	if ((flags & (LOGS_EXIT | LOGS_DURATION)) == 0)
		return;
	event_begin(&line, "EXIT:", running->id);
	if (flags & LOGS_EXIT)
		add_status(&line, status);
	if (flags & LOGS_PID)
		event_fact(&line, "pid", "%d", (int)child->pid);
	if (flags & LOGS_DURATION) {
		event_fact(&line, "duration", "%ld",
		    (long)(time(NULL) - child->started_at));
		event_unit(&line, "(sec)");
	}
	event_end(&line, running->sink, LOG_INFO);
}

static void
add_time(struct event_line *line, const char *key, const struct timeval *time)
{
	event_hidden(line, key, "%.6f",
	    (double)time->tv_sec + (double)time->tv_usec / SECOND);
}

/* By the clock of today, so that start and duration make the end. */
static void
add_start(struct event_line *line, const struct child *child)
{
	int64_t ago = loop_clock() - child->started;
	char text[RECORD_TIME];
	struct timespec at;
	int64_t micros;

	clock_gettime(CLOCK_REALTIME, &at);
	micros = (int64_t)at.tv_sec * SECOND + at.tv_nsec / 1000 - ago;
	at.tv_sec = (time_t)(micros / SECOND);
	at.tv_nsec = (long)(micros % SECOND) * 1000;
	event_hidden(line, "start", "%s", record_time(&at, text));
}

/* Is its end what the signal has asked for? */
static bool
was_killed(const struct child *child, int status)
{
	if (child->killed == 0 || child->kind != CHILD_RUNS)
		return child->killed != 0;
	return WIFSIGNALED(status) ?
	    WTERMSIG(status) == child->killed :
	    child->killed == SIGTERM;
}

/* What lines for people lack: it stands at the start, or nobody reads it. */
static void
add_session(struct event_line *line, const struct child *child, int status)
{
	const struct rusage *usage = child->kind == CHILD_RUNS ?
	    child->own.process.usage :
	    NULL;
	char text[ADDR_TEXT];

	event_hidden(line, "peer", "%s", peers_text(&child->peer, true, text));
	if (child->local != NULL)
		event_hidden(line, "local", "%s",
		    addr_print(child->local, text, sizeof(text)));
	add_start(line, child);
	if (child->ended_for == ENDED_FOR_NONE && was_killed(child, status))
		event_hidden(line, "reason", "kill");
	if (usage == NULL)
		return;
	add_time(line, "utime", &usage->ru_utime);
	add_time(line, "stime", &usage->ru_stime);
	event_hidden(line, "maxrss", "%ld", usage->ru_maxrss);
}

void
event_exited(const struct child *child, int status)
{
	const struct running *running = child->running;
	struct event_line line;

	exited_xinetd(child, status);
	if (!running->superd->options->log_connections && !log_followed())
		return;
	event_begin(&line, "exit", running->id);
	event_fact(&line, "pid", "%d", (int)child->pid);
	add_status(&line, status);
	event_fact(&line, "duration", "%.3f",
	    (double)(loop_clock() - child->started) / SECOND);
	if (knows_traffic(child)) {
		event_fact(&line, "in", "%llu",
		    (unsigned long long)child->hosted.in);
		event_fact(&line, "out", "%llu",
		    (unsigned long long)child->hosted.out);
	}
	if (child->ended_for != ENDED_FOR_NONE)
		event_fact(&line, "reason", "%s",
		    ending_reason_name(child->ended_for));
	if (log_structured())
		add_session(&line, child, status);
	end_connection(&line, running);
}

void
event_left(const struct child *child)
{
	const struct running *running = child->running;
	struct event_line line;

	if (!running->superd->options->log_connections)
		return;
	event_begin(&line, "left", running->id);
	event_fact(&line, "pid", "%d", (int)child->pid);
	event_fact(&line, "duration", "%.3f",
	    (double)(loop_clock() - child->started) / SECOND);
	event_end(&line, running->sink, LOG_INFO);
}

/* Refusals. */

static void
refused_xinetd(const struct running *running, const struct addr *peer,
    enum refusal refusal)
{
	unsigned flags = running->service->log_on_failure;
	struct event_line line;

	if (flags == 0)
		return;
	event_begin(&line, "FAIL:", running->id);
	event_value(&line, "reason", "%s", refusal_name_xinetd(refusal));
	if (flags & LOGS_HOST)
		add_host(&line, peer);
	event_end(&line, running->sink, LOG_INFO);
}

static bool
counts_clients(enum refusal refusal)
{
	return refusal == REFUSED_PER_SOURCE ||
	    refusal == REFUSED_SOURCE_RATE || refusal == REFUSED_SHARE ||
	    refusal == REFUSED_SENSOR;
}

/* Where more than the peer's address was counted. */
static void
add_client(struct event_line *line, const struct client_bits *bits,
    const struct addr *peer)
{
	char text[ADDR_TEXT], host[ADDR_TEXT];
	struct prefix client;

	client_of(peer, bits, &client);
	peers_client(&client, text);
	if (strcmp(text, peers_text(peer, false, host)) != 0)
		event_fact(line, "client", "%s", text);
}

static bool
is_xinetds(const struct running *running)
{
	return running->service != NULL &&
	    (running->service->dialect == DIALECT_XINETD ||
		running->service->log_on_failure != 0);
}

void
event_refused(const struct running *running, const struct addr *peer,
    enum refusal refusal)
{
	struct event_line line;

	if (is_xinetds(running)) {
		refused_xinetd(running, peer, refusal);
		return;
	}
	event_begin(&line, "refuse", running->id);
	event_peer(&line, peer);
	event_fact(&line, "reason", "%s", refusal_name(refusal));
	if (peer != NULL && addr_is_internet(peer) && counts_clients(refusal))
		add_client(&line, &running->superd->client_bits, peer);
	event_end(&line, running->sink, LOG_INFO);
}

void
event_refusals_left_out(const struct running *running, uint64_t count)
{
	struct event_line line;

	event_begin(&line, "refuse", running->id);
	event_say(&line, "%llu more were not logged",
	    (unsigned long long)count);
	event_end(&line, running->sink, LOG_INFO);
}

void
event_dropped(uint64_t count)
{
	struct event_line line;

	event_begin(&line, "drop", NULL);
	event_say(&line, "%llu datagrams that must not be answered",
	    (unsigned long long)count);
	event_end(&line, NULL, LOG_INFO);
}

/* Users. */

void
event_user(const struct running *running, const struct addr *peer,
    const char *user, const char *why)
{
	char host[ADDR_TEXT];
	struct event_line line;

	event_begin(&line, user != NULL ? "USERID:" : "NOID:", running->id);
	if (user != NULL)
		event_add(&line, "%s", user);
	else {
		event_value(&line, "from", "%s", peers_text(peer, false, host));
		event_add(&line, "%s", why);
	}
	event_end(&line, running->sink, LOG_INFO);
}

void
event_users_left_out(uint64_t count)
{
	struct event_line line;

	event_begin(&line, "ident", NULL);
	event_say(&line, "too many refused clients, %llu not asked about",
	    (unsigned long long)count);
	event_end(&line, NULL, LOG_INFO);
}

/* The deny list. */

void
event_denied(const struct running *running, const struct addr *peer,
    int minutes)
{
	char text[ADDR_TEXT];
	struct prefix client;
	struct event_line line;

	client_of(peer, &running->superd->client_bits, &client);
	event_begin(&line, "deny", running->id);
	event_fact(&line, "peer", "%s", peers_client(&client, text));
	if (minutes > 0)
		event_fact(&line, "time", "%dm", minutes);
	else
		event_fact(&line, "time", "forever");
	event_end(&line, running->sink, LOG_WARNING);
}

void
event_denied_by_hand(const struct prefix *client, unsigned seconds)
{
	char text[ADDR_TEXT];
	struct event_line line;

	event_begin(&line, "deny", NULL);
	event_fact(&line, "peer", "%s", peers_client(client, text));
	if (seconds > 0)
		event_fact(&line, "time", "%us", seconds);
	else
		event_fact(&line, "time", "forever");
	event_fact(&line, "by", "hand");
	event_end(&line, NULL, LOG_INFO);
}

void
event_allowed(const struct prefix *client)
{
	char text[ADDR_TEXT];
	struct event_line line;

	event_begin(&line, "allow", NULL);
	event_fact(&line, "peer", "%s", peers_client(client, text));
	event_end(&line, NULL, LOG_INFO);
}

void
event_denylist_full(unsigned room, uint64_t left_out)
{
	struct event_line line;

	event_begin(&line, "deny", NULL);
	event_say(&line, "list full (%u entries), %llu not added", room,
	    (unsigned long long)left_out);
	event_end(&line, NULL, LOG_WARNING);
}

/* Failures. */

void
event_start_failed(const struct running *running, pid_t pid, const char *step,
    int error)
{
	struct event_line line;

	event_begin(&line, "error", running->id);
	event_fact(&line, "pid", "%d", (int)pid);
	event_add(&line, "%s %s", step,
	    running->prepared != NULL ?
		running->prepared->command->program :
		"");
	event_say(&line, "%s", strerror(error));
	event_end(&line, NULL, LOG_WARNING);
}

void
event_connection_failed(const struct child *child, const char *what, int error)
{
	struct event_line line;

	event_begin(&line, "error", child->running->id);
	event_fact(&line, "pid", "%d", (int)child->pid);
	event_peer(&line, &child->peer);
	event_add(&line, "%s", what);
	event_say(&line, "%s", strerror(error));
	event_end(&line, NULL, LOG_WARNING);
}

void
event_asker_late(const char *title, pid_t pid, int seconds)
{
	struct event_line line;

	event_begin_process(&line, "error", title);
	event_fact(&line, "pid", "%d", (int)pid);
	event_say(&line, "no answer in %d s", seconds);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_process_hung(const char *title, pid_t pid, unsigned seconds, size_t lost)
{
	struct event_line line;

	event_begin_process(&line, "error", title);
	event_fact(&line, "pid", "%d", (int)pid);
	event_say(&line, "no answer for %u s: killed, %zu connections lost",
	    seconds, lost);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_process_broken(const char *title, pid_t pid, size_t lost)
{
	struct event_line line;

	event_begin_process(&line, "error", title);
	event_fact(&line, "pid", "%d", (int)pid);
	event_say(&line, "says what cannot be: killed, %zu connections lost",
	    lost);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_process_died(const char *title, pid_t pid, int status, size_t lost)
{
	struct event_line line;

	event_begin_process(&line, "error", title);
	event_fact(&line, "pid", "%d", (int)pid);
	add_status(&line, status);
	event_say(&line, "%zu connections lost", lost);
	event_end(&line, NULL, LOG_WARNING);
}

void
event_process_failed(const char *title, pid_t pid, const char *step, int error)
{
	struct event_line line;

	event_begin_process(&line, "error", title);
	event_fact(&line, "pid", "%d", (int)pid);
	event_add(&line, "%s", step);
	event_say(&line, "%s", strerror(error));
	event_end(&line, NULL, LOG_WARNING);
}

void
event_libwrap_missing(const struct running *running)
{
	struct event_line line;

	event_begin(&line, "error", running->id);
	event_say(&line, "libwrap cannot be loaded");
	event_end(&line, NULL, LOG_WARNING);
}

/* Standard error. */

void
event_stderr(struct sink *sink, const char *id, pid_t pid,
    const struct addr *peer, const char *text)
{
	struct event_line line;

	event_begin(&line, "stderr", id);
	event_fact(&line, "pid", "%d", (int)pid);
	event_peer(&line, peer);
	event_say(&line, "%s", text);
	event_end(&line, sink, LOG_INFO);
}

void
event_stderr_left_out(struct sink *sink, const char *id, uint64_t count)
{
	struct event_line line;

	event_begin(&line, "stderr", id);
	event_say(&line, "%llu lines dropped", (unsigned long long)count);
	event_end(&line, sink, LOG_INFO);
}
