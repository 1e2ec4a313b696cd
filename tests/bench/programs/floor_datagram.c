/* floor_datagram ADDRESS PORT: each datagram is sent back. */
#include "floor.h"

#include <sys/socket.h>

int
main(int argc, char **argv)
{
	static char bytes[65536];
	struct sockaddr_storage peer;
	socklen_t length;
	ssize_t n;
	int fd;

	if (argc != 3)
		return 2;
	fd = floor_socket(argv, SOCK_DGRAM);
	for (;;) {
		length = sizeof(peer);
		n = recvfrom(fd, bytes, sizeof(bytes), 0,
		    (struct sockaddr *)&peer, &length);
		if (n >= 0)
			sendto(fd, bytes, (size_t)n, 0,
			    (struct sockaddr *)&peer, length);
	}
}
