/* RFC 1078. */
#include "services/tcpmux.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#include "services/io.h"

/* The name, CR LF and the terminator. */
enum { LINE_SIZE = TCPMUX_NAME_MAX + 3, REFUSAL_SIZE = 64 };

static int
say(int fd, const char *text, int timeout)
{
	return write_all(fd, text, strlen(text), timeout);
}

static void
refuse(int fd, const char *why, int timeout)
{
	char line[REFUSAL_SIZE];

	/* in one piece, for clients that read but once */
	snprintf(line, sizeof(line), "-%s\r\n", why);
	say(fd, line, timeout);
}

static void
list_names(int fd, const struct tcpmux_directory *directory, int timeout)
{
	const char *name;

	for (size_t i = 0; (name = directory->name(directory->arg, i)) != NULL;
	     i++)
		if (say(fd, name, timeout) != 0 ||
		    say(fd, "\r\n", timeout) != 0)
			return;
}

static const char *
why_no_line(void)
{
	switch (errno) {
	case EMSGSIZE:
		return "Service name too long";
	case ETIMEDOUT:
		return "No service name in time";
	default:
		return "Bad service name";
	}
}

void
tcpmux_accept(int fd, int timeout)
{
	say(fd, "+Go\r\n", timeout);
}

void
tcpmux_refuse(int fd, int timeout)
{
	refuse(fd, "Service not available", timeout);
}

int
tcpmux_talk(int fd, const struct tcpmux_directory *directory, int timeout)
{
	char line[LINE_SIZE];

	if (read_line(fd, line, sizeof(line), timeout) < 0) {
		if (errno != ECONNRESET)
			refuse(fd, why_no_line(), timeout);
	} else if (strcasecmp(line, "help") == 0)
		list_names(fd, directory, timeout);
	else if (directory->find(directory->arg, line))
		return 0;
	else
		tcpmux_refuse(fd, timeout);
	return -1;
}
