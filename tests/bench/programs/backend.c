/*
 * backend ADDRESS PORT BULKPORT: what is behind a redirect.  On PORT a line
 * and the end; on BULKPORT bytes for as long as they are taken, by a thread
 * for each connection.
 */
#include "floor.h"

#include <sys/socket.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

static void *
pour(void *arg)
{
	static const char bytes[256 * 1024];
	int fd = (int)(intptr_t)arg;

	while (write(fd, bytes, sizeof(bytes)) > 0)
		continue;
	close(fd);
	return NULL;
}

static void *
pour_all(void *arg)
{
	pthread_t thread;
	int listener = (int)(intptr_t)arg, fd;

	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0 &&
		    pthread_create(&thread, NULL, pour, (void *)(intptr_t)fd) ==
			0)
			pthread_detach(thread);
	}
	return NULL;
}

static void
say_hello(int fd)
{
	static const char line[] = "hello, world\r\n";

	if (write(fd, line, sizeof(line) - 1) < 0)
		return;
}

int
main(int argc, char **argv)
{
	pthread_t thread;
	char *bulk[] = { argv[0], argv[1], argv[3] };
	int listener, fd;

	if (argc != 4)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	listener = floor_socket(bulk, SOCK_STREAM);
	pthread_create(&thread, NULL, pour_all, (void *)(intptr_t)listener);
	listener = floor_socket(argv, SOCK_STREAM);
	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		say_hello(fd);
		close(fd);
	}
}
