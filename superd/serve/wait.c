/*
 * Whether a server read what woke it cannot be asked; it is told from the
 * head of the queue before and after.  For datagrams: sender and length, and
 * once these were alike (clients may repeat themselves) also the time of
 * arrival, which is exact; nothing of what the sender wrote.  For listening
 * sockets: the length of the accept queue (sockdiag.h), which should have
 * shrunk; where new clients have come meanwhile, the connections themselves
 * (backlog.h).
 */
#include "superd/serve/wait.h"

#include <sys/socket.h>
#include <netinet/in.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf/service.h"
#include "superd/base/backlog.h"
#include "superd/base/backoff.h"
#include "superd/base/clock.h"
#include "superd/base/descriptors.h"
#include "superd/base/sockdiag.h"
#include "superd/base/sockopt.h"
#include "superd/base/spoiled.h"
#include "superd/policy/admit.h"
#include "superd/policy/pause.h"
#include "superd/running/blocked.h"
#include "superd/running/child.h"
#include "superd/running/connection.h"
#include "superd/running/event.h"
#include "superd/running/listener.h"
#include "superd/running/listener_more.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/renew.h"
#include "superd/running/running.h"
#include "superd/serve/refuser.h"
#include "superd/serve/start.h"

enum {
	TRIES = 4,	      /* servers that one datagram may wake */
	DELAY_DGRAM = SECOND, /* the first one, doubled each time */
	DELAY_STREAM = 250 * MILLISECOND,
	DELAY_MAX = MINUTE,
	LIVED_LONG = SECOND,   /* a stream server that did is no loop */
	FREE_TRIES = 2,	       /* stream: doubtful ends without a delay */
	FREE_TRIES_UNKNOWN = 5 /* the same where nobody can be asked */
};

static uint64_t
mix(uint64_t digest, const void *bytes, size_t length)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < length; i++)
		digest = (digest ^ p[i]) * 0x100000001b3u; /* FNV-1a */
	return digest;
}

static bool
is_datagram(const struct listener *listener)
{
	return !socktype_listens(listener->running->service->socktype);
}

static bool
is_unix(const struct listener *listener)
{
	return listener->bound->u.sa.sa_family == AF_UNIX;
}

static void
take_stamp(struct waiting *head, const struct timespec *stamp)
{
	head->stamped = true;
	head->digest = mix(head->digest, &stamp->tv_sec, sizeof(stamp->tv_sec));
	head->digest = mix(head->digest, &stamp->tv_nsec,
	    sizeof(stamp->tv_nsec));
}

static void
close_passed(const struct cmsghdr *c)
{
	size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	int fd;

	for (size_t i = 0; i < count; i++) {
		memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
		close(fd);
	}
}

/* Without a stamp, which whoever has the socket too may have forbidden in
 * that moment, there was room for descriptors. */
static void
take_message_stamp(struct waiting *head, struct msghdr *msg)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	struct timespec stamp;

	if (c == NULL || c->cmsg_level != SOL_SOCKET)
		return;
	if (c->cmsg_type == SCM_RIGHTS)
		close_passed(c);
	if (c->cmsg_type != SCM_TIMESTAMPNS)
		return;
	memcpy(&stamp, CMSG_DATA(c), sizeof(stamp));
	take_stamp(head, &stamp);
}

/*
 * What the kernel knows of it: there is no room for an octet of the datagram
 * itself; nor, where it is not stamped, for descriptors that come with it,
 * unix(7).  A stamp comes first, and leaves no room for them either.
 */
static void
head_of_datagrams(const struct listener *listener, struct waiting *head,
    struct addr *from, bool stamped)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(struct timespec))];
	} control;
	struct msghdr msg = { .msg_name = &from->u,
		.msg_namelen = sizeof(from->u),
		.msg_control = stamped ? &control : NULL,
		.msg_controllen = stamped ? sizeof(control) : 0 };
	ssize_t length;

	length = recvmsg(listener->fd, &msg,
	    MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC);
	if (length < 0)
		return;
	head->known = true;
	head->digest = mix(0xcbf29ce484222325u, &length, sizeof(length));
	from->len = msg.msg_namelen;
	head->digest = mix(head->digest, &from->u, msg.msg_namelen);
	take_message_stamp(head, &msg);
}

