/* Orders on their way to an internal process. */
#include "superd/serve/post.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "superd/base/clock.h"
#include "superd/base/descriptors.h"
#include "superd/base/message.h"
#include "superd/running/records.h"

/* Microseconds until there is another try; and orders that are kept: some
 * seconds of a busy process that tells all others of its clients. */
enum { AGAIN = 10 * MILLISECOND, POSTS_MAX = 1 << 16 };

/* An order that the channel had no room for. */
struct post {
	STAILQ_ENTRY(post) entry;
	int fd; /* -1: none */
	size_t length;
	char order[];
};

/* The numbers of services. */

int
internal_compare_services(const void *a, const void *b)
{
	const struct running *x = *(struct running *const *)a;
	const struct running *y = *(struct running *const *)b;

	return (x > y) - (x < y);
}

bool
internal_number(const struct internal *internal, const struct running *running,
    uint32_t *number)
{
	struct running *const *found = bsearch(&running, internal->services,
	    internal->nservices, sizeof(running), internal_compare_services);

	if (found == NULL)
		return false;
	*number = (uint32_t)(found - internal->services);
	return !internal->gone[*number];
}

bool
internal_serves(const struct internal *internal, const struct running *running,
    uint32_t *number)
{
	return internal_number(internal, running, number) &&
	    internal->own[*number];
}

static void
drop_post(struct internal *internal)
{
	struct post *post = STAILQ_FIRST(&internal->posts);

	STAILQ_REMOVE_HEAD(&internal->posts, entry);
	internal->nposts--;
	if (post->fd >= 0)
		close(post->fd);
	free(post);
}

/* Room in the channel is told; that the kernel has memory again, or that
 * fewer descriptors are under way, is not: unix(7). */
void
internal_post_again(void *arg)
{
	struct internal *internal = arg;
	struct loop *loop = internal->superd->loop;
	struct post *post;

	while ((post = STAILQ_FIRST(&internal->posts)) != NULL) {
		if (message_send(internal->channel, post->order, post->length,
			post->fd) != 0 &&
		    message_comes_later(errno)) {
			loop_timer_set(loop, &internal->again, AGAIN);
			return;
		}
		drop_post(internal);
	}
}

static struct post *
new_post(const struct order *order, int fd)
{
	size_t length = order_size(order);
	struct post *post = calloc(1, sizeof(*post) + length);

	if (post == NULL)
		return NULL;
	post->length = length;
	memcpy(post->order, order, length);
	post->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FD_HIGH);
	if (fd < 0 || post->fd >= 0)
		return post;
	free(post);
	return NULL;
}

/* False: it reads none, and is not to go on. */
static bool
has_room(const struct internal *internal)
{
	if (internal->nposts < POSTS_MAX)
		return true;
	kill(internal->pid, SIGKILL);
	return false;
}

bool
internal_post(struct internal *internal, const struct order *order, int fd)
{
	struct post *post;

	if (internal->channel < 0)
		return false;
	if (STAILQ_EMPTY(&internal->posts)) {
		if (message_send(internal->channel, order, order_size(order),
			fd) == 0)
			return true;
		if (!message_comes_later(errno))
			return false;
	}
	post = has_room(internal) ? new_post(order, fd) : NULL;
	if (post == NULL)
		return false;
	internal->nposts++;
	STAILQ_INSERT_TAIL(&internal->posts, post, entry);
	if (!loop_timer_running(&internal->again))
		loop_timer_set(internal->superd->loop, &internal->again, AGAIN);
	return true;
}

void
internal_post_drop(struct internal *internal)
{
	loop_timer_stop(internal->superd->loop, &internal->again);
	while (!STAILQ_EMPTY(&internal->posts))
		drop_post(internal);
}

bool
internal_post_about(struct internal *internal, enum order_kind kind,
    const struct running *running, uint32_t id, const struct addr *addr, int fd)
{
	struct order order = { .kind = kind, .id = id };

	if (!internal_serves(internal, running, &order.service))
		return false;
	if (addr != NULL && addr->len > 0)
		order.addrs[order.naddrs++] = *addr;
	return internal_post(internal, &order, fd);
}

void
internal_cut(const struct child *child)
{
	const struct order order = { .kind = ORDER_CUT,
		.id = child->hosted.id };

	internal_post(child->hosted.internal, &order, -1);
}
