/* linger: fills its client's connection, has the last close of it wait for the
 * client, and ends; static, so that it does so before anybody looks. */
#include <sys/socket.h>

int
main(void)
{
	const struct linger linger = { 1, 60 };
	static const char bytes[65536];

	while (send(0, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		continue;
	setsockopt(0, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	return 0;
}
