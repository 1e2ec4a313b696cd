/*
 * Messages between processes of superd, each with one descriptor or none, over
 * a socket that keeps their bounds: SOCK_SEQPACKET or SOCK_DGRAM of unix(7).
 */
#ifndef SUPERD_BASE_MESSAGE_H
#define SUPERD_BASE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

struct message {
	size_t length; /* octets that were sent, which may be more than room */
	int fd;	       /* close-on-exec, the caller's; -1: none */
	bool cut;      /* more descriptors were sent than arrived: the process
			* has too many open, or more than one was sent */
};

/* Send so many octets and a descriptor (-1: none), which stays the caller's.
 * Never blocks.  0, or -1 with errno, see message_comes_later(). */
int message_send(int channel, const void *octets, size_t length, int fd);
/* After a failed message_send(): can it succeed later, with this errno? */
bool message_comes_later(int error);
/* Receive a message, room octets of it at most.  Never blocks.  1: there was
 * one; 0: the other end is closed, or an empty message came; -1 with errno. */
int message_read(int channel, void *octets, size_t room, struct message *);

#endif
