/*
 * Netlink, netlink(7): opens sockets, and asks sock_diag(7) questions, which
 * the kernel answers at once.  Does not know the messages of any family.
 */
#ifndef SUPERD_BASE_NETLINK_H
#define SUPERD_BASE_NETLINK_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called for each message of an answer; body: length octets, aligned. */
typedef void netlink_part_fn(void *arg, uint16_t type, const void *body,
    size_t length);

struct netlink_question {
	uint16_t type, flags; /* besides NLM_F_REQUEST */
	const void *body;
	size_t length;	       /* of the body: at most NETLINK_BODY_MAX */
	netlink_part_fn *part; /* for each message of the answer */
	void *arg;
	bool whole; /* an answer of any length; it takes its time */
};

enum { NETLINK_BODY_MAX = 128 };

struct netlink_attribute {
	const uint8_t *bytes;
	size_t length;
};

/* Open a non-blocking, close-on-exec socket at FD_HIGH or above
 * (descriptors.h).  protocol: NETLINK_...; groups: RTMGRP_..., or 0.  The
 * descriptor, or -1 with errno. */
int netlink_open(int protocol, uint32_t groups);
/* Open the socket for questions now, so that a shortage of descriptors cannot
 * prevent them later.  0, or an errno. */
int netlink_prepare(void);
/* In a process that was forked and has no descriptors of the other's: open a
 * socket of its own for the next question. */
void netlink_start_over(void);
/* Ask about sockets, sock_diag(7).  Returns 0, the error that the kernel
 * answered with, or the errno of the failed call; EMSGSIZE if the question or
 * the answer is too long.  Never blocks. */
int netlink_ask(const struct netlink_question *);
/* Find an attribute of this type in the body of an answer, length octets, of
 * which the first fixed octets are a struct.  The result points into the body
 * and may be unaligned.  False: there is none. */
bool netlink_attribute(const void *body, size_t fixed, size_t length,
    uint16_t type, struct netlink_attribute *);

#endif
