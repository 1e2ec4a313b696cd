/* Sessions: listed, and ended. */
#include "superd/control/sessions.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/units.h"
#include "conf/xalloc.h"
#include "superd/base/arguments.h"
#include "superd/base/sockdiag_all.h"
#include "superd/control/facts_service.h"
#include "superd/control/request.h"
#include "superd/control/table.h"
#include "superd/running/ending.h"
#include "superd/running/records.h"
#include "superd/spawn/command.h"

enum { SESSION_TEXT = 32 };

/* In the order of their services, and of their starts there. */
struct sessions {
	const struct running *running; /* NULL: of all */
	const struct child **list;
	size_t count, room;
};

static void
add(void *arg, const struct child *child)
{
	struct sessions *sessions = arg;

	if (child_is_session(child) && sessions->count < sessions->room &&
	    (sessions->running == NULL || child->running == sessions->running))
		sessions->list[sessions->count++] = child;
}

static int
compare(const void *a, const void *b)
{
	const struct child *x = *(const struct child *const *)a;
	const struct child *y = *(const struct child *const *)b;
	int order = strcmp(x->running->id, y->running->id);

	if (order != 0)
		return order;
	return (x->started > y->started) - (x->started < y->started);
}

/* -1: there is no memory. */
static int
collect(struct sessions *sessions, struct superd *superd,
    const struct running *running)
{
	*sessions = (struct sessions){ .running = running,
		.room = children_count(superd->children) };
	sessions->list = calloc(sessions->room + 1, sizeof(*sessions->list));
	if (sessions->list == NULL)
		return -1;
	children_each(superd->children, add, sessions);
	qsort(sessions->list, sessions->count, sizeof(*sessions->list),
	    compare);
	return 0;
}

/* What is told of one. */

/* A session, and its octets where the kernel tells. */
struct session {
	const struct child *child;
	const struct sockdiag_traffic *traffic; /* NULL: unknown */
};

static void
name_of(const struct child *child, char buf[SESSION_TEXT])
{
	if (child->kind == CHILD_HOSTED)
		snprintf(buf, SESSION_TEXT, "%d/%u", (int)child->pid,
		    child->hosted.id);
	else
		snprintf(buf, SESSION_TEXT, "%d", (int)child->pid);
}

static void
session_child(const void *object, struct fact_value *value)
{
	const struct session *session = object;

	value->object = session->child;
}

static void
session_service(const void *object, struct fact_value *value)
{
	const struct session *session = object;

	child_service(session->child, value);
}

static void
session_since(const void *object, struct fact_value *value)
{
	const struct session *session = object;

	child_since(session->child, value);
}

static void
session_name(const void *object, struct fact_value *value)
{
	const struct session *session = object;

	name_of(session->child, value->room);
	value->text = value->room;
}

/* Whose rights it has, where it is a program. */
static void
session_user(const void *object, struct fact_value *value)
{
	const struct child *child = ((const struct session *)object)->child;
	const struct prepared_command *prepared = child->running->prepared;

	value->text = child->kind != CHILD_HOSTED && prepared != NULL ?
	    prepared->command->user :
	    NULL;
}

static void
session_in(const void *object, struct fact_value *value)
{
	const struct session *session = object;

	value->none = session->traffic == NULL;
	if (!value->none)
		value->number = (int64_t)session->traffic->in;
}

static void
session_out(const void *object, struct fact_value *value)
{
	const struct session *session = object;

	value->none = session->traffic == NULL;
	if (!value->none)
		value->number = (int64_t)session->traffic->out;
}

static const struct fact session_rows[] = {
	{ "service", FACT_TEXT, .get = session_service },
	{ "session", FACT_TEXT, .get = session_name },
	{ "user", FACT_TEXT, .get = session_user },
	{ "in", FACT_COUNTER, .get = session_in },
	{ "out", FACT_COUNTER, .get = session_out },
	{ NULL, FACT_PART, .get = session_child, .within = &child_facts },
};

const struct facts session_facts = FACTS(session_rows);

static const struct fact count_row[] = { { "sessions", FACT_SIZE,
    .offset = 0 } };
const struct facts session_count_facts = FACTS(count_row);

static const struct fact columns[] = {
	{ "SERVICE", FACT_TEXT, .get = session_service },
	{ "SESSION", FACT_TEXT, .get = session_name },
	{ "USER", FACT_TEXT, .get = session_user },
	{ "SECONDS", FACT_SECONDS, .get = session_since },
	{ "IN", FACT_COUNTER, .get = session_in },
	{ "OUT", FACT_COUNTER, .get = session_out },
};

/* Its connection, which came to one of the service's sockets. */
static const struct sockdiag_traffic *
traffic_of(const struct sockdiag_traffics *traffics, const struct child *child)
{
	const struct running *running = child->running;
	const struct sockdiag_traffic *found = NULL;

	if (child->peer.len == 0 || child->listener != NULL)
		return NULL;
	for (size_t i = 0; found == NULL && i < running->nlisteners; i++)
		found = sockdiag_traffic_of(traffics, &child->peer,
		    addr_port(running->listeners[i]->bound));
	return found;
}

