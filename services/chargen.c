/*
 * RFC 864: lines of 72 characters, each beginning one character later in the
 * ring of the 95 printable ones.  A datagram is answered with one such line,
 * whatever is in it: the RFC allows up to 512 octets, but a forged request
 * shall gain little.
 */
#include "services/handlers.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { FIRST = ' ', RING = 95, WIDTH = 72, LINE = WIDTH + 2,
	DATAGRAM_LINE = LINE };

static void
fill_line(char *line, size_t number)
{
	for (size_t i = 0; i < WIDTH; i++)
		line[i] = (char)(FIRST + (number + i) % RING);
	line[WIDTH] = '\r';
	line[WIDTH + 1] = '\n';
}

/* What the client sends is read and forgotten: it must not be stopped by a
 * full window.  -1 when no more can come. */
static int
drop_input(int fd)
{
	char bytes[4096];
	ssize_t n;

	do
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	while (n > 0);
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

/*
 * 0 when there is room for more.  The end of the client's input is not the
 * end of its wish to read (standard input may have been /dev/null); a client
 * that has gone is told by an error.
 */
static int
wait_writable(struct pollfd *pfd)
{
	for (;;) {
		if (poll(pfd, 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (pfd->revents & (POLLERR | POLLHUP | POLLNVAL))
			return -1;
		if ((pfd->revents & POLLIN) && drop_input(pfd->fd) != 0)
			pfd->events = POLLOUT;
		if (pfd->revents & POLLOUT)
			return 0;
	}
}

void
chargen_stream(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN | POLLOUT };
	char ring[RING * LINE];
	size_t sent = 0;
	ssize_t n;

	for (size_t i = 0; i < RING; i++)
		fill_line(ring + i * LINE, i);
	while (wait_writable(&pfd) == 0) {
		n = send(fd, ring + sent, sizeof(ring) - sent,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			break;
		if (n > 0)
			sent = (sent + (size_t)n) % sizeof(ring);
	}
}

ssize_t
chargen_datagram(char *buf, size_t length, size_t size, time_t now)
{
	(void)length;
	if (size < DATAGRAM_LINE)
		return -1;
	fill_line(buf, (size_t)now % RING);
	return DATAGRAM_LINE;
}
