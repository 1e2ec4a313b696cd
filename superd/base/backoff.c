/* Exponential backoff. */
#include "superd/base/backoff.h"

int64_t
backoff(unsigned tries, int64_t first, int64_t most)
{
	int64_t delay = first;

	while (tries-- > 0 && delay < most)
		delay *= 2;
	return delay < most ? delay : most;
}
