/* RFC 863: what comes in is thrown away. */
#include "services/handlers.h"

#include <sys/epoll.h>
#include <sys/socket.h>

/* Blocks in one step: the others have their turn after that. */
enum { BLOCKS = 8 };

void
discard_step(struct stream *stream, char *block)
{
	int blocks = 0;

	stream->wanted = EPOLLIN;
	/* MSG_TRUNC: TCP throws it away without copying it, tcp(7) */
	while (blocks < BLOCKS &&
	    stream_take(stream, block, MSG_TRUNC) == STREAM_BLOCK)
		blocks++;
	if (stream->ended)
		stream->over = true;
}

ssize_t
discard_datagram(char *buf, size_t length, size_t size, time_t now)
{
	(void)buf;
	(void)length;
	(void)size;
	(void)now;
	return -1;
}
