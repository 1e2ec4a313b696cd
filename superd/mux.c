/*
 * The talk between superd and a tcpmux child: one message with the id of the
 * wanted service, one byte back.
 */
#include "superd/mux.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "services/tcpmux.h"
#include "superd/admit.h"
#include "superd/banner.h"
#include "superd/fds.h"
#include "superd/gate.h"
#include "superd/hold.h"
#include "superd/live.h"
#include "superd/log.h"
#include "superd/spawn.h"

enum { ID_MAX = 1024 };

static const char *const mux_name = "tcpmux";

/* What the child's gate knows. */
struct talk {
	struct live *live;	/* of tcpmux itself */
	const struct addr *peer;
	int client;		/* its connection */
	int superd;		/* the child's end */
};

bool
mux_is_one(const struct live *live)
{
	return live->service->internal != NULL &&
	    strcmp(live->service->internal, mux_name) == 0;
}

/* In the child. */

static const char *
name_in_mux(const struct live *live)
{
	const char *name;

	if (live->removed || live->service->mux == MUX_NONE)
		return NULL;
	name = strchr(live->service->name, '/');
	if (name == NULL || strncasecmp(live->service->name, mux_name,
	    strlen(mux_name)) != 0)
		return live->service->name;
	return name[1] == '+' ? name + 2 : name + 1;
}

/* One byte, and with it perhaps the pipe for stderr. */
struct verdict {
	struct msghdr msg;
	struct iovec iov;
	char byte;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
};

static void
verdict_init(struct verdict *verdict)
{
	memset(verdict, 0, sizeof(*verdict));
	verdict->iov.iov_base = &verdict->byte;
	verdict->iov.iov_len = 1;
	verdict->msg.msg_iov = &verdict->iov;
	verdict->msg.msg_iovlen = 1;
	verdict->msg.msg_control = verdict->control;
	verdict->msg.msg_controllen = sizeof(verdict->control);
}

static bool
receive_verdict(int fd, int *error)
{
	struct verdict verdict;
	struct cmsghdr *head;

	verdict_init(&verdict);
	if (recvmsg(fd, &verdict.msg, MSG_CMSG_CLOEXEC) != 1)
		return false;
	head = CMSG_FIRSTHDR(&verdict.msg);
	if (head != NULL && head->cmsg_type == SCM_RIGHTS)
		memcpy(error, CMSG_DATA(head), sizeof(*error));
	return verdict.byte == 1;
}

