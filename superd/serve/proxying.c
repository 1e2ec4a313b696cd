/* From accepted connections of proxies to clients. */
#include "superd/serve/proxying.h"

#include <sys/resource.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <bsd/sys/queue.h>

#include "conf/acl.h"
#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/base/message.h"
#include "superd/running/blocked.h"
#include "superd/running/lingering.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"
#include "superd/running/way.h"
#include "superd/serve/returned.h"
#include "superd/serve/told.h"

/* How many wait for a header: of one proxy, of all, and no more descriptors
 * than this part of those that there may be. */
enum { WAITING_PROXY = 256, WAITING = 1024, PART = 4 };
/* Microseconds until there is another try to give a connection back. */
enum { AGAIN = 2 * MILLISECOND };

TAILQ_HEAD(guests, guest);

/* One address of which some wait. */
struct proxy {
	LIST_ENTRY(proxy) entry;
	struct addr addr;
	unsigned count; /* of them; 0: it is freed */
};

struct guest {
	TAILQ_ENTRY(guest) entry; /* in waiting or leaving */
	struct proxying *proxying;
	struct proxy *proxy; /* NULL: it is leaving */
	struct connection client;
	struct proxy_reader reader;
	struct loop_timer timer;
};

struct proxying {
	struct superd *superd;
	struct proxying_to to;
	LIST_HEAD(proxies, proxy) proxies;
	struct guests waiting; /* for headers; first who came first */
	struct guests leaving; /* that the channel had no room for */
	unsigned count, most;  /* of those who wait for headers */
	struct loop_timer again;
};

static void
refuse(struct connection *client, enum refusal why)
{
	struct running *running = client->running;

	running->counters.accepted++;
	running_refuse(running, &client->peer, why);
	lingering_close(running->superd, client->fd);
	client->fd = -1;
}

/* It has gone before it said anything, as those do who only look whether
 * somebody listens: that is worth no line. */
static void
let_go(struct connection *client)
{
	client->running->counters.accepted++;
	running_count_refusal(client->running, REFUSED_PROXY_HEADER);
	close(client->fd);
	client->fd = -1;
}

/* To the daemon. */

static bool
send_away(const struct proxying *proxying, struct connection *client)
{
	struct wish wish = { .service = client->running->number };

	if (!client->uncounted)
		told_of(&client->peer, &client->local, &wish.told);
	if (returned_send(proxying->to.channel, &wish, client->fd) != 0 &&
	    message_comes_later(errno))
		return false;
	/* or nobody is left who could take it */
	close(client->fd);
	client->fd = -1;
	return true;
}

static void
send_more(void *arg)
{
	struct proxying *proxying = arg;
	struct guest *guest;

	while ((guest = TAILQ_FIRST(&proxying->leaving)) != NULL) {
		if (!send_away(proxying, &guest->client)) {
			loop_timer_set(proxying->superd->loop, &proxying->again,
			    AGAIN);
			return;
		}
		TAILQ_REMOVE(&proxying->leaving, guest, entry);
		free(guest);
	}
	proxying->to.caught_up();
}

/* Nobody more is accepted for this service until they are gone. */
static void
send_later(struct proxying *proxying, struct connection *client)
{
	struct guest *guest = calloc(1, sizeof(*guest));

	if (guest == NULL) {
		refuse(client, REFUSED_SHORTAGE);
		return;
	}
	guest->client = *client;
	client->fd = -1;
	TAILQ_INSERT_TAIL(&proxying->leaving, guest, entry);
	running_block(guest->client.running, BLOCK_WORKER);
	if (!loop_timer_running(&proxying->again))
		loop_timer_set(proxying->superd->loop, &proxying->again, AGAIN);
}

static void
give_back(struct proxying *proxying, struct connection *client)
{
	if (!TAILQ_EMPTY(&proxying->leaving) || !send_away(proxying, client))
		send_later(proxying, client);
}

/* Headers. */

static void
know(struct proxying *proxying, struct connection *client,
    const struct proxy_told *told)
{
	const struct running *running = client->running;

	told_take(told, client);
	if (running->way->here != NULL && running->way->here(running->service))
		proxying->to.serve(client);
	else
		give_back(proxying, client);
}

static void
conclude(struct proxying *proxying, struct connection *client,
    enum proxy_result result, const struct proxy_told *told)
{
	if (result == PROXY_TOLD)
		know(proxying, client, told);
	else if (result == PROXY_WRONG)
		refuse(client, REFUSED_PROXY_HEADER);
	else if (errno == ENOMEM)
		refuse(client, REFUSED_SHORTAGE);
	else
		let_go(client);
}

/* Waiting. */

