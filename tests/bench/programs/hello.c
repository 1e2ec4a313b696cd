/* The server that is started for each connection: a line, and gone. */
#include <unistd.h>

int
main(void)
{
	static const char line[] = "hello, world\r\n";

	_exit(write(STDOUT_FILENO, line, sizeof(line) - 1) < 0);
}
