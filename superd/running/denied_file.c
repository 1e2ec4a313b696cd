/* The deny list in its file. */
#include "superd/running/denied_file.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/base/file_replace.h"
#include "superd/base/trusted_open.h"
#include "superd/running/denylist.h"
#include "superd/running/event_self.h"
#include "superd/spawn/process.h"

#define FOR_EVER "forever"

struct denied_file {
	struct superd *superd;
	struct process writer;
	struct loop_timer timer;
	bool changed;
};

/* Where it is; NULL: nowhere. */
static const char *
path_of(const struct superd *superd, char buf[PATH_MAX])
{
	const char *directory = getenv("STATE_DIRECTORY");
	const char *path = superd->conf->globals.state_file;

	if (path != NULL)
		return strcmp(path, "none") != 0 ? path : NULL;
	if (directory == NULL || directory[0] != '/')
		return NULL;
	/* several are divided by colons */
	snprintf(buf, PATH_MAX, "%.*s/denied",
	    (int)(strcspn(directory, ":") % PATH_MAX), directory);
	return buf;
}

/* Writing. */

struct writing {
	struct text text;
	int64_t now;
	time_t clock;
};

static void
add_line(void *arg, const struct denied *denied)
{
	struct writing *writing = arg;
	char client[ADDR_TEXT], until[32] = FOR_EVER;

	if (denied->until != DENIED_FOR_EVER)
		snprintf(until, sizeof(until), "%" PRId64,
		    (int64_t)writing->clock +
			(denied->until - writing->now + SECOND - 1) / SECOND);
	text_add(&writing->text, "%s %s %s\n",
	    prefix_print(&denied->client, client, sizeof(client)), until,
	    denied_by_name(denied->by));
}

/* In the child; its exit status is an errno. */
static void
write_list(const struct superd *superd, const char *path)
{
	struct writing writing = { .now = loop_clock(), .clock = time(NULL) };

	process_unblock_signals();
	denylist_each(superd->denylist, add_line, &writing);
	/* it may take its time: no port is to be taken meanwhile */
	closefrom(3);
	_exit(file_replace(path, &writing.text));
}

static void
start(struct denied_file *file)
{
	char buf[PATH_MAX];
	const char *path = path_of(file->superd, buf);
	pid_t pid;

	if (!file->changed || file->writer.pid != 0)
		return;
	file->changed = false;
	if (path == NULL)
		return;
	pid = process_fork(&file->writer);
	if (pid == 0)
		write_list(file->superd, path);
	if (pid < 0)
		event_state_unwritten(path, errno);
}

static void
on_timer(void *arg)
{
	start(arg);
}

static void
written(void *arg, int status)
{
	struct denied_file *file = arg;
	char buf[PATH_MAX];
	const char *path = path_of(file->superd, buf);

	if (path != NULL && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		event_state_unwritten(path,
		    WIFEXITED(status) ? WEXITSTATUS(status) : EINTR);
	if (file->changed)
		denied_file_changed(file->superd);
}

void
denied_file_changed(struct superd *superd)
{
	struct denied_file *file = superd->denied_file;

	if (file == NULL)
		return;
	file->changed = true;
	if (!loop_timer_running(&file->timer))
		loop_timer_set(superd->loop, &file->timer, SECOND);
}

struct denied_file *
denied_file_new(struct superd *superd)
{
	struct denied_file *file = xcalloc(1, sizeof(*file));

	file->superd = superd;
	file->writer.ended = written;
	file->writer.arg = file;
	loop_timer_init(&file->timer, on_timer, file);
	return file;
}

void
denied_file_free(struct denied_file *file)
{
	if (file == NULL)
		return;
	loop_timer_stop(file->superd->loop, &file->timer);
	/* one that still runs has what was before */
	process_forget(&file->writer);
	file->writer.pid = 0;
	start(file);
	process_forget(&file->writer);
	free(file);
}

/* Reading. */

/* False: this is no line of it. */
static bool
take_line(struct superd *superd, char *line, int64_t now, time_t clock)
{
	char *client = strsep(&line, " "), *until = strsep(&line, " "), *end;
	struct denied denied = { .until = DENIED_FOR_EVER };
	intmax_t at;

	if (line == NULL || prefix_parse(client, &denied.client) != 0)
		return false;
	if (strcmp(line, denied_by_name(DENIED_BY_HAND)) == 0)
		denied.by = DENIED_BY_HAND;
	if (strcmp(until, FOR_EVER) != 0) {
		at = strtoimax(until, &end, 10);
		if (end == until || *end != '\0' || at > INT32_MAX * 4LL)
			return false;
		if (at <= clock)
			return true;
		denied.until = now + (at - clock) * SECOND;
	}
	return denylist_add(superd->denylist, &denied, now) != DENIED_NEVER;
}

static void
read_lines(struct superd *superd, FILE *stream, const char *path)
{
	int64_t now = loop_clock();
	time_t clock = time(NULL);
	unsigned number = 0;
	char line[256];

	while (fgets(line, sizeof(line), stream) != NULL &&
	    number++ < 2 * DENIED_MAX) {
		line[strcspn(line, "\n")] = '\0';
		if (take_line(superd, line, now, clock))
			continue;
		event_state_unread(path, number);
		return;
	}
}

void
denied_file_read(struct superd *superd)
{
	char buf[PATH_MAX];
	const char *path = path_of(superd, buf);
	struct stat st;
	FILE *stream;
	int fd;

	if (path == NULL)
		return;
	fd = trusted_open(path, O_RDONLY, 0);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (st.st_uid != 0 && st.st_uid != geteuid()) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		if (fd >= 0 || errno != ENOENT)
			event_state_unread(path, 0);
		if (fd >= 0)
			close(fd);
		return;
	}
	stream = fdopen(fd, "r");
	if (stream == NULL) {
		close(fd);
		return;
	}
	read_lines(superd, stream, path);
	fclose(stream);
}
