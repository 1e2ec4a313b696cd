/* Users of other hosts: who asks, and what becomes of the answer. */
#include "superd/inquiry.h"

#include <sys/prctl.h>
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/accept.h"
#include "superd/become.h"
#include "superd/child.h"
#include "superd/ident.h"
#include "superd/live.h"
#include "superd/log.h"
#include "superd/xlog.h"

/* A child that asks for a refused client. */
struct inquiry {
	pid_t pid;		/* 0: free */
	char *id;		/* of the service, which may go meanwhile */
};

struct inquiries {
	struct inquiry list[INQUIRIES_MAX];
	struct bucket starts;
	uint64_t left_out;
	int64_t logged;		/* loop_now() */
};

/* A child for each client of a flood is what a flood wants. */
static const struct rate start_rate = { 64, 8 };

struct inquiries *
inquiries_new(void)
{
	return xcalloc(1, sizeof(struct inquiries));
}

void
inquiries_free(struct inquiries *inquiries)
{
	if (inquiries == NULL)
		return;
	for (size_t i = 0; i < INQUIRIES_MAX; i++)
		free(inquiries->list[i].id);
	free(inquiries);
}

uint64_t
inquiries_left_out(const struct inquiries *inquiries)
{
	return inquiries->left_out;
}

/* NULL: none.  pid 0: a free one. */
static struct inquiry *
find(struct superd *superd, pid_t pid)
{
	struct inquiry *list = superd->inquiries->list;

	for (size_t i = 0; i < INQUIRIES_MAX; i++)
		if (list[i].pid == pid)
			return &list[i];
	return NULL;
}

/* In children. */

bool
inquiry_possible(const struct live *live)
{
	const struct service *service = live->service;

	if (!service_knows_user(service))
		return false;
	/* as in xinetd, no child is made for the log alone */
	return service->idonly || ((service->log_on_success & LOGS_USERID) &&
	    live_needs_child(live));
}

bool
inquiry_needed(const struct live *live, const struct addr *peer)
{
	return peer != NULL && addr_is_internet(peer) &&
	    inquiry_possible(live);
}

bool
inquiry_admits(const struct service *service, int fd)
{
	bool logged = (service->log_on_success & LOGS_USERID) != 0;
	char text[IDENT_TEXT] = "";
	enum ident_result result;

	if ((!logged && !service->idonly) || !service_knows_user(service))
		return true;
	result = ident_ask(fd, IDENT_PORT, service->idonly ?
	    IDENT_MUST_WAIT : IDENT_LOG_WAIT, text, sizeof(text));
	if (logged && (result == IDENT_OK || service->idonly))
		spawn_tell_user((int)result, text);
	return result == IDENT_OK || !service->idonly;
}

/* What the answer is read with has no rights; then the client is let go. */
static struct command_image *
ask_and_end(void *arg, int fd)
{
	char text[IDENT_TEXT] = "";
	enum ident_result result;

	become(arg, fd, -1);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	result = ident_ask(STDIN_FILENO, IDENT_PORT, IDENT_LOG_WAIT, text,
	    sizeof(text));
	if (result == IDENT_OK)
		spawn_tell_user((int)result, text);
	for (int i = STDOUT_FILENO; i <= STDERR_FILENO; i++)
		close(i);
	close_politely(STDIN_FILENO);
	return NULL;
}

/* In superd. */

static void
leave_out(struct superd *superd)
{
	struct inquiries *inquiries = superd->inquiries;

	inquiries->left_out++;
	if (once_a_minute(&inquiries->logged, loop_now(superd->loop)))
		log_info("ident: too many refused clients, %llu were not "
		    "asked for", (unsigned long long)inquiries->left_out);
}

/* A free place, if one may be used now. */
static struct inquiry *
take_place(struct superd *superd)
{
	struct inquiry *inquiry = find(superd, 0);

	if (inquiry == NULL || superd->shortage != NULL ||
	    !bucket_try(&superd->inquiries->starts, &start_rate,
	    loop_now(superd->loop)))
		return NULL;
	return inquiry;
}

bool
inquiry_start(struct live *live, int fd, const struct addr *peer)
{
	struct superd *superd = live->superd;
	struct spawn_request request = { .image = superd->internal_image,
		.fd = fd, .peer = peer, .gate = ask_and_end,
		.gate_arg = superd->internal_image, .title = live->id };
	struct inquiry *inquiry;
	pid_t pid = -1;

	if ((live->service->log_on_failure & LOGS_USERID) == 0 ||
	    peer == NULL || !addr_is_internet(peer) ||
	    !service_knows_user(live->service))
		return false;
	inquiry = take_place(superd);
	if (inquiry != NULL)
		pid = spawn_child(superd->spawner, &request);
	if (pid <= 0) {
		leave_out(superd);
		return false;
	}
	inquiry->pid = pid;
	inquiry->id = xstrdup(live->id);
	return true;
}

void
inquiry_report(struct superd *superd, const struct spawn_report *report,
    const char *text)
{
	const struct child *child = children_find(superd->children,
	    report->pid);
	const struct inquiry *inquiry = find(superd, report->pid);
	const struct live *live = NULL;
	const char *user = report->value == IDENT_OK ? text : NULL;

	if (report->value < 0 || report->value >= IDENT_RESULTS)
		return;
	if (child != NULL)
		live = child->live;
	else if (inquiry != NULL && user != NULL)
		live = live_find(superd, inquiry->id);
	/* a service that was removed has no log any more */
	if (live != NULL && live->service != NULL)
		xlog_user(live, child != NULL ? &child->peer : NULL, user,
		    ident_why((enum ident_result)report->value));
}

bool
inquiry_child_ended(struct superd *superd, pid_t pid)
{
	struct inquiry *inquiry = find(superd, pid);

	if (inquiry == NULL)
		return false;
	free(inquiry->id);
	memset(inquiry, 0, sizeof(*inquiry));
	return true;
}
