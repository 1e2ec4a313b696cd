/* From the verdict of an asker to a server. */
#include "superd/serve/asking.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "conf/service.h"
#include "superd/base/descriptors.h"
#include "superd/policy/gate.h"
#include "superd/policy/waiters.h"
#include "superd/running/asker.h"
#include "superd/running/banner.h"
#include "superd/running/blocked.h"
#include "superd/running/event.h"
#include "superd/running/lingering.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/way.h"
#include "superd/serve/tcpmux_way.h"

static bool
is_wait(const struct running *running)
{
	return running->service->wait && running->service->internal == NULL;
}

static const struct addr *
peer_of(const struct child *child)
{
	return child->peer.len > 0 ? &child->peer : NULL;
}

static struct asker *
ask(struct running *running, int fd, const struct addr *peer)
{
	struct gate_question asked;
	struct question question;

	gate_question(running, fd, peer, &asked, &question);
	return asker_start(running->superd, &question);
}

static void asking_ended(void *, int status);

static void
asking_for(struct child *child, struct asker *asker)
{
	child->kind = CHILD_ASKED;
	child->asker = asker;
	asker_own(asker, asking_ended, child_reported, child);
}

/* A listener stays where it is. */
struct child *
asking_start(const struct connection *client)
{
	struct running *running = client->running;
	const struct addr *peer = connection_peer(client);
	int kept = -1;
	struct asker *asker;
	struct child *child;

	if (!client->lent) {
		kept = fcntl(client->fd, F_DUPFD_CLOEXEC, FD_HIGH);
		if (kept < 0)
			return NULL;
	}
	asker = ask(running, kept, peer);
	if (asker == NULL) {
		if (kept >= 0)
			close(kept);
		return NULL;
	}
	child = running_counted(running, asker_pid(asker), peer);
	asking_for(child, asker);
	child->handed = kept;
	return child;
}

/* Letting go. */

static void
close_client(struct child *child)
{
	if (child->handed >= 0)
		lingering_close(child->running->superd, child->handed);
	child->handed = -1;
}

/* What woke a datagram server that may not run must not wake it again. */
static void
drop_datagram(const struct listener *listener)
{
	if (listener->running->service->socktype == SOCK_DGRAM)
		fd_drop_datagram(listener->fd);
}

static void
refuse(struct child *child, enum refusal why)
{
	struct running *running = child->running;

	running_refuse(running, peer_of(child), why);
	if (child->handed >= 0) {
		banner_send(running, BANNER_FAIL, child->handed);
		mux_refuse(running, child->handed);
	} else if (child->listener != NULL)
		drop_datagram(child->listener);
	close_client(child);
	child_drop(child);
}

/* As if it had not come yet; but one that tcpmux has greeted cannot wait. */
static void
put_back(struct child *child, int error)
{
	struct running *running = child->running;
	struct superd *superd = running->superd;
	struct connection client;

	child_client(child, &client);
	if (child->handed >= 0 && running->service->mux == MUX_NONE &&
	    waiters_add(&client) == 0)
		child->handed = -1;
	else
		running_connection_failed(child, error);
	close_client(child);
	child_drop(child);
	if (error != EBUSY)
		waiters_shortage(superd, "processes");
}

/* Going on. */

static void
ask_on(struct child *child)
{
	struct asker *asker = ask(child->running, child->handed,
	    peer_of(child));

	if (asker == NULL) {
		put_back(child, errno);
		return;
	}
	asking_for(child, asker);
	child_became(child, asker_pid(asker));
}

/* Meanwhile it may have gone, or become another kind of service; or superd
 * ends, and waits for those who are served already. */
static bool
is_over(const struct child *child)
{
	const struct running *running = child->running;

	return running->removed || running->superd->stopping ||
	    is_wait(running) != (child->handed < 0) ||
	    (child->handed < 0 &&
		(child->listener == NULL || child->listener->fd < 0));
}

/* False: the child is gone. */
static bool
serve(struct child *child)
{
	if (child->handed >= 0) {
		mux_greet(child->running, child->handed);
		banner_send(child->running, BANNER_SUCCESS, child->handed);
	}
	if (child->running->way->resume(child) == 0)
		return true;
	put_back(child, errno);
	return false;
}

static void
tell_user(const struct running *running, const struct addr *peer,
    const struct verdict *verdict)
{
	enum ident_result result = (enum ident_result)verdict->ident;

	if (result != IDENT_RESULTS)
		event_user(running, peer,
		    result == IDENT_OK ? verdict->user : NULL,
		    ident_why(result));
}

/* Where nobody can serve it the child is put back, and is gone then. */
static void
serve_and_tell(struct child *child, const struct verdict *verdict)
{
	const struct running *running = child->running;
	struct addr peer = child->peer;

	if (serve(child))
		tell_user(running, peer.len > 0 ? &peer : NULL, verdict);
}

static void
gate_answered(struct child *child, const struct verdict *verdict)
{
	enum refusal refusal = (enum refusal)verdict->refusal;

	if (refusal == REFUSED_SHORTAGE) {
		event_libwrap_missing(child->running);
		refusal = REFUSED_LIBWRAP;
	}
	if (refusal != ADMITTED) {
		tell_user(child->running, peer_of(child), verdict);
		refuse(child, refusal);
	} else
		serve_and_tell(child, verdict);
}

/* A command of hosts_options(5) has dealt with the client, if it was not
 * killed; libwrap ends so itself, too, in the middle of a rule. */
static void
unanswered(struct child *child, int status)
{
	if (WIFSIGNALED(status)) {
		close_client(child);
		child_end(child, status);
	} else if (child->running->service->access.libwrap)
		refuse(child, REFUSED_LIBWRAP);
	else {
		running_connection_failed(child, EPROTO);
		close_client(child);
		child_drop(child);
	}
}

static void
asking_ended(void *arg, int status)
{
	struct child *child = arg;
	struct verdict verdict;
	bool answered = asker_end(child->asker, &verdict);

	child->asker = NULL;
	if (is_over(child)) {
		close_client(child);
		child_drop(child);
	} else if (!answered)
		unanswered(child, status);
	else
		gate_answered(child, &verdict);
}

void
asking_chosen(struct child *child)
{
	if (gate_needed(child->running, peer_of(child)))
		ask_on(child);
	else
		serve(child);
}
