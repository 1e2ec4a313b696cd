/*
 * A connection that nobody has accepted yet has no inode; its cookie names
 * it for as long as the system runs.
 */
#include "superd/backlog.h"

#include <sys/socket.h>
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <string.h>
#include <unistd.h>

enum { ANSWER = 16384, ANSWERS_MAX = 64 };

struct question {
	struct nlmsghdr head;
	struct inet_diag_req_v2 body;
};

static bool
ask(int fd, const struct addr *bound)
{
	struct question question;

	memset(&question, 0, sizeof(question));
	question.head.nlmsg_len = sizeof(question);
	question.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	question.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	question.body.sdiag_family = (uint8_t)bound->u.sa.sa_family;
	question.body.sdiag_protocol = IPPROTO_TCP;
	question.body.idiag_states = 1u << TCP_ESTABLISHED |
	    1u << TCP_CLOSE_WAIT;
	question.body.id.idiag_sport = htons(addr_port(bound));
	return send(fd, &question, sizeof(question), MSG_DONTWAIT) ==
	    (ssize_t)sizeof(question);
}

static void
take(struct backlog *backlog, const struct inet_diag_msg *message)
{
	uint64_t cookie = (uint64_t)message->id.idiag_cookie[1] << 32 |
	    message->id.idiag_cookie[0];

	if (message->idiag_inode == 0 && backlog->count < BACKLOG_SEEN)
		backlog->cookies[backlog->count++] = cookie;
}

/* False at the end of the dump; *good if it was a whole one. */
static bool
take_all(struct backlog *backlog, struct nlmsghdr *head, size_t length,
    bool *good)
{
	for (; NLMSG_OK(head, length); head = NLMSG_NEXT(head, length)) {
		if (head->nlmsg_type == NLMSG_DONE)
			*good = true;
		if (head->nlmsg_type == NLMSG_DONE ||
		    head->nlmsg_type == NLMSG_ERROR)
			return false;
		if (head->nlmsg_len >= NLMSG_LENGTH(sizeof(struct
		    inet_diag_msg)))
			take(backlog, NLMSG_DATA(head));
	}
	return true;
}

void
backlog_look(const struct addr *bound, struct backlog *backlog)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER];
	bool more;
	int fd;

	memset(backlog, 0, sizeof(*backlog));
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0)
		return;
	more = ask(fd, bound);
	for (int i = 0; more && i < ANSWERS_MAX; i++) {
		/* the kernel puts the next part together while we read */
		ssize_t n = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);

		more = n > 0 && take_all(backlog,
		    (struct nlmsghdr *)(void *)answer, (size_t)n,
		    &backlog->known);
	}
	close(fd);
}

static bool
is_in(const struct backlog *backlog, uint64_t cookie)
{
	for (size_t i = 0; i < backlog->count; i++)
		if (backlog->cookies[i] == cookie)
			return true;
	return false;
}

bool
backlog_moved(const struct backlog *before, const struct backlog *now)
{
	/* a full list says nothing about those that are not in it */
	if (now->count == BACKLOG_SEEN)
		return false;
	for (size_t i = 0; i < before->count; i++)
		if (!is_in(now, before->cookies[i]))
			return true;
	return false;
}
