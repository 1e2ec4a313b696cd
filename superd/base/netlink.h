/*
 * Netlink: sockets, and questions about sockets, which are answered at once.
 * netlink(7).  Knows no family's messages.
 */
#ifndef SUPERD_BASE_NETLINK_H
#define SUPERD_BASE_NETLINK_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A part of the answer, of this type; body: length octets, aligned. */
typedef void netlink_part_fn(void *arg, uint16_t type, const void *body,
    size_t length);

struct netlink_question {
	uint16_t type, flags; /* besides NLM_F_REQUEST */
	const void *body;
	size_t length;	       /* at most NETLINK_BODY_MAX */
	netlink_part_fn *part; /* for each part of the answer */
	void *arg;
};

enum { NETLINK_BODY_MAX = 128 };

struct netlink_attribute {
	const uint8_t *bytes;
	size_t length;
};

/* A socket that lives high and does not block; groups: RTMGRP_..., or 0.  -1
 * with errno. */
int netlink_open(int protocol, uint32_t groups);
/* Have the socket for questions, so that no shortage prevents them later.  0
 * or an errno. */
int netlink_prepare(void);
/* Ask about sockets, sock_diag(7).  0, or an errno: the kernel's own answer, or
 * why it could not be asked.  Never waits. */
int netlink_ask(const struct netlink_question *);
/* Has the body of an answer, behind its fixed part, an attribute of this type?
 * It points into that body, and need not be aligned. */
bool netlink_attribute(const void *body, size_t fixed, size_t length,
    uint16_t type, struct netlink_attribute *);

#endif
