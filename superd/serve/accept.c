/* From a readable listener to a served or refused client. */
#include "superd/serve/accept.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "services/services.h"
#include "superd/base/descriptors.h"
#include "superd/policy/admit.h"
#include "superd/policy/gate.h"
#include "superd/policy/ident_inquiry.h"
#include "superd/policy/pause.h"
#include "superd/policy/sensor.h"
#include "superd/policy/waiters.h"
#include "superd/running/banner.h"
#include "superd/running/blocked.h"
#include "superd/running/child.h"
#include "superd/running/inside.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/renew.h"
#include "superd/serve/start.h"
#include "superd/serve/tcpmux_way.h"

/* What one listener may spend before the others have their turn: for a
 * connection that needs no process, and for one that does. */
enum { BUDGET = 16, COST_CHEAP = 1, COST_PROCESS = 4 };

/* The longest answer that is sent at once. */
enum { ANSWER_MAX = 512 };

static void
answer(struct running *running, int fd)
{
	char bytes[ANSWER_MAX];
	size_t length = running->handler->answer(bytes, sizeof(bytes),
	    time(NULL));

	running->counters.answered++;
	inside_counted(running);
	/* a fresh socket's buffer takes this much at once; its end goes in
	 * the same segment */
	send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
	shutdown(fd, SHUT_WR);
	bucket_take(&running->starts, &running->service->limits.rate,
	    loop_now(running->superd->loop));
	close_politely(fd);
}

static int
start(struct running *running, int fd, const struct addr *peer)
{
	const struct child *child = running_start(running, fd, peer);

	if (child == NULL) {
		waiters_shortage(running->superd, "processes");
		if (waiters_add(running, fd, peer) != 0) {
			running_refuse(running, peer, REFUSED_SHORTAGE);
			close_politely(fd);
		}
		return COST_PROCESS;
	}
	running_let_go(child, fd);
	return child->internal != NULL ? COST_CHEAP : COST_PROCESS;
}

static int
refuse(struct running *running, int fd, const struct addr *peer,
    enum refusal refusal)
{
	if (running->service->sensor)
		sensor_hit(running, peer);
	running_refuse(running, peer, refusal);
	banner_send(running, BANNER_FAIL, fd);
	if (!inquiry_start(running, fd, peer)) {
		close_politely(fd);
		return COST_CHEAP;
	}
	close(fd);
	return COST_PROCESS;
}

static int
serve(struct running *running, int fd, const struct addr *peer)
{
	enum refusal refusal;
	bool asked;

	running->counters.accepted++;
	banner_send(running, BANNER_ALWAYS, fd);
	refusal = admit_peer(running, peer, loop_now(running->superd->loop));
	if (refusal == REFUSED_SHARE &&
	    running->service->limits.excess == EXCESS_QUEUE &&
	    waiters_add_client(running, fd, peer) == 0) {
		pause_log(running, refusal);
		return COST_CHEAP;
	}
	if (refusal != ADMITTED)
		return refuse(running, fd, peer, refusal);
	asked = gate_needed(running, peer);
	if (!asked)
		banner_send(running, BANNER_SUCCESS, fd);
	/* what has to be asked first, by others, is not answered here */
	if (asked || running->place != PLACES ||
	    running->superd->inside == NULL)
		return start(running, fd, peer);
	answer(running, fd);
	return COST_CHEAP;
}

/* accept(2): errors of the network that belong to a connection already gone
 * are reported here and mean nothing. */
static bool
is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}

static int
accept_peer(struct listener *listener, struct addr *peer)
{
	socklen_t length = sizeof(peer->u);
	int flags = SOCK_CLOEXEC, fd;

	if (listener->running->superd->inside != NULL)
		flags |= SOCK_NONBLOCK;
	memset(peer, 0, sizeof(*peer));
	fd = accept4(listener->fd, &peer->u.sa, &length, flags);
	if (fd < 0)
		return -1;
	peer->len = length;
	addr_unmap(peer);
	return fd;
}

/* What it cost; 0: there is none, or none may be had now. */
static int
accept_one(struct listener *listener, bool first)
{
	struct running *running = listener->running;
	struct addr peer;
	int fd;

	if (!running_may_start(running, listener))
		return 0;
	fd = accept_peer(listener, &peer);
	if (fd >= 0) {
		listener_useful(listener);
		return serve(running, fd, &peer);
	}
	if (is_shortage(errno)) {
		waiters_shortage(running->superd,
		    errno == EMFILE || errno == ENFILE ?
			"descriptors" :
			"memory");
		waiters_queue(listener);
	} else if (first)
		listener_futile(listener);
	return 0;
}

void
accept_ready(struct listener *listener)
{
	int left = BUDGET, cost = 1;

	while (left > 0 && cost > 0 && listener->blocked == 0) {
		cost = accept_one(listener, left == BUDGET);
		left -= cost;
	}
}

/* Those who have waited. */

static bool
serve_waiting(struct running *running, int fd, const struct addr *peer)
{
	const struct child *child = running_start(running, fd, peer);

	if (child == NULL) {
		waiters_shortage(running->superd, "processes");
		return false;
	}
	running_let_go(child, fd);
	return true;
}

const struct waiter accept_waiter = { serve_waiting };
