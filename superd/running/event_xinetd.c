/* xinetd's log lines. */
#include "superd/running/event_xinetd.h"

#include <sys/wait.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "superd/running/service_log.h"

enum { LINE = 1280 }; /* with what an ident server says */

static const char *const reasons[REFUSAL_COUNT] = {
	[ADMITTED] = "none",
	[REFUSED_RATE] = "connections per second",
	[REFUSED_SOURCE_RATE] = "connections per second",
	[REFUSED_INSTANCES] = "service_limit",
	[REFUSED_PER_SOURCE] = "per_source_limit",
	[REFUSED_TOTAL] = "process_limit",
	[REFUSED_CONNECTIONS] = "process_limit",
	[REFUSED_TALKS] = "process_limit",
	[REFUSED_SHARE] = "per_source_limit",
	[REFUSED_ACCESS] = "address",
	[REFUSED_TIME] = "time",
	[REFUSED_LOAD] = "load",
	[REFUSED_LIBWRAP] = "libwrap",
	[REFUSED_SENSOR] = "address", /* the word that xinetd has for it */
	[REFUSED_USER] = "ident",
	[REFUSED_SHORTAGE] = "fork",
	[REFUSED_LOOP] = "address",
	[REFUSED_ANSWERS] = "connections per second",
};

static void add(char *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
add(char *line, const char *fmt, ...)
{
	size_t used = strlen(line);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line + used, LINE - used, fmt, ap);
	va_end(ap);
}

static void
add_from(char *line, const struct addr *peer)
{
	char host[ADDR_TEXT];

	if (peer != NULL && peer->len > 0)
		add(line, " from=%s",
		    addr_print_host(peer, host, sizeof(host)));
}

/* Every line of this file ends here. */
static void
emit(const struct running *running, const char *line)
{
	log_service(running, LOG_INFO, "%s", line);
}

void
xlog_start(const struct running *running, pid_t pid, const struct addr *peer)
{
	unsigned flags = running->service->log_on_success;
	char line[LINE] = "START: ";

	if (flags == 0)
		return;
	add(line, "%s", running->id);
	if (flags & LOGS_PID)
		add(line, " pid=%d", (int)pid);
	if (flags & LOGS_HOST)
		add_from(line, peer);
	emit(running, line);
}

/* In: from the client; out: to it. */
static void
log_traffic(const struct child *child)
{
	const struct service *service = child->running->service;

	if (service != NULL && (service->log_on_success & LOGS_TRAFFIC) &&
	    child->traffic_known)
		log_service(child->running, LOG_INFO,
		    "TRAFFIC: %s in=%llu(bytes) out=%llu(bytes)",
		    child->running->id, (unsigned long long)child->in,
		    (unsigned long long)child->out);
}

void
xlog_exit(const struct child *child, int status)
{
	const struct service *service = child->running->service;
	char line[LINE] = "EXIT: ";

	log_traffic(child);
	if (service == NULL ||
	    (service->log_on_success & (LOGS_EXIT | LOGS_DURATION)) == 0)
		return;
	add(line, "%s", child->running->id);
	if ((service->log_on_success & LOGS_EXIT) && WIFSIGNALED(status))
		add(line, " signal=%d", WTERMSIG(status));
	else if (service->log_on_success & LOGS_EXIT)
		add(line, " status=%d", WEXITSTATUS(status));
	if (service->log_on_success & LOGS_PID)
		add(line, " pid=%d", (int)child->pid);
	if (service->log_on_success & LOGS_DURATION)
		add(line, " duration=%ld(sec)",
		    (long)(time(NULL) - child->started_at));
	emit(child->running, line);
}

void
xlog_fail(const struct running *running, const struct addr *peer,
    enum refusal refusal)
{
	unsigned flags = running->service->log_on_failure;
	char line[LINE] = "FAIL: ";

	if (flags == 0)
		return;
	add(line, "%s %s", running->id, reasons[refusal]);
	if (flags & LOGS_HOST)
		add_from(line, peer);
	emit(running, line);
}

void
xlog_user(const struct running *running, const struct addr *peer,
    const char *user, const char *why)
{
	char line[LINE] = "", host[ADDR_TEXT] = "-";

	if (peer != NULL)
		addr_print_host(peer, host, sizeof(host));
	if (user != NULL)
		add(line, "USERID: %s %s", running->id, user);
	else
		add(line, "NOID: %s %s %s", running->id, host, why);
	emit(running, line);
}
