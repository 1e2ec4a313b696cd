/*
 * Messages between the daemon and an internal process, both ways: what is
 * accepted has the form that its reader relies on, and a descriptor is either
 * the reader's or closed, however many came along.
 */
#include <sys/socket.h>

#include <fcntl.h>
#include <unistd.h>

#include "superd/serve/order.h"
#include "superd/serve/returned.h"
#include "tests/fuzz/input.h"

enum {
	MESSAGES = 16,
	DESCRIPTORS = 3,
	SAID_MAX = sizeof(struct order) + sizeof(struct addr) + 16
};

static int ends[2];

static void
send_one(const void *octets, size_t length, size_t count)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(DESCRIPTORS * sizeof(int))];
	} control = { .room = { 0 } };
	const int fds[DESCRIPTORS] = { ends[0], ends[1], ends[0] };
	struct iovec iov = { (void *)(uintptr_t)octets, length };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *head;

	if (count > 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
		head = CMSG_FIRSTHDR(&msg);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(head), fds, count * sizeof(int));
	}
	must(sendmsg(ends[1], &msg, MSG_DONTWAIT) == (ssize_t)length);
}

/* There is room for every descriptor here: none is lost. */
static void
read_order(size_t length, size_t count)
{
	struct received received;
	enum order_result result = order_read(ends[0], &received);

	must(result == (length == 0 ? ORDER_CLOSED : ORDER_ONE) ||
	    (length > 0 && result == ORDER_BROKEN));
	if (result != ORDER_ONE)
		return;
	must(received.order.naddrs <= TUNNEL_TARGETS);
	must(length == order_size(&received.order));
	must(count <= 1 && received.lost == false);
	must((received.fd >= 0) == (count == 1));
	if (received.fd >= 0)
		close(received.fd);
}

static void
read_returned(size_t length, size_t count)
{
	struct returned returned;
	struct addr peer;
	enum returned_result result = returned_read(ends[0], &returned);

	if (length == 0)
		must(result == RETURNED_ENDED);
	else if (length == sizeof(struct wish) && count == 1)
		must(result == RETURNED_ONE);
	else
		must(result == RETURNED_BROKEN);
	if (result != RETURNED_ONE)
		return;
	/* a socket of packets: nobody's connection */
	must(returned.fd >= 0 && !returned_peer(returned.fd, &peer));
	close(returned.fd);
}

static void
one_message(struct input *input)
{
	static union {
		struct order order;
		uint8_t octets[SAID_MAX];
	} said;
	uint8_t how = input_byte(input);
	size_t count = how % (DESCRIPTORS + 1), length;

	memset(&said, 0, sizeof(said));
	said.order.kind = input_byte(input) % (ORDER_RETIRE + 2);
	said.order.naddrs = input_byte(input) % (TUNNEL_TARGETS + 2);
	length = how & 4 ? sizeof(struct wish) : order_size(&said.order);
	if (how & 8)
		length = (input_byte(input) * 256u + input_byte(input)) %
		    SAID_MAX;
	if (how & 16)
		input_bytes(input, said.octets, length);
	send_one(said.octets, length, count);
	if (how & 32)
		read_returned(length, count);
	else
		read_order(length, count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct received none;
	int fd;

	if (ends[1] == 0)
		must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			 ends) == 0);
	fd = lowest_free();
	for (int i = 0; i < MESSAGES && input.left > 0; i++)
		one_message(&input);
	must(order_read(ends[0], &none) == ORDER_NONE);
	must(lowest_free() == fd);
	return 0;
}
