/* serve [MS]: answer datagrams with our pid until there is none for MS
 * (default 1000) milliseconds. */
#include <sys/socket.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	struct pollfd pfd = { 0, POLLIN, 0 };
	int ms = argc > 1 ? atoi(argv[1]) : 1000;

	while (poll(&pfd, 1, ms) == 1) {
		struct sockaddr_storage from;
		socklen_t length = sizeof(from);
		char bytes[65536];
		int n;

		if (recvfrom(0, bytes, sizeof(bytes), 0,
			(struct sockaddr *)&from, &length) < 0)
			return 1;
		n = snprintf(bytes, sizeof(bytes), "%d", getpid());
		sendto(0, bytes, (size_t)n, 0, (struct sockaddr *)&from,
		    length);
	}
	return 0;
}
