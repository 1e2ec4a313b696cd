/* A wait server: one datagram is sent back, and it ends. */
#include <sys/socket.h>

#include <unistd.h>

int
main(void)
{
	char bytes[2048];
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	ssize_t n = recvfrom(STDIN_FILENO, bytes, sizeof(bytes), 0,
	    (struct sockaddr *)&peer, &length);

	if (n >= 0)
		sendto(STDIN_FILENO, bytes, (size_t)n, 0,
		    (struct sockaddr *)&peer, length);
	_exit(n < 0);
}