/* With one more of it. */
static struct proxy *
proxy_take(struct proxying *proxying, const struct addr *addr)
{
	struct proxy *proxy;

	LIST_FOREACH (proxy, &proxying->proxies, entry)
		if (addr_same_host(&proxy->addr, addr))
			break;
	if (proxy == NULL) {
		proxy = calloc(1, sizeof(*proxy));
		if (proxy == NULL)
			return NULL;
		proxy->addr = *addr;
		LIST_INSERT_HEAD(&proxying->proxies, proxy, entry);
	}
	proxy->count++;
	return proxy;
}

static void
proxy_give_back(struct proxy *proxy)
{
	if (--proxy->count > 0)
		return;
	LIST_REMOVE(proxy, entry);
	free(proxy);
}

/* The guest's connection and its reader are the caller's. */
static void
forget(struct guest *guest)
{
	struct proxying *proxying = guest->proxying;

	TAILQ_REMOVE(&proxying->waiting, guest, entry);
	proxying->count--;
	loop_timer_stop(proxying->superd->loop, &guest->timer);
	loop_unwatch(proxying->superd->loop, guest->client.fd);
	proxy_give_back(guest->proxy);
	proxy_reader_free(&guest->reader);
	free(guest);
}

static void
late(void *arg)
{
	struct guest *guest = arg;
	struct connection client = guest->client;

	forget(guest);
	refuse(&client, REFUSED_PROXY_TIMEOUT);
}

static void
ready(void *arg)
{
	struct guest *guest = arg;
	struct proxying *proxying = guest->proxying;
	struct connection client = guest->client;
	struct proxy_told told;
	enum proxy_result result = proxy_read(client.fd,
	    client.running->service->proxy->versions, &guest->reader, &told);
	int error = errno;

	if (result == PROXY_WAITS)
		return;
	forget(guest);
	errno = error;
	conclude(proxying, &client, result, &told);
}

static unsigned
most_of_all(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur / PART > WAITING)
		return WAITING;
	return (unsigned)limit.rlim_cur / PART;
}

/* Of this proxy, or else of all. */
static void
make_room(struct proxying *proxying, const struct proxy *proxy)
{
	bool many = proxy->count > WAITING_PROXY;
	struct guest *guest;

	if (proxying->most == 0)
		proxying->most = most_of_all();
	if (!many && proxying->count < proxying->most)
		return;
	TAILQ_FOREACH (guest, &proxying->waiting, entry)
		if (!many || guest->proxy == proxy)
			break;
	if (guest != NULL)
		late(guest);
}

static int
add(struct proxying *proxying, struct guest *guest, struct proxy *proxy)
{
	const struct connection *client = &guest->client;
	struct loop *loop = proxying->superd->loop;

	if (loop_watch(loop, client->fd, ready, guest) != 0)
		return -1;
	guest->proxying = proxying;
	guest->proxy = proxy;
	proxying->count++;
	TAILQ_INSERT_TAIL(&proxying->waiting, guest, entry);
	loop_timer_init(&guest->timer, late, guest);
	loop_timer_set(loop, &guest->timer,
	    client->running->service->proxy->timeout * (int64_t)SECOND);
	return 0;
}

/* Takes the connection, and what was read. */
static void
wait(struct proxying *proxying, struct connection *client,
    struct proxy_reader *reader)
{
	struct guest *guest = calloc(1, sizeof(*guest));
	struct proxy *proxy = NULL;

	if (guest != NULL)
		proxy = proxy_take(proxying, &client->peer);
	if (proxy != NULL) {
		make_room(proxying, proxy);
		guest->client = *client;
		guest->reader = *reader;
		if (add(proxying, guest, proxy) == 0)
			return;
		proxy_give_back(proxy);
	}
	free(guest);
	proxy_reader_free(reader);
	refuse(client, REFUSED_SHORTAGE);
}

void
proxying_begin(struct proxying *proxying, struct connection *client)
{
	const struct proxy_rules *rules = client->running->service->proxy;
	struct proxy_reader reader = { NULL, 0 };
	struct proxy_told told;
	enum proxy_result result;

	if (rules->acl == NULL ||
	    acl_decide(rules->acl, &client->peer) != ACL_ALLOW) {
		refuse(client, REFUSED_PROXY);
		return;
	}
	result = proxy_read(client->fd, rules->versions, &reader, &told);
	if (result == PROXY_WAITS)
		wait(proxying, client, &reader);
	else
		conclude(proxying, client, result, &told);
}

bool
proxying_is_idle(const struct proxying *proxying)
{
	return proxying->count == 0 && TAILQ_EMPTY(&proxying->leaving);
}

struct proxying *
proxying_new(struct superd *superd, const struct proxying_to *to)
{
	struct proxying *proxying = xcalloc(1, sizeof(*proxying));

	proxying->superd = superd;
	proxying->to = *to;
	LIST_INIT(&proxying->proxies);
	TAILQ_INIT(&proxying->waiting);
	TAILQ_INIT(&proxying->leaving);
	loop_timer_init(&proxying->again, send_more, proxying);
	return proxying;
}
