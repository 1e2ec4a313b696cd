/* hold SECONDS: say "held PID", sleep (or until the client closes). */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	struct pollfd pfd = { 0, POLLIN, 0 };
	char line[64];
	int n = snprintf(line, sizeof(line), "held %d\n", getpid());

	if (write(1, line, (size_t)n) != n)
		return 1;
	poll(&pfd, 1, (argc > 1 ? atoi(argv[1]) : 10) * 1000);
	return 0;
}
