/* acc [COUNT]: accept COUNT connections on descriptor 0, answer each with our
 * pid and what it sent, exit. */
#include <sys/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	int count = argc > 1 ? atoi(argv[1]) : 1;

	while (count-- > 0) {
		char bytes[4096];
		int fd = accept(0, NULL, NULL), n;

		if (fd < 0)
			return 1;
		n = snprintf(bytes, sizeof(bytes), "%d ", getpid());
		if (write(fd, bytes, (size_t)n) != n)
			return 1;
		while ((n = (int)read(fd, bytes, sizeof(bytes))) > 0)
			if (write(fd, bytes, (size_t)n) != n)
				return 1;
		close(fd);
	}
	return 0;
}