/*
 * Only after a first suspicion.  Unix sockets are told to stamp for that
 * moment, and stamp what they hold; those of the internet have stamped since
 * they were made, and are not told anything: whoever has one too may have it
 * locked.
 */
static void
head_with_stamp(struct listener *listener, struct waiting *head,
    struct addr *from)
{
	struct timespec since, stamp;

	if (is_unix(listener)) {
		sockopt_stamp_messages(listener->fd, true);
		head_of_datagrams(listener, head, from, true);
		sockopt_stamp_messages(listener->fd, false);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &since);
	head_of_datagrams(listener, head, from, false);
	if (head->known && sockopt_stamp(listener->fd, &since, &stamp))
		take_stamp(head, &stamp);
}

static bool
is_readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLIN) != 0;
}

/* Its length is no matter until there is a suspicion. */
static void
head_of_connections(const struct listener *listener, struct waiting *head)
{
	struct sockdiag_state state;

	head->known = is_readable(listener->fd);
	if (head->known && listener->more->suspicions > 0 &&
	    sockdiag_look(listener->fd, listener->running->service->socktype,
		listener->bound, &state) == SOCKDIAG_SEEN)
		head->digest = state.waiting;
}

static struct waiting
look_at_head(struct listener *listener, struct addr *from)
{
	struct waiting head = { 0 };

	memset(from, 0, sizeof(*from));
	if (!is_datagram(listener))
		head_of_connections(listener, &head);
	else if (listener->more->suspicions > 0)
		head_with_stamp(listener, &head, from);
	else
		head_of_datagrams(listener, &head, from, false);
	return head;
}

static void
forget_queue(struct listener *listener)
{
	free(listener->more->backlog);
	listener->more->backlog = NULL;
}

/* One whose connections can be told from each other. */
static bool
has_backlog(const struct listener *listener)
{
	return !is_datagram(listener) &&
	    (is_unix(listener) ||
		listener->running->service->protocol == IPPROTO_TCP);
}

/* Who waits, where a server that ends may have accepted nothing.  Without
 * memory nothing is known. */
static void
look_at_queue(struct listener *listener)
{
	forget_queue(listener);
	if (!has_backlog(listener) || listener->more->suspicions == 0)
		return;
	listener->more->backlog = malloc(sizeof(*listener->more->backlog));
	if (listener->more->backlog != NULL)
		backlog_look(listener->fd, listener->bound,
		    listener->more->backlog);
}

/* The end of a server. */

static void
back_off_over(void *arg)
{
	listener_unblock(arg, BLOCK_BACKOFF);
}

static int64_t
back_off_delay(const struct listener *listener)
{
	return backoff(listener->more->unread - 1,
	    is_datagram(listener) ? DELAY_DGRAM : DELAY_STREAM, DELAY_MAX);
}

static void
discard_head(struct listener *listener)
{
	if (fd_drop_datagram(listener->fd))
		listener->running->counters.discarded++;
	event_discarded(listener, TRIES);
	listener->more->same_head = 0;
}

static void
back_off(struct listener *listener)
{
	int64_t delay;

	listener->more->unread++;
	delay = back_off_delay(listener);
	if (is_datagram(listener) && ++listener->more->same_head >= TRIES - 1)
		discard_head(listener);
	if (listener->more->unread == 1 || delay == DELAY_MAX)
		event_backed_off(listener, delay);
	listener_block(listener, BLOCK_BACKOFF);
	loop_timer_init(&listener->more->timer, back_off_over, listener);
	loop_timer_set(listener->running->superd->loop, &listener->more->timer,
	    delay);
}

/* The queue is as long as it was: because nothing was accepted, or because as
 * many have come since? */
static bool
left_unaccepted(struct listener *listener, const struct child *child)
{
	struct backlog now;
	enum moved moved = MOVED_UNKNOWN;

	if (loop_clock() - child->started >= LIVED_LONG)
		return false;
	if (listener->more->suspicions < FREE_TRIES_UNKNOWN)
		listener->more->suspicions++;
	if (listener->more->suspicions <= FREE_TRIES)
		return false;
	if (listener->more->backlog != NULL && listener->more->backlog->known) {
		backlog_look(listener->fd, listener->bound, &now);
		moved = backlog_moved(listener->more->backlog, &now);
	}
	return moved == MOVED_NO ||
	    (moved == MOVED_UNKNOWN &&
		listener->more->suspicions >= FREE_TRIES_UNKNOWN);
}

