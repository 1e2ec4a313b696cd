/*
 * RFC 1078 (tcpmux): the conversation that picks a service by name, as a state
 * machine that never blocks.  Knows the wire; which names exist is asked
 * through functions.
 */
#ifndef SERVICES_TCPMUX_H
#define SERVICES_TCPMUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The name, CR LF and the terminator. */
enum { TCPMUX_NAME_MAX = 256, TCPMUX_LINE = TCPMUX_NAME_MAX + 3 };

struct tcpmux_directory {
	/* Look a name up in any case, and number what it means. */
	bool (*find)(void *arg, const char *name, uint32_t *number);
	/* All names, each as a line; stays the directory's. */
	const char *(*list)(void *arg, size_t *length);
	void *arg;
};

enum talk_state {
	TALK_READS, /* the line */
	TALK_LISTS, /* the names, which do not fit at once */
	TALK_FOUND, /* talk->number: what the client waits for; the byte after
		     * the line is still in the socket */
	TALK_OVER   /* answered or gone: close it */
};

/* All zero but fd, which is non-blocking and stays the caller's. */
struct talk {
	int fd;
	enum talk_state state;
	uint32_t number;
	size_t used; /* of the line */
	size_t at;   /* octets of the list that were sent */
	uint64_t in, out;
	char line[TCPMUX_LINE];
};

/* One step, when fd is readable, or writable while it lists. */
void tcpmux_step(struct talk *, const struct tcpmux_directory *);
/* There was no line, or nobody took the list, in time. */
void tcpmux_late(struct talk *);
/* "+Go", and "-Service not available", if there is room. */
void tcpmux_accept(int fd);
void tcpmux_refuse(int fd);

#endif
