/* RFC 862: what comes in goes out. */
#include "services/handlers.h"

#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "services/io.h"

enum { BLOCK = 65536 };

/*
 * Read, then write all of it: the memory is bounded by the block, and a
 * client that sends without reading is stopped by its own full window.
 */
void
echo_stream(int fd)
{
	char block[BLOCK];
	ssize_t n;

	for (;;) {
		n = read(fd, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || write_all(fd, block, (size_t)n, -1) != 0)
			break;
	}
	shutdown(fd, SHUT_WR);
}

ssize_t
echo_datagram(char *buf, size_t length, size_t size, time_t now)
{
	(void)buf;
	(void)size;
	(void)now;
	return (ssize_t)length;
}
