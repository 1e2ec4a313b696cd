/*
 * A file that log lines are appended to, with xinetd's two limits of its
 * size.  Knows files and time stamps; nothing of services.
 */
#ifndef SUPERD_LOG_LOG_FILE_H
#define SUPERD_LOG_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a further line would do to a file. */
enum logfile_room {
	ROOM_PLENTY,
	ROOM_SOFT, /* it ends above the soft limit */
	ROOM_NONE  /* it would end above the hard one */
};

enum logfile_result {
	LOGFILE_WRITTEN,
	LOGFILE_DROPPED, /* nobody reads a FIFO just now */
	LOGFILE_FULL,	 /* the hard limit */
	LOGFILE_FAILED	 /* cannot be opened or written: errno */
};

struct logfile {
	char *path;
	uint64_t soft, hard; /* bytes; 0: unlimited */
	int fd;		     /* -1: not open */
	int64_t retry;	     /* loop_clock(): no new attempt before */
	bool soft_reached, hard_reached;
	uint64_t full;	 /* its size when the hard one was reached */
	bool unfinished; /* the last line lacks its end */
};

/* limits of 0 are none; length: of the line, with its end */
enum logfile_room logfile_room(uint64_t soft, uint64_t hard, uint64_t size,
    uint64_t length);
/* "26/11/21@10:00:00: ", the local time.  Returns its length. */
size_t logfile_stamp(char *buf, size_t size, int64_t seconds);

/* Open it, or open it anew: another file may have its name now.  Made with
 * mode 0640 if there is none.  -1 with errno. */
int logfile_open(struct logfile *);
void logfile_close(struct logfile *);
/*
 * Append text, which is printable, with a time stamp and an end of line.
 * Never waits.  Sets soft_reached and hard_reached; a file that was emptied
 * meanwhile has room again.
 */
enum logfile_result logfile_write(struct logfile *, const char *text);

#endif
