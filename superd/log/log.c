/*
 * syslog(3) can block for as long as syslogd does not read, so records are
 * formatted here (RFC 3164, which every local syslogd reads) and sent as one
 * datagram each, or dropped if syslogd has no room.  stderr is reopened
 * through /proc if possible, because O_NONBLOCK on the inherited descriptor
 * would affect every process that shares it.  The connection to syslogd is
 * made when it is first needed: a service's lines may go there even if our
 * own do not.
 */
#include "superd/log/log.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "superd/base/descriptors.h"
#include "superd/log/journal.h"

enum { RETRY_SECONDS = 1 };

static struct {
	enum log_where where;
	const char *name;
	bool open;
	int level; /* LOG_INFO and so on: nothing below it is logged */
	enum log_format form;
	bool prefix;	/* the journal: <N> instead of a time */
	bool stamp;	/* a terminal: with the time of day */
	bool is_socket; /* stderr is one: MSG_DONTWAIT works */
	int facility;
	int fd;	      /* of stderr; -1: none */
	int syslog;   /* -1: none */
	time_t retry; /* no new connection to syslog before */
	unsigned long long dropped, reported;
	log_divert_fn *divert;
	void *divert_arg;
	bool diverting; /* inside divert: its own records are not diverted */
	log_follow_fn *follow;
	void *follow_arg;
	bool following; /* inside follow */
} state = { .fd = -1,
	.syslog = -1,
	.facility = LOG_DAEMON,
	.level = LOG_INFO,
	.name = "superd" };

static const char *const syslog_path = "/dev/log";

static time_t
monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void
connect_syslog(void)
{
	static const int types[] = { SOCK_DGRAM, SOCK_STREAM };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t i;

	state.retry = monotonic() + RETRY_SECONDS;
	memcpy(sun.sun_path, syslog_path, strlen(syslog_path) + 1);
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		state.syslog = fd_high(socket(AF_UNIX,
		    types[i] | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
		if (state.syslog < 0)
			return;
		if (connect(state.syslog, (struct sockaddr *)&sun,
			sizeof(sun)) == 0)
			return;
		close(state.syslog);
		state.syslog = -1;
		if (errno != EPROTOTYPE)
			return;
	}
}

/* Is this the descriptor that JOURNAL_STREAM names, systemd.exec(5)?  Processes
 * whose stderr leads elsewhere inherit the variable, too. */
static bool
is_journal(const struct stat *st)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[64];

	snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)st->st_dev,
	    (uintmax_t)st->st_ino);
	return stream != NULL && strcmp(stream, ours) == 0;
}

