/* Watch network devices with rtnetlink(7). */
#include "superd/base/devices.h"

#include <sys/socket.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <stdlib.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/base/netlink.h"

/* Messages read per wakeup; how long to wait for further messages about a
 * change; how often to report one where the kernel does not tell. */
enum { BATCH = 64, SETTLE = 100 * MILLISECOND, BLIND = 3 * SECOND };

struct devices {
	struct loop *loop;
	loop_fn *changed;
	void *arg;
	struct loop_timer timer;
	bool wanted;
	int fd; /* -1: the kernel does not tell */
};

static void
settled(void *arg)
{
	struct devices *devices = arg;

	devices->changed(devices->arg);
	if (devices->fd < 0)
		loop_timer_set(devices->loop, &devices->timer, BLIND);
}

/* The contents do not matter: names and indexes are looked up anew.  An
 * overflow (ENOBUFS) counts as a change, too. */
static void
messages_ready(void *arg)
{
	struct devices *devices = arg;
	char byte;

	for (int i = 0; i < BATCH; i++)
		if (recv(devices->fd, &byte, 1, MSG_DONTWAIT) < 0)
			break;
	if (!loop_timer_running(&devices->timer))
		loop_timer_set(devices->loop, &devices->timer, SETTLE);
}

struct devices *
devices_new(struct loop *loop, loop_fn *changed, void *arg)
{
	struct devices *devices = xcalloc(1, sizeof(*devices));

	devices->loop = loop;
	devices->changed = changed;
	devices->arg = arg;
	loop_timer_init(&devices->timer, settled, devices);
	devices->fd = -1;
	return devices;
}

void
devices_free(struct devices *devices)
{
	if (devices == NULL)
		return;
	loop_timer_stop(devices->loop, &devices->timer);
	if (devices->fd >= 0) {
		loop_unwatch(devices->loop, devices->fd);
		close(devices->fd);
	}
	free(devices);
}

void
devices_want(struct devices *devices)
{
	if (devices->wanted)
		return;
	devices->wanted = true;
	devices->fd = netlink_open(NETLINK_ROUTE, RTMGRP_LINK);
	if (devices->fd >= 0 &&
	    loop_watch(devices->loop, devices->fd, messages_ready, devices) !=
		0) {
		close(devices->fd);
		devices->fd = -1;
	}
	/* a device may have gone since a socket was bound to it */
	loop_timer_set(devices->loop, &devices->timer, SETTLE);
}