static void
list_json(const struct session *list, size_t count, struct text *text)
{
	json_open(text, NULL, '[');
	for (size_t i = 0; i < count; i++)
		facts_json_object(text, NULL, &session_facts, &list[i]);
	json_close(text, ']');
	text_add(text, "\n");
}

static void
list_text(const struct session *list, size_t count, struct text *text,
    bool header)
{
	struct table table = { columns, sizeof(columns) / sizeof(columns[0]),
		{ 0 } };
	char peer[ADDR_TEXT];

	table_measure_header(&table);
	for (size_t i = 0; i < count; i++)
		table_measure(&table, &list[i]);
	if (header) {
		table_header(&table, text);
		text_add(text, "PEER\n");
	}
	for (size_t i = 0; i < count; i++) {
		const struct child *child = list[i].child;

		table_row(&table, text, &list[i]);
		text_add(text, "%s\n",
		    child->peer.len > 0 ?
			addr_print(&child->peer, peer, sizeof(peer)) :
			"-");
	}
}

void
sessions_write(struct request *request, struct text *text)
{
	enum control_exit status;
	struct sockdiag_traffics traffics;
	struct sessions sessions;
	struct session *list;

	text->failed |= collect(&sessions, request->superd,
			    request->count > 1 ?
				request_service(request, &status) :
				NULL) != 0;
	if (text->failed)
		return;
	sockdiag_traffics(&traffics);
	list = xcalloc(sessions.count + 1, sizeof(*list));
	for (size_t i = 0; i < sessions.count; i++)
		list[i] = (struct session){ sessions.list[i],
			traffic_of(&traffics, sessions.list[i]) };
	if (request->json)
		list_json(list, sessions.count, text);
	else
		list_text(list, sessions.count, text, request->header);
	free(list);
	free(traffics.list);
	free(sessions.list);
}

/* Ending them. */

/* "TERM", "SIGTERM", "15"; 0: it is none. */
static int
signal_of(const char *word)
{
	unsigned number;

	if (argument_digits(word, NSIG - 1, &number) == 0)
		return (int)number;
	if (strncmp(word, "SIG", 3) == 0)
		word += 3;
	for (int signo = 1; signo < NSIG; signo++) {
		const char *name = sigabbrev_np(signo);

		if (name != NULL && strcmp(name, word) == 0)
			return signo;
	}
	return 0;
}

static void
end_session(const struct child *child, int signo)
{
	/* whose children these are: only here they are only looked at */
	struct child *own = (struct child *)(uintptr_t)child;

	ending_signal(child, signo);
	own->killed = (uint8_t)signo;
}

/* Those of a service, or the one of this name. */
static size_t
end_sessions(const struct sessions *sessions, const char *name, int signo)
{
	size_t count = 0;

	for (size_t i = 0; i < sessions->count; i++) {
		const struct child *child = sessions->list[i];
		char own[SESSION_TEXT];

		name_of(child, own);
		if (name != NULL && strcmp(own, name) != 0)
			continue;
		end_session(child, signo);
		count++;
	}
	return count;
}

/* Of a session, or of a service whose id is its port. */
static bool
is_name(const char *word)
{
	return word[strspn(word, "0123456789/")] == '\0';
}

/* -1: there is no memory. */
static ssize_t
kill_some(struct superd *superd, const struct running *running,
    const char *name, int signo)
{
	struct sessions sessions;
	size_t count;

	if (collect(&sessions, superd, running) != 0)
		return -1;
	count = end_sessions(&sessions, name, signo);
	free(sessions.list);
	return (ssize_t)count;
}

static enum control_exit
killed(struct request *request, ssize_t count)
{
	if (count < 0)
		return request_refuse(request, CONTROL_FAILED,
		    "kill: out of memory");
	if (request->json)
		facts_json_line(&request->text, &session_count_facts, &count);
	else
		text_add(&request->text, "%zd session%s\n", count,
		    plural((size_t)count));
	return CONTROL_OK;
}

enum control_exit
do_kill(struct request *request)
{
	const char *name = request->options[WITH_SIGNAL];
	int signo = name != NULL ? signal_of(name) : SIGTERM;
	enum control_exit status = CONTROL_OK;
	struct running *running;
	ssize_t count;

	if (signo == 0)
		return request_refuse(request, CONTROL_USAGE,
		    "--signal %s: expected a signal, such as TERM", name);
	if (is_name(request->words[1])) {
		count = kill_some(request->superd, NULL, request->words[1],
		    signo);
		if (count != 0)
			return killed(request, count);
	}
	running = request_service(request, &status);
	if (running == NULL)
		return status;
	return killed(request,
	    kill_some(request->superd, running, NULL, signo));
}