static void
send_verdict(int fd, bool agreed, int error)
{
	struct verdict verdict;
	struct cmsghdr *head;

	verdict_init(&verdict);
	verdict.byte = agreed;
	if (error >= 0) {
		head = CMSG_FIRSTHDR(&verdict.msg);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(error));
		memcpy(CMSG_DATA(head), &error, sizeof(error));
	} else
		verdict.msg.msg_controllen = 0;
	sendmsg(fd, &verdict.msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Ask superd: the service may have gone, or be full. */
static bool
superd_agrees(const struct talk *talk, struct live *live)
{
	int error = -1;

	if (send(talk->superd, live->id, strlen(live->id),
	    MSG_NOSIGNAL) <= 0 || !receive_verdict(talk->superd, &error))
		return false;
	/* of the child's copy; the number it had is superd's */
	live->image->error_fd = error;
	return true;
}

static enum tcpmux_kind
find_service(void *arg, const char *name, void **token)
{
	struct talk *talk = arg;
	struct live *live;
	const char *known;

	for (live = live_first(talk->live->superd); live != NULL;
	    live = live_next(live)) {
		known = name_in_mux(live);
		if (known == NULL || strcasecmp(known, name) != 0)
			continue;
		if (!superd_agrees(talk, live) ||
		    !gate_admits(live->service, talk->client, talk->peer))
			return TCPMUX_UNKNOWN;
		*token = live;
		return live->service->mux == MUX_PLUS ? TCPMUX_PLUS :
		    TCPMUX_PLAIN;
	}
	return TCPMUX_UNKNOWN;
}

static const char *
nth_name(void *arg, size_t i)
{
	struct talk *talk = arg;
	struct live *live;
	const char *name;

	for (live = live_first(talk->live->superd); live != NULL;
	    live = live_next(live)) {
		name = name_in_mux(live);
		if (name != NULL && i-- == 0)
			return name;
	}
	return NULL;
}

/* To tcpmux itself. */
static bool
let_in(const struct talk *talk)
{
	bool admitted;

	if (!gate_needed(talk->live, talk->peer))
		return true;
	admitted = gate_admits(talk->live->service, talk->client,
	    talk->peer);
	banner_send(talk->live, admitted ? BANNER_SUCCESS : BANNER_FAIL,
	    talk->client);
	return admitted;
}

static struct command_image *
talk_to_client(void *arg, int fd)
{
	struct talk *talk = arg;
	struct tcpmux_directory directory = { find_service, nth_name, talk };
	void *token;

	talk->client = fd;
	if (!let_in(talk))
		return NULL;
	if (tcpmux_talk(fd, &directory, TCPMUX_TIMEOUT, &token) != 0)
		return NULL;
	banner_send(token, BANNER_SUCCESS, fd);
	return ((struct live *)token)->image;
}

/* In superd. */

static bool
admit(struct child *child, struct live *live)
{
	struct superd *superd = child->live->superd;
	int64_t now = loop_now(superd->loop), wait;
	enum refusal refusal;

	refusal = admit_service(live, now, &wait);
	/* its process is there already */
	if (refusal == REFUSED_SHORTAGE)
		refusal = ADMITTED;
	if (refusal == ADMITTED)
		refusal = admit_peer(live, &child->peer, now);
	if (refusal == ADMITTED)
		return true;
	live_refuse(live, &child->peer, refusal);
	return false;
}

static bool
choose(struct child *child, const char *id)
{
	struct live *live = live_find(child->live->superd, id);

	if (live == NULL || live->removed || live->image == NULL ||
	    live->service->mux == MUX_NONE || !admit(child, live))
		return false;
	live->counters.accepted++;
	child_move(child, live);
	bucket_take(&live->starts, &live->service->limits.rate,
	    loop_now(live->superd->loop));
	live_log_start(live, child->pid, &child->peer);
	return true;
}

static void
child_asks(void *arg)
{
	struct child *child = arg;
	struct superd *superd = child->live->superd;
	char id[ID_MAX];
	ssize_t length;
	bool agreed;

	length = recv(child->mux, id, sizeof(id) - 1, MSG_DONTWAIT);
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length > 0) {
		id[length] = '\0';
		agreed = choose(child, id);
		send_verdict(child->mux, agreed, agreed ?
		    child->live->image->error_fd : -1);
	}
	mux_close(superd, child);
	/* the talk is over */
	hold_release(superd);
}

void
mux_close(struct superd *superd, struct child *child)
{
	if (child->mux < 0)
		return;
	loop_unwatch(superd->loop, child->mux);
	close(child->mux);
	child->mux = -1;
}

struct child *
mux_start(struct live *live, int fd, const struct addr *peer)
{
	struct superd *superd = live->superd;
	struct talk talk = { .live = live, .peer = peer };
	struct spawn_request request = { .image = superd->internal_image,
		.fd = fd, .peer = peer, .gate = talk_to_client,
		.gate_arg = &talk, .title = mux_name };
	struct child *child;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return NULL;
	ends[0] = fd_high(ends[0]);
	talk.superd = request.gate_fd = ends[1];
	pid = spawn_child(superd->spawner, &request);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return NULL;
	}
	child = live_started(live, pid, peer);
	child->mux = ends[0];
	loop_watch(superd->loop, ends[0], child_asks, child);
	return child;
}
