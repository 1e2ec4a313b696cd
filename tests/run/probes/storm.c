/* storm PORT CLIENTS COUNT: so many clients at once on 127.0.0.1, COUNT in
 * all; each connects, reads until the end and comes again.  Prints how many
 * were served. */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <netinet/in.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int
visit(const struct sockaddr_in *to)
{
	const struct timeval patience = { 60, 0 };
	char bytes[256];
	ssize_t n = -1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0)
		while ((n = read(fd, bytes, sizeof(bytes))) > 0)
			continue;
	close(fd);
	return n == 0;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	atomic_long *served = mmap(NULL, sizeof(*served),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long clients, count;

	if (argc != 4 || served == MAP_FAILED)
		return 2;
	to.sin_port = htons((unsigned short)atoi(argv[1]));
	clients = atol(argv[2]);
	count = atol(argv[3]) / clients;
	for (long i = 0; i < clients; i++)
		if (fork() == 0) {
			for (long k = 0; k < count; k++)
				atomic_fetch_add(served, visit(&to));
			_exit(0);
		}
	while (wait(NULL) > 0)
		continue;
	printf("%ld\n", atomic_load(served));
	return 0;
}
