/* floor_wait ADDRESS PORT PROGRAM: a datagram waits, the program is started
 * with the socket, and nothing happens until it has ended. */
#include "floor.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <poll.h>
#include <stddef.h>

int
main(int argc, char **argv)
{
	struct pollfd ready = { .events = POLLIN };
	int pid;

	if (argc != 4)
		return 2;
	ready.fd = floor_socket(argv, SOCK_DGRAM);
	for (;;) {
		if (poll(&ready, 1, -1) != 1)
			continue;
		pid = floor_start(argv[3], ready.fd, false);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
}
