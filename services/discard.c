/* RFC 863: what comes in is thrown away. */
#include "services/handlers.h"

#include <errno.h>
#include <unistd.h>

enum { BLOCK = 65536 };

void
discard_stream(int fd)
{
	char block[BLOCK];
	ssize_t n;

	do
		n = read(fd, block, sizeof(block));
	while (n > 0 || (n < 0 && errno == EINTR));
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
