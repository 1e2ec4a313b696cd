/*
 * RFC 864: lines of 72 characters, each beginning one character later in the
 * ring of the 95 printable ones.  A datagram is answered with one such line,
 * whatever is in it: the RFC allows up to 512 octets, but a forged request
 * shall gain little.
 */
#include "services/handlers.h"

#include <sys/epoll.h>
#include <sys/socket.h>

enum {
	FIRST = ' ',
	RING = 95,
	WIDTH = 72,
	LINE = WIDTH + 2,
	DATAGRAM_LINE = LINE,
	RINGS = 9
};

static void
fill_line(char *line, size_t number)
{
	for (size_t i = 0; i < WIDTH; i++)
		line[i] = (char)(FIRST + (number + i) % RING);
	line[WIDTH] = '\r';
	line[WIDTH + 1] = '\n';
}

/* All lines, several times over, so that one call sends many. */
static const char *
all_lines(void)
{
	static char lines[RINGS * RING * LINE];

	if (lines[0] == '\0')
		for (size_t i = 0; i < RINGS * RING; i++)
			fill_line(lines + i * LINE, i);
	return lines;
}

/*
 * What the client sends is thrown away: it must not be stopped by a full
 * window.  The end of its input is not the end of its wish to read (standard
 * input may have been /dev/null); a client that has gone is told by an
 * error.
 */
void
chargen_step(struct stream *stream, char *block)
{
	static const size_t ring = RING * LINE;

	if (!stream->ended)
		stream_take(stream, block, MSG_TRUNC);
	if (!stream->over)
		stream->at += stream_put(stream, all_lines() + stream->at,
		    RINGS * ring - stream->at);
	stream->at %= ring;
	stream->wanted = stream->ended ? EPOLLOUT : EPOLLIN | EPOLLOUT;
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
