/*
 * RFC 868: seconds since 1900-01-01 00:00 UTC as 32 bits in network order.
 * They wrap in 2036, and the answer wraps with them.
 */
#include "services/handlers.h"

#include <arpa/inet.h>

#include <stdint.h>
#include <string.h>

/* From 1900 to 1970. */
static const uint64_t epoch_1900 = 2208988800u;

enum { ANSWER = 4 };

size_t
time_answer(char *buf, size_t size, time_t now)
{
	uint32_t seconds = htonl((uint32_t)((uint64_t)now + epoch_1900));

	if (size < ANSWER)
		return 0;
	memcpy(buf, &seconds, ANSWER);
	return ANSWER;
}

ssize_t
time_datagram(char *buf, size_t length, size_t size, time_t now)
{
	(void)length;
	return (ssize_t)time_answer(buf, size, now);
}
