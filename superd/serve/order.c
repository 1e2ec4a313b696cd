/* The form of an order, and which of them come with a descriptor. */
#include "superd/serve/order.h"

#include <errno.h>
#include <unistd.h>

#include "superd/base/message.h"

static bool
takes_descriptor(uint32_t kind)
{
	return kind == ORDER_SERVE || kind == ORDER_LISTEN ||
	    kind == ORDER_PAGE;
}

static bool
is_whole(const struct order *order, const struct message *message)
{
	bool came = message->fd >= 0;

	return message->length >= offsetof(struct order, addrs) &&
	    order->naddrs <= TUNNEL_TARGETS &&
	    message->length == order_size(order) && !(came && message->cut) &&
	    (takes_descriptor(order->kind) || !(came || message->cut));
}

enum order_result
order_read(int channel, struct received *received)
{
	struct message message;
	int result = message_read(channel, &received->order,
	    sizeof(received->order), &message);

	if (result < 0 && (errno == EAGAIN || errno == EINTR))
		return ORDER_NONE;
	if (result < 0)
		return ORDER_CLOSED;
	received->fd = message.fd;
	received->lost = message.cut;
	if (result > 0 && is_whole(&received->order, &message))
		return ORDER_ONE;
	if (message.fd >= 0)
		close(message.fd);
	return result > 0 ? ORDER_BROKEN : ORDER_CLOSED;
}
