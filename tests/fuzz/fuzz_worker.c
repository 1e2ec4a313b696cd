/*
 * A worker's end of its channel: any messages, with any descriptors.  Each
 * connection is begun or told to be lost, and no descriptor stays open.
 */
#include "services/worker.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/fuzz/input.h"

enum { MESSAGES = 16, FDS = 40, BYTES = 255 };

struct seen {
	size_t begun;
};

static void
begin(struct worker *worker, void *arg, uint32_t id, int fd)
{
	struct seen *seen = arg;
	struct worker_ended ended = { .id = id };

	must(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	close(fd);
	seen->begun++;
	worker_over(worker, &ended);
}

static void
ready(struct worker *worker, void *arg, void *owner, unsigned events)
{
	(void)worker;
	(void)arg;
	(void)owner;
	(void)events;
	abort(); /* nothing is watched */
}

/* Returns how many connections a worker should find in it. */
static size_t
send_one(int channel, struct input *input, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(FDS * sizeof(int))];
	} control;
	char bytes[BYTES];
	size_t length = input_byte(input), nfds = input_byte(input) % FDS;
	struct iovec iov = { bytes, length };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;
	size_t ids = length / sizeof(uint32_t);

	input_bytes(input, bytes, length);
	if (nfds > 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		memset(&control, 0, sizeof(control));
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		for (size_t i = 0; i < nfds; i++)
			memcpy(CMSG_DATA(cmsg) + i * sizeof(int), &fd,
			    sizeof(int));
	}
	if (sendmsg(channel, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return 0;
	if (ids > WORKER_BATCH)
		ids = WORKER_BATCH;
	return ids < nfds ? ids : nfds;
}

/* Nobody has the end for writing any more. */
static bool
is_closed(int fd)
{
	char byte;

	return read(fd, &byte, 1) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct trade trade = { .descriptors = 1,
		.begin = begin,
		.ready = ready };
	struct input input = { data, size };
	struct seen seen = { 0 };
	int fds[2], ends[2];
	size_t expected = 0;
	bool empty = false;

	must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0);
	must(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
	for (int i = 0; i < MESSAGES && input.left > 0 && !empty; i++) {
		/* one without bytes is the end of the channel */
		empty = input.at[0] == 0;
		expected += send_one(fds[0], &input, ends[1]);
	}
	close(fds[0]);
	close(ends[1]);
	worker_run(fds[1], -1, &trade, &seen);
	must(seen.begun == expected);
	must(is_closed(ends[0]));
	close(ends[0]);
	return 0;
}