static void
open_stderr(void)
{
	struct stat st;
	bool known = fstat(STDERR_FILENO, &st) == 0;

	state.is_socket = known && S_ISSOCK(st.st_mode);
	state.prefix = known && is_journal(&st);
	if (state.prefix)
		journal_open();
	state.stamp = !state.prefix && isatty(STDERR_FILENO);
	state.fd = -1;
	if (!state.is_socket)
		state.fd = fd_high(open("/proc/self/fd/2",
		    O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

void
log_open(enum log_where where, const char *name, bool debug)
{
	log_close();
	state.where = where;
	state.name = name;
	state.level = debug ? LOG_DEBUG : LOG_INFO;
	state.open = true;
	if (where == LOG_ON_SYSLOG) {
		tzset();
		connect_syslog();
	} else
		open_stderr();
}

void
log_form(enum log_format form)
{
	state.form = form;
}

enum log_format
log_form_now(void)
{
	return state.form;
}

void
log_level(int priority)
{
	state.level = priority;
}

int
log_level_now(void)
{
	return state.level;
}

void
log_facility(int facility)
{
	state.facility = facility;
}

static void
close_syslog(void)
{
	if (state.syslog >= 0)
		close(state.syslog);
	state.syslog = -1;
	state.retry = 0;
}

void
log_reopen(void)
{
	close_syslog();
	if (state.open && state.where == LOG_ON_SYSLOG)
		connect_syslog();
	journal_close();
	if (state.prefix)
		journal_open();
}

void
log_close(void)
{
	close_syslog();
	journal_close();
	state.prefix = false;
	if (state.fd >= 0)
		close(state.fd);
	state.fd = -1;
	state.open = false;
}

void
log_divert(log_divert_fn *fn, void *arg)
{
	state.divert = fn;
	state.divert_arg = arg;
}

bool
log_debugging(void)
{
	return state.level >= LOG_DEBUG;
}

unsigned long long
log_dropped(void)
{
	return state.dropped;
}

static bool
is_writable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	/* a reader that is gone is noticed when writing */
	return fd < 0 ||
	    (poll(&pfd, 1, 0) == 1 &&
		(pfd.revents & (POLLOUT | POLLERR | POLLHUP)) != 0);
}

bool
log_ready(void)
{
	return is_writable(state.syslog) &&
	    (state.where == LOG_ON_SYSLOG || is_writable(STDERR_FILENO));
}

/* Writing. */

static enum log_result
send_syslog(const char *text, size_t length)
{
	for (int try = 0; try < 2; try++) {
		if (state.syslog < 0 && monotonic() >= state.retry)
			connect_syslog();
		if (state.syslog < 0)
			return LOG_NOBODY;
		if (send(state.syslog, text, length,
			MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length)
			return LOG_WRITTEN;
		if (errno == EAGAIN || errno == ENOBUFS || errno == EMSGSIZE)
			return LOG_DROPPED;
		close_syslog(); /* syslogd was started anew */
	}
	return LOG_NOBODY;
}

static bool
write_stderr(const char *text, size_t length)
{
	if (state.is_socket)
		return send(STDERR_FILENO, text, length,
			   MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length;
	if (state.fd >= 0)
		return write(state.fd, text, length) == (ssize_t)length;
	/* what poll calls writable takes a record of this size at once */
	return is_writable(STDERR_FILENO) &&
	    write(STDERR_FILENO, text, length) == (ssize_t)length;
}

static int
syslog_head(char *buf, size_t size, int priority)
{
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	return snprintf(buf, size, "<%d>%s %2d %02d:%02d:%02d %s[%d]: ",
	    priority, months[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min,
	    tm.tm_sec, state.name, (int)getpid());
}

/* Other forms have a time of their own. */
static int
stderr_head(char *buf, size_t size, int priority)
{
	char stamp[32] = "";
	time_t now;
	struct tm tm;

	if (state.prefix)
		return snprintf(buf, size, "<%d>", priority);
	if (state.form != LOG_FORMAT_TEXT)
		return 0;
	now = time(NULL);
	if (state.stamp && localtime_r(&now, &tm) != NULL)
		strftime(stamp, sizeof(stamp), "%H:%M:%S ", &tm);
	return snprintf(buf, size, "%s%s: ", stamp, state.name);
}

enum log_result
log_syslog(int priority, const struct record *record)
{
	char line[RECORD_MAX];
	int head = syslog_head(line, sizeof(line), priority);
	size_t used = head < 0 ? 0 : (size_t)head;

	used += record_print(record, state.form, false, line + used,
	    sizeof(line) - used);
	return send_syslog(line, used);
}

/* As datagrams where the journal takes some. */
static enum log_result
send_journal(const struct record *record)
{
	char message[RECORD_MAX];

	if (!journal_is_open())
		return LOG_NOBODY;
	record_print(record, state.form, false, message, sizeof(message));
	return journal_send(record, state.name, message);
}

enum log_result
log_stderr(const struct record *record)
{
	char line[RECORD_MAX];
	size_t room = sizeof(line) - 1, used;
	enum log_result result;
	int head;

	if (state.open && state.where == LOG_ON_SYSLOG)
		return LOG_NOBODY;
	result = send_journal(record);
	if (result != LOG_NOBODY)
		return result;
	head = stderr_head(line, room, record->priority);
	used = head < 0 ? 0 : (size_t)head;
	used += record_print(record, state.form, !state.prefix, line + used,
	    room - used);
	line[used++] = '\n';
	return write_stderr(line, used) ? LOG_WRITTEN : LOG_DROPPED;
}

static bool
emit(const struct record *record)
{
	bool to_syslog = state.open && state.where == LOG_ON_SYSLOG;

	return (to_syslog ?
		       log_syslog(record->priority | state.facility, record) :
		       log_stderr(record)) == LOG_WRITTEN;
}

static bool
diverted(const struct record *record)
{
	bool done;

	if (state.divert == NULL || state.diverting)
		return false;
	state.diverting = true;
	done = state.divert(state.divert_arg, record);
	state.diverting = false;
	return done;
}

static void
tell_dropped(void)
{
	char note[80];

	if (state.dropped == state.reported)
		return;
	snprintf(note, sizeof(note), "log: %llu records dropped",
	    state.dropped - state.reported);
	if (emit(&(struct record){ .priority = LOG_WARNING, .text = note }))
		state.reported = state.dropped;
}

void
log_record(const struct record *record)
{
	int saved = errno;

	if (!diverted(record)) {
		tell_dropped();
		if (!emit(record))
			state.dropped++;
	}
	errno = saved;
}

/* Who follows. */

void
log_follow(log_follow_fn *fn, void *arg)
{
	state.follow = fn;
	state.follow_arg = arg;
}

bool
log_followed(void)
{
	return state.follow != NULL;
}

bool
log_structured(void)
{
	return state.form != LOG_FORMAT_TEXT || state.follow != NULL ||
	    journal_is_open();
}

bool
log_take(const struct record *record)
{
	int saved = errno;

	if (state.follow != NULL && !state.following) {
		state.following = true;
		state.follow(state.follow_arg, record);
		state.following = false;
	}
	errno = saved;
	return record->priority <= state.level;
}

/* The verbs. */

static void recordv(int, int, const char *, va_list)
    __attribute__((format(printf, 3, 0)));

static void
recordv(int priority, int error, const char *fmt, va_list ap)
{
	char text[RECORD_MAX];
	const struct record record = { .priority = priority, .text = text };
	int length;

	length = vsnprintf(text, sizeof(text), fmt, ap);
	if (error != 0 && length >= 0 && (size_t)length < sizeof(text))
		snprintf(text + length, sizeof(text) - (size_t)length, ": %s",
		    strerror(error));
	if (log_take(&record))
		log_record(&record);
}

#define VERB(priority, error)                          \
	do {                                           \
		va_list ap;                            \
                                                       \
		va_start(ap, fmt);                     \
		recordv((priority), (error), fmt, ap); \
		va_end(ap);                            \
	} while (0)

void
log_info(const char *fmt, ...)
{
	VERB(LOG_INFO, 0);
}

void
log_warnx(const char *fmt, ...)
{
	VERB(LOG_WARNING, 0);
}

void
log_warn(const char *fmt, ...)
{
	VERB(LOG_WARNING, errno);
}

void
log_debug(const char *fmt, ...)
{
	if (state.level >= LOG_DEBUG)
		VERB(LOG_DEBUG, 0);
}

void
log_at(int priority, const char *fmt, ...)
{
	VERB(priority, 0);
}

void
log_fatal(const char *fmt, ...)
{
	VERB(LOG_ERR, 0);
	exit(1);
}
