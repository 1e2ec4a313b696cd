/* floor_exec ADDRESS PORT PROGRAM [session]: accept, vfork, exec; children
 * are reaped by the kernel. */
#include "floor.h"

#include <sys/socket.h>

#include <signal.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	int listener, fd;

	if (argc < 4)
		return 2;
	listener = floor_socket(argv, SOCK_STREAM);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		floor_start(argv[3], fd, argc > 4);
		close(fd);
	}
}
