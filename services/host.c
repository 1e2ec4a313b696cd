/* The time that is left to a connection. */
#include "services/host.h"

int
host_left(const struct host *host, long long then, unsigned limit)
{
	static const long long hour = 3600000;
	long long left = then + (long long)limit * 1000 - host->now;

	if (limit == 0)
		return -1;
	if (left <= 0)
		return 0;
	return (int)(left < hour ? left : hour);
}
