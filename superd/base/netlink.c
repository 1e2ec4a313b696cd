/* Netlink sockets, messages and attributes. */
#include "superd/base/netlink.h"

#include <sys/socket.h>
#include <linux/netlink.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "superd/base/descriptors.h"

enum { ANSWER = 16384, ANSWERS_MAX = 64, ERRNO_MAX = 4095 };

int
netlink_open(int protocol, uint32_t groups)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK,
		.nl_groups = groups };
	int fd = fd_high(socket(AF_NETLINK,
	    SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));

	if (fd < 0 || groups == 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Kept open: opening it takes longer than a question. */
static int asking = -1;

int
netlink_prepare(void)
{
	if (asking < 0)
		asking = netlink_open(NETLINK_SOCK_DIAG, 0);
	return asking < 0 ? errno : 0;
}

void
netlink_start_over(void)
{
	asking = -1;
}

static int
put_question(const struct netlink_question *question, uint32_t number)
{
	_Alignas(struct nlmsghdr) char bytes[NLMSG_HDRLEN + NETLINK_BODY_MAX];
	struct nlmsghdr head = { .nlmsg_type = question->type,
		.nlmsg_flags = NLM_F_REQUEST | question->flags,
		.nlmsg_seq = number };
	size_t length = NLMSG_LENGTH(question->length);

	if (length > sizeof(bytes))
		return EMSGSIZE;
	head.nlmsg_len = (uint32_t)length;
	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + NLMSG_HDRLEN, question->body, question->length);
	return send(asking, bytes, length, MSG_DONTWAIT) == (ssize_t)length ?
	    0 :
	    errno;
}

/* NLMSG_DONE and NLMSG_ERROR both begin with a negative errno. */
static int
error_of(struct nlmsghdr *head)
{
	int error = 0;

	if (head->nlmsg_len >= NLMSG_LENGTH(sizeof(error)))
		memcpy(&error, NLMSG_DATA(head), sizeof(error));
	if (error >= 0)
		return 0;
	return error < -ERRNO_MAX ? EPROTO : -error;
}

/* The last message may lack its padding. */
static struct nlmsghdr *
next_message(struct nlmsghdr *head, size_t *length)
{
	if (NLMSG_ALIGN(head->nlmsg_len) <= *length)
		return NLMSG_NEXT(head, *length);
	*length = 0;
	return head;
}

/* -1: there is more to come. */
static int
take(const struct netlink_question *question, uint32_t number,
    struct nlmsghdr *head, size_t length)
{
	for (; NLMSG_OK(head, length); head = next_message(head, &length)) {
		if (head->nlmsg_seq != number)
			continue;
		if (head->nlmsg_type == NLMSG_DONE ||
		    head->nlmsg_type == NLMSG_ERROR)
			return error_of(head);
		question->part(question->arg, head->nlmsg_type,
		    NLMSG_DATA(head), NLMSG_PAYLOAD(head, 0));
		if ((head->nlmsg_flags & NLM_F_MULTI) == 0)
			return 0;
	}
	return -1;
}

/* The kernel produces the answer while it is asked, and the next part of a
 * long one while it is read, so recv(2) never has to wait. */
static int
get_answer(const struct netlink_question *question, uint32_t number)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER];
	int error = -1;

	for (int i = 0; error < 0 && (question->whole || i < ANSWERS_MAX);
	     i++) {
		ssize_t n = recv(asking, answer, sizeof(answer),
		    MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0)
			return errno;
		if ((size_t)n > sizeof(answer))
			return EMSGSIZE;
		error = take(question, number,
		    (struct nlmsghdr *)(void *)answer, (size_t)n);
	}
	return error < 0 ? EMSGSIZE : error;
}

int
netlink_ask(const struct netlink_question *question)
{
	static uint32_t number;
	int error = netlink_prepare();

	if (error != 0)
		return error;
	number++;
	error = put_question(question, number);
	if (error == 0)
		error = get_answer(question, number);
	/* drop what is left of the answer */
	if (error != 0) {
		close(asking);
		asking = -1;
	}
	return error;
}

static size_t
aligned(size_t length)
{
	return (length + NLMSG_ALIGNTO - 1) / NLMSG_ALIGNTO * NLMSG_ALIGNTO;
}

bool
netlink_attribute(const void *body, size_t fixed, size_t length, uint16_t type,
    struct netlink_attribute *attribute)
{
	const uint8_t *bytes = body;
	size_t at = aligned(fixed);
	struct nlattr head;

	while (at + sizeof(head) <= length) {
		memcpy(&head, bytes + at, sizeof(head));
		if (head.nla_len < sizeof(head) || head.nla_len > length - at)
			return false;
		if (head.nla_type == type) {
			attribute->bytes = bytes + at + sizeof(head);
			attribute->length = head.nla_len - sizeof(head);
			return true;
		}
		at += aligned(head.nla_len);
	}
	return false;
}
