/*
 * Log file: appends lines to a file, with the two size limits that xinetd
 * has.  Knows files and time stamps, but no services.
 */
#ifndef SUPERD_LOG_LOG_FILE_H
#define SUPERD_LOG_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The effect of another line on the size of a file. */
enum logfile_room {
	ROOM_PLENTY,
	ROOM_SOFT, /* it ends above the soft limit */
	ROOM_NONE  /* it would end above the hard one */
};

enum logfile_result {
	LOGFILE_WRITTEN,
	LOGFILE_DROPPED, /* a FIFO or terminal has no room now */
	LOGFILE_FULL,	 /* the hard limit */
	LOGFILE_FAILED	 /* not opened or written: errno; EAGAIN: no
			  * new attempt to open it yet */
};

struct logfile {
	char *path;
	uint64_t soft, hard; /* bytes; 0: unlimited */
	int fd;		     /* -1: not open */
	int64_t retry;	     /* loop_clock(): no new attempt before */
	bool soft_reached, hard_reached;
	uint64_t full;	 /* file size when the hard limit was reached */
	bool unfinished; /* the last line lacks its newline */
};

/* Compare the limits (0: none) with a file of size bytes and another line of
 * length bytes, including its newline. */
enum logfile_room logfile_room(uint64_t soft, uint64_t hard, uint64_t size,
    uint64_t length);
/* Format seconds (time(2)) as local time, "26/11/21@10:00:00: ", as xinetd
 * does.  Returns the length; 0 if it does not fit. */
size_t logfile_stamp(char *buf, size_t size, int64_t seconds);

/* Open the file, or reopen it in case it was renamed.  Creates it with mode
 * 0640 if necessary; trusted_open.h says which paths are refused.  0, or -1
 * with errno. */
int logfile_open(struct logfile *);
void logfile_close(struct logfile *); /* harmless if it is not open */
/*
 * Append a line: a time stamp if stamped, text, which must be printable, and a
 * newline.
 * Opens the file if it is not open, at most once a second.  Never blocks.
 * Sets soft_reached and hard_reached; a file that has been truncated has room
 * again.
 */
enum logfile_result logfile_write(struct logfile *, const char *text,
    bool stamped);

#endif