static bool
left_unread(struct listener *listener, const struct child *child)
{
	struct waiting before = listener->more->waiting, after;
	struct addr from;

	after = look_at_head(listener, &from);
	if (!before.known || !after.known) {
		if (!is_datagram(listener))
			listener->more->suspicions = 0; /* the queue is empty */
		return false;
	}
	if (!is_datagram(listener))
		return after.digest >= before.digest &&
		    left_unaccepted(listener, child);
	if (after.stamped != before.stamped || after.digest != before.digest)
		return false;
	/* looks the same: know it for certain the next time */
	if (!after.stamped && listener->more->suspicions++ == 0)
		return false;
	return true;
}

static void
server_ended(struct listener *listener, const struct child *child)
{
	struct running *running = listener->running;

	listener->server = NULL;
	if (running->removed || listener->orphan) {
		running_listener_idle(listener);
		return;
	}
	if (listener->blocked & BLOCK_CLOSED) {
		listener_close(listener);
		listener_unblock(listener, BLOCK_BUSY);
		return;
	}
	if (!listener_examine(listener) && listener->check_device)
		listener_check_device(listener);
	if (listener->fd >= 0 && listener->more->aside == NULL &&
	    running->service->wait && left_unread(listener, child))
		back_off(listener);
	else
		listener->more->unread = listener->more->same_head = 0;
	forget_queue(listener);
	listener_unblock(listener, BLOCK_BUSY);
}

/* Starting one. */

/*
 * The sender of the datagram that wakes a server is known before it runs;
 * whoever may not connect has the datagram thrown away.  Connections are
 * accepted by the server itself: only what does not depend on the peer can
 * be asked for them.
 */
static bool
admit_head(struct listener *listener, struct addr *from)
{
	struct running *running = listener->running;
	const struct addr *peer = NULL;
	enum refusal refusal;

	if (is_datagram(listener) && from->len > 0) {
		addr_unmap(from);
		peer = from;
	}
	refusal = admit_peer(running, peer, loop_now(running->superd->loop));
	if (refusal == ADMITTED)
		return true;
	if (is_datagram(listener)) {
		fd_drop_datagram(listener->fd);
		running_refuse(running, peer, refusal);
	} else
		refuser_start(listener, refusal);
	return false;
}

/* From now on the child has its socket. */
static void
lend(struct listener *listener, struct child *child)
{
	child->listener = listener;
	child->gave_back = server_ended;
	listener->server = child;
	listener->lent = true;
	listener->lent_to = service_uid(listener->running->service, geteuid());
	listener_block(listener, BLOCK_BUSY);
}

/* It lent the socket before an upgrade. */
void
wait_resume(struct listener *listener, struct child *child)
{
	more_need(listener);
	lend(listener, child);
}

void
wait_hand_over(struct listener *listener)
{
	struct running *running = listener->running;
	struct connection client = { .running = running, .lent = true };
	struct child *child;

	if (!running_may_start(running, listener))
		return;
	if (more_get(listener) == NULL) {
		waiters_shortage(running->superd, "memory");
		waiters_queue(listener);
		return;
	}
	listener->more->waiting = look_at_head(listener, &client.peer);
	look_at_queue(listener);
	if (!listener->more->waiting.known) {
		/* a pending error, or a datagram with a bad checksum: a
		 * read clears it, or else we would be woken for ever */
		if (is_datagram(listener))
			recv(listener->fd, NULL, 0, MSG_DONTWAIT | MSG_PEEK);
		listener_futile(listener);
		return;
	}
	listener_useful(listener);
	if (!admit_head(listener, &client.peer))
		return;
	fd_nonblocking(listener->fd, 0);
	client.fd = listener->fd;
	child = running_start(&client);
	if (child == NULL) {
		fd_nonblocking(listener->fd, 1);
		waiters_shortage(running->superd, "processes");
		waiters_queue(listener);
		return;
	}
	running->counters.accepted++;
	lend(listener, child);
}
