/* tick FILE: append one byte to a file, and exit without touching the
 * socket. */
#include <fcntl.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	int fd = open(argc > 1 ? argv[1] : "", O_WRONLY | O_CREAT | O_APPEND,
	    0666);

	return write(fd, ".", 1) == 1 ? 0 : 1;
}
