/* Connections that wait for their end, in a ring: the first one first. */
#include "superd/running/lingering.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/sockios.h>

#include <stdlib.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/base/descriptors.h"

/* Round trips, and what is sent once more. */
static const int64_t patience = 2 * (int64_t)SECOND;

struct lingerer {
	int fd;
	int64_t until; /* loop_now() */
};

struct lingering {
	struct loop *loop;
	struct loop_timer timer; /* of the first */
	size_t first, count;
	struct lingerer ring[LINGERING_MAX];
};

static void
close_first(struct lingering *lingering)
{
	close_shared(lingering->ring[lingering->first].fd);
	lingering->first = (lingering->first + 1) % LINGERING_MAX;
	lingering->count--;
}

static void
close_some(void *arg)
{
	struct lingering *lingering = arg;
	int64_t now = loop_now(lingering->loop), left;

	while (lingering->count > 0) {
		left = lingering->ring[lingering->first].until - now;
		if (left > 0) {
			loop_timer_set(lingering->loop, &lingering->timer,
			    left);
			return;
		}
		close_first(lingering);
	}
}

struct lingering *
lingering_new(struct superd *superd)
{
	struct lingering *lingering = xcalloc(1, sizeof(*lingering));

	lingering->loop = superd->loop;
	loop_timer_init(&lingering->timer, close_some, lingering);
	return lingering;
}

static void
close_all(struct lingering *lingering)
{
	loop_timer_stop(lingering->loop, &lingering->timer);
	while (lingering->count > 0)
		close_first(lingering);
}

void
lingering_free(struct lingering *lingering)
{
	if (lingering != NULL)
		close_all(lingering);
	free(lingering);
}

/* An internal process has none of those that it knows. */
size_t
lingering_count(const struct lingering *lingering)
{
	return lingering->count;
}

void
lingering_end(struct superd *superd)
{
	if (superd->inside == NULL)
		close_all(superd->lingering);
}

static void
keep(struct lingering *lingering, int fd)
{
	struct lingerer *last;

	if (lingering->count == LINGERING_MAX)
		close_first(lingering);
	last = &lingering->ring[(lingering->first + lingering->count++) %
	    LINGERING_MAX];
	/* the low descriptors are for what is started meanwhile */
	last->fd = fd_high(fd);
	last->until = loop_now(lingering->loop) + patience;
	if (!loop_timer_running(&lingering->timer))
		loop_timer_set(lingering->loop, &lingering->timer, patience);
}

/* How much is known to the kernel; nothing of it is read. */
static bool
has_sent(int fd)
{
	int octets = 0;

	return ioctl(fd, SIOCINQ, &octets) == 0 && octets > 0;
}

void
lingering_close(struct superd *superd, int fd)
{
	if (superd->inside != NULL)
		close_politely(fd);
	else if (has_sent(fd) && shutdown(fd, SHUT_WR) == 0)
		keep(superd->lingering, fd);
	else
		close_shared(fd);
}
