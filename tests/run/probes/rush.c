/* rush PORT CLIENTS COUNT: so many clients at once on 127.0.0.1, COUNT in all;
 * each connects, reads until the end and comes again.  Prints how many were
 * connected, and how many were told something. */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <netinet/in.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct count {
	atomic_long connected, answered;
};

static void
visit(const struct sockaddr_in *to, struct count *count)
{
	const struct timeval patience = { 120, 0 };
	char bytes[256];
	ssize_t n, got = 0;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) != 0) {
		fprintf(stderr, "rush: connect: %s\n", strerror(errno));
		close(fd);
		return;
	}
	atomic_fetch_add(&count->connected, 1);
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		got += n;
	if (got > 0)
		atomic_fetch_add(&count->answered, 1);
	close(fd);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct count *count = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long clients, each;

	if (argc != 4 || count == MAP_FAILED)
		return 2;
	to.sin_port = htons((unsigned short)atoi(argv[1]));
	clients = atol(argv[2]);
	each = atol(argv[3]) / clients;
	for (long i = 0; i < clients; i++)
		if (fork() == 0) {
			for (long k = 0; k < each; k++)
				visit(&to, count);
			_exit(0);
		}
	while (wait(NULL) > 0)
		continue;
	printf("%ld %ld\n", atomic_load(&count->connected),
	    atomic_load(&count->answered));
	return 0;
}
