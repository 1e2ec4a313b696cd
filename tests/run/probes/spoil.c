/* spoil HOW: leave the socket in a bad state and exit: "shutdown",
 * "nonblock", "connect". */
#include <sys/socket.h>
#include <netinet/in.h>
#include <fcntl.h>
#include <string.h>

int
main(int argc, char *argv[])
{
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	char byte;
	int type = 0;
	socklen_t n = sizeof(type);

	getsockopt(0, SOL_SOCKET, SO_TYPE, &type, &n);
	if (type == SOCK_DGRAM)
		recvfrom(0, &byte, 1, 0, (struct sockaddr *)&from, &length);
	else
		accept(0, NULL, NULL);
	if (argc > 1 && strcmp(argv[1], "shutdown") == 0)
		shutdown(0, SHUT_RDWR);
	else if (argc > 1 && strcmp(argv[1], "connect") == 0)
		connect(0, (struct sockaddr *)&from, length);
	else
		fcntl(0, F_SETFL, 0);
	return 0;
}
