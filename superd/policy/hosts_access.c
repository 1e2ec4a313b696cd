/*
 * The files of hosts_access(5), read just far enough to know whether they may
 * refuse anybody.  In doubt they do.
 */
#include "superd/policy/hosts_access.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* hosts_options(5) that refuse, or may; the last is Debian's. */
static const char *const refusals[] = { "deny", "twist", "aclexec" };

enum { REFUSALS = sizeof(refusals) / sizeof(refusals[0]) };

static bool
is_word(const char *text, const char *word)
{
	size_t length = strlen(word);
	unsigned char next;

	if (strncasecmp(text, word, length) != 0)
		return false;
	next = (unsigned char)text[length];
	return !isalnum(next) && next != '.' && next != '-' && next != '_';
}

/* A line of hosts.deny. */
static bool
is_rule(const char *line)
{
	return line[0] != '#' && strchr(line, ':') != NULL;
}

/* ... and of hosts.allow. */
static bool
is_refusal(const char *line)
{
	if (line[0] == '#')
		return false;
	while ((line = strchr(line, ':')) != NULL) {
		do
			line++;
		while (isspace((unsigned char)*line));
		for (size_t i = 0; i < REFUSALS; i++)
			if (is_word(line, refusals[i]))
				return true;
	}
	return false;
}

/* Does it end in a backslash?  The next one goes on there, and both the
 * backslash and the newline are cut off. */
static bool
goes_on(char *line, size_t *length)
{
	if (*length < 2 || strcmp(&line[*length - 2], "\\\n") != 0)
		return false;
	*length -= 2;
	line[*length] = '\0';
	return true;
}

/* A whole line of hosts_access(5), which may be several of the file; malloc'd,
 * NULL at the end. */
static char *
next_line(FILE *file)
{
	char *whole = NULL, *line = NULL, *longer;
	size_t room = 0, used = 0, length;
	bool more = true;
	ssize_t n;

	while (more && (n = getline(&line, &room, file)) >= 0) {
		length = (size_t)n;
		more = goes_on(line, &length);
		longer = realloc(whole, used + length + 1);
		if (longer == NULL)
			break;
		whole = longer;
		memcpy(whole + used, line, length + 1);
		used += length;
	}
	free(line);
	return whole;
}

static bool
any_line(const char *path, bool (*test)(const char *))
{
	/* a FIFO must not hold up superd */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	bool found = false;
	char *line;

	if (file == NULL) {
		if (fd >= 0)
			close(fd);
		return false; /* libwrap takes it for empty, too */
	}
	while (!found && (line = next_line(file)) != NULL) {
		found = test(line);
		free(line);
	}
	fclose(file);
	return found;
}

bool
hosts_files_refuse(const char *allow, const char *deny)
{
	return any_line(deny, is_rule) || any_line(allow, is_refusal);
}

bool
hosts_refuse(void)
{
	return hosts_files_refuse("/etc/hosts.allow", "/etc/hosts.deny");
}
