/* RFC 1078. */
#include "services/tcpmux.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "services/io.h"

enum { REFUSAL_SIZE = 64 };

/* It fits into the buffer of a socket that has sent so little. */
static size_t
say(int fd, const char *text, size_t length)
{
	ssize_t n = send(fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);

	return n > 0 ? (size_t)n : 0;
}

static size_t
refuse(int fd, const char *why)
{
	char line[REFUSAL_SIZE];
	int length = snprintf(line, sizeof(line), "-%s\r\n", why);

	/* in one piece, for clients that read but once */
	return say(fd, line, (size_t)length);
}

static const char *
why_no_line(int error)
{
	switch (error) {
	case EMSGSIZE:
		return "Service name too long";
	case ETIMEDOUT:
		return "No service name in time";
	default:
		return "Bad service name";
	}
}

void
tcpmux_accept(int fd)
{
	say(fd, "+Go\r\n", 5);
}

void
tcpmux_refuse(int fd)
{
	refuse(fd, "Service not available");
}

static void
end(struct talk *talk, const char *why)
{
	talk->out += refuse(talk->fd, why);
	talk->state = TALK_OVER;
}

static void
list(struct talk *talk, const struct tcpmux_directory *directory)
{
	size_t length;
	const char *names = directory->list(directory->arg, &length);
	ssize_t n = 0;

	if (talk->at < length)
		n = send(talk->fd, names + talk->at, length - talk->at,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		talk->state = TALK_OVER;
		return;
	}
	if (n > 0) {
		talk->at += (size_t)n;
		talk->out += (size_t)n;
	}
	talk->state = talk->at < length ? TALK_LISTS : TALK_OVER;
}

static void
choose(struct talk *talk, const struct tcpmux_directory *directory)
{
	if (strcasecmp(talk->line, "help") == 0)
		list(talk, directory);
	else if (directory->find(directory->arg, talk->line, &talk->number))
		talk->state = TALK_FOUND;
	else
		end(talk, "Service not available");
}

static void
take(struct talk *talk, const struct tcpmux_directory *directory)
{
	size_t before = talk->used;
	int result = take_line(talk->fd, talk->line, sizeof(talk->line),
	    &talk->used);

	talk->in += talk->used - before;
	if (result > 0)
		choose(talk, directory);
	else if (result < 0 && errno != ECONNRESET)
		end(talk, why_no_line(errno));
	else if (result < 0)
		talk->state = TALK_OVER;
}

void
tcpmux_step(struct talk *talk, const struct tcpmux_directory *directory)
{
	if (talk->state == TALK_READS)
		take(talk, directory);
	else if (talk->state == TALK_LISTS)
		list(talk, directory);
}

void
tcpmux_late(struct talk *talk)
{
	if (talk->state == TALK_READS)
		end(talk, why_no_line(ETIMEDOUT));
	else
		talk->state = TALK_OVER;
}
