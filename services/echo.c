/* RFC 862: what comes in goes out. */
#include "services/handlers.h"

#include <sys/epoll.h>
#include <sys/socket.h>

/*
 * Nothing is taken while something is kept: the memory is bounded by the
 * block, and a client that sends without reading is stopped by its own full
 * window.
 */
void
echo_step(struct stream *stream, char *block)
{
	size_t length;

	if (stream_flush(stream)) {
		length = stream_take(stream, block, 0);
		if (length > 0)
			stream_send(stream, block, length);
		else if (stream->ended)
			stream->over = true;
	}
	stream->wanted = stream->held > 0 ? EPOLLOUT : EPOLLIN;
}

ssize_t
echo_datagram(char *buf, size_t length, size_t size, time_t now)
{
	(void)buf;
	(void)size;
	(void)now;
	return (ssize_t)length;
}
