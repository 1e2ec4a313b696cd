/*
 * Writes to regular files, FIFOs and terminals without blocking.  The size is
 * checked before each line, since other processes may write to the file or
 * truncate it.
 */
#include "superd/log/log_file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bsd/string.h>

#include "superd/base/clock.h"
#include "superd/base/descriptors.h"
#include "superd/base/loop.h"
#include "superd/base/trusted_open.h"

/* The size of a line: PIPE_BUF, which a pipe takes whole or not at all. */
enum { LINE_MAX_BYTES = 4096, MODE = 0640 };

enum { RETRY = SECOND };

enum logfile_room
logfile_room(uint64_t soft, uint64_t hard, uint64_t size, uint64_t length)
{
	uint64_t after = size > UINT64_MAX - length ?
	    UINT64_MAX :
	    size + length;

	if (hard != 0 && after > hard)
		return ROOM_NONE;
	return soft != 0 && after > soft ? ROOM_SOFT : ROOM_PLENTY;
}

size_t
logfile_stamp(char *buf, size_t size, int64_t seconds)
{
	time_t now = (time_t)seconds;
	struct tm tm;
	int length;

	if (localtime_r(&now, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	length = snprintf(buf, size,
	    "%02d/%d/%d@%02d:%02d:%02d: ", tm.tm_year % 100, tm.tm_mon + 1,
	    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return length < 0 || (size_t)length >= size ? 0 : (size_t)length;
}

void
logfile_close(struct logfile *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

int
logfile_open(struct logfile *file)
{
	int saved;

	logfile_close(file);
	file->retry = loop_clock() + RETRY;
	file->fd = fd_high(
	    trusted_open(file->path, O_WRONLY | O_APPEND | O_CREAT, MODE));
	saved = errno;
	file->soft_reached = file->hard_reached = file->unfinished = false;
	errno = saved;
	return file->fd < 0 ? -1 : 0;
}

static bool
has_room(struct logfile *file, size_t length)
{
	struct stat st;
	enum logfile_room room;
	uint64_t size;

	if ((file->soft == 0 && file->hard == 0) || fstat(file->fd, &st) != 0 ||
	    !S_ISREG(st.st_mode))
		return true;
	size = (uint64_t)st.st_size;
	/* once the limit is reached, not even a shorter line is written */
	if (file->hard_reached && size >= file->full)
		return false;
	room = logfile_room(file->soft, file->hard, size, length);
	file->soft_reached = room != ROOM_PLENTY;
	file->hard_reached = room == ROOM_NONE;
	file->full = size;
	return room != ROOM_NONE;
}

static enum logfile_result
append(struct logfile *file, const char *line, size_t length)
{
	ssize_t written = write(file->fd, line, length);

	if (written == (ssize_t)length) {
		file->unfinished = false;
		return LOGFILE_WRITTEN;
	}
	if (written > 0) {
		/* the disk was full in the middle of it */
		file->unfinished = true;
		errno = ENOSPC;
		return LOGFILE_FAILED;
	}
	if (errno == EAGAIN || errno == EINTR)
		return LOGFILE_DROPPED;
	if (errno == EPIPE) /* the reader may come back: ENXIO until then */
		logfile_close(file);
	return LOGFILE_FAILED;
}

enum logfile_result
logfile_write(struct logfile *file, const char *text, bool stamped)
{
	char line[LINE_MAX_BYTES];
	size_t used = 0;

	if (file->fd < 0) {
		errno = EAGAIN;
		if (loop_clock() < file->retry || logfile_open(file) != 0)
			return LOGFILE_FAILED;
	}
	if (file->unfinished)
		line[used++] = '\n';
	if (stamped)
		used += logfile_stamp(line + used, sizeof(line) - used,
		    time(NULL));
	strlcpy(line + used, text, sizeof(line) - used - 1);
	used += strlen(line + used);
	line[used++] = '\n';
	if (!has_room(file, used))
		return LOGFILE_FULL;
	return append(file, line, used);
}
