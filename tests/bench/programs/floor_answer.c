/* floor_answer ADDRESS PORT: accept, send the time of day, close. */
#include "floor.h"

#include <sys/socket.h>

#include <string.h>
#include <time.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	char text[64];
	struct tm tm;
	time_t now;
	int listener, fd;

	if (argc != 3)
		return 2;
	listener = floor_socket(argv, SOCK_STREAM);
	/* unlike localtime(3), localtime_r(3) looks at no file afterwards */
	tzset();
	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		now = time(NULL);
		strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y\r\n",
		    localtime_r(&now, &tm));
		if (write(fd, text, strlen(text)) < 0)
			text[0] = '\0';
		close(fd);
	}
}
