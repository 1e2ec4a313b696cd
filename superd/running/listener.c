/* Sockets: made, bound, watched and closed. */
#include "superd/running/listener.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/base/backoff.h"
#include "superd/base/binding.h"
#include "superd/base/clock.h"
#include "superd/base/descriptors.h"
#include "superd/base/devices.h"
#include "superd/base/membership.h"
#include "superd/base/passed.h"
#include "superd/base/sockopt.h"
#include "superd/base/spoiled.h"
#include "superd/base/unix_node.h"
#include "superd/log/log.h"
#include "superd/running/aside.h"
#include "superd/running/blocked.h"
#include "superd/running/fd_store.h"
#include "superd/running/listener_more.h"
#include "superd/running/event.h"
#include "superd/running/records.h"
#include "superd/running/rpc.h"

enum { RETRY_FIRST = SECOND, RETRY_MAX = 8 * SECOND };

static void retry_bind(void *);

struct listener *
listener_new(struct running *running, const struct endpoint *endpoint)
{
	struct listener *listener = xcalloc(1, sizeof(*listener));

	listener->running = running;
	listener->endpoint = endpoint;
	listener->bound = &endpoint->addr;
	listener->fd = -1;
	listener->blocked = BLOCK_UNBOUND;
	return listener;
}

/* Addresses. */

static struct own_addresses *
own_addresses(struct listener *listener)
{
	if (listener->own == NULL)
		listener->own = xcalloc(1, sizeof(*listener->own));
	return listener->own;
}

void
listener_ask_for(struct listener *listener, const struct endpoint *endpoint)
{
	if (listener->bound == &listener->endpoint->addr)
		listener->bound = &endpoint->addr;
	listener->endpoint = endpoint;
}

static bool
has_own_endpoint(const struct listener *listener)
{
	return listener->own != NULL &&
	    listener->endpoint == &listener->own->endpoint;
}

void
listener_own_endpoint(struct listener *listener)
{
	if (has_own_endpoint(listener))
		return;
	own_addresses(listener)->endpoint = *listener->endpoint;
	listener_ask_for(listener, &listener->own->endpoint);
}

void
listener_follow(struct listener *listener, const struct service *to)
{
	const struct endpoint *first = listener->running->service->endpoints;

	if (!has_own_endpoint(listener))
		listener_ask_for(listener,
		    &to->endpoints[listener->endpoint - first]);
}

static int
set_node_permissions(struct listener *listener)
{
	const struct unix_node *node = &listener->running->service->node;

	return node_permit(&listener->endpoint->addr,
	    &own_addresses(listener)->node, node->owned ? node->uid : (uid_t)-1,
	    node->owned ? node->gid : (gid_t)-1, node->mode);
}

void
listener_remove_node(struct listener *listener)
{
	/* one that systemd keeps is found by that name */
	if (listener->own != NULL && !fd_store_keeps(listener))
		node_remove(&listener->endpoint->addr, &listener->own->node);
}

/* Binding. */

/* Where the system had no choice, it is what was asked for. */
void
listener_learn(int fd, struct listener *listener)
{
	struct addr *bound;
	socklen_t length = sizeof(bound->u);

	listener->bound = &listener->endpoint->addr;
	if (addr_port(listener->bound) != 0)
		return;
	bound = &own_addresses(listener)->bound;
	*bound = *listener->bound;
	if (getsockname(fd, &bound->u.sa, &length) == 0)
		bound->len = length;
	listener->bound = bound;
}

static int
bind_internet(int fd, const struct listener *listener)
{
	const struct addr *addr = &listener->endpoint->addr;
	bool beside = listener->beside &&
	    !socktype_listens(listener->running->service->socktype);

	if (beside && sockopt_share(fd, true) != 0)
		return -1;
	if (bind(fd, &addr->u.sa, addr->len) != 0)
		return -1;
	/* nobody else is to be bound beside it */
	return beside ? sockopt_share(fd, false) : 0;
}

static int
bind_socket(int fd, struct listener *listener)
{
	const struct addr *addr = &listener->endpoint->addr;
	const struct service *service = listener->running->service;

	if (sockopt_set(fd, service, listener->endpoint) != 0)
		return -1;
	if (addr->u.sa.sa_family == AF_UNIX) {
		if (node_bind(fd, addr, service->socktype,
			&own_addresses(listener)->node) != 0 ||
		    set_node_permissions(listener) != 0)
			return -1;
	} else if (bind_internet(fd, listener) != 0)
		return -1;
	if (socktype_listens(service->socktype))
		if (listen(fd, (int)service->backlog) != 0)
			return -1;
	listener_learn(fd, listener);
	return 0;
}

/* A descriptor that is bound and lives high, or -1 with errno. */
static int
make_socket(struct listener *listener)
{
	const struct service *service = listener->running->service;
	int fd, saved;

	fd = socket(listener->endpoint->addr.u.sa.sa_family,
	    service->socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    service->protocol);
	if (fd < 0)
		return -1;
	fd = fd_high(fd);
	/* the low ones are for connections, even when no other is left */
	if (fd < FD_HIGH)
		errno = EMFILE;
	else if (bind_socket(fd, listener) == 0)
		return fd;
	saved = errno;
	listener_remove_node(listener);
	close(fd);
	errno = saved;
	return -1;
}

/* A named one may be bound elsewhere than where the service asks for. */
static void
learn_passed(int fd, struct listener *listener)
{
	struct addr *bound = &own_addresses(listener)->bound;
	socklen_t length = sizeof(bound->u);

	listener_learn(fd, listener);
	if (addr_is_internet(listener->bound) &&
	    getsockname(fd, &bound->u.sa, &length) == 0) {
		bound->len = length;
		listener->bound = bound;
	}
}

/* That was ours before superd was started again. */
static int
resume_node(int fd, struct listener *listener)
{
	const struct addr *addr = &listener->endpoint->addr;

	if (addr->u.sa.sa_family != AF_UNIX)
		return 0;
	if (node_learn(fd, addr, &own_addresses(listener)->node) != 0)
		return -1;
	return set_node_permissions(listener);
}

/* The node of a unix socket is left to whoever has made it. */
static int
set_up_passed(int fd, struct listener *listener)
{
	const struct service *service = listener->running->service;

	if ((!passed_is_busy(fd) && fd_nonblocking(fd, 1) != 0) ||
	    sockopt_set_bound(fd, service, listener->endpoint) != 0)
		return -1;
	if (socktype_listens(service->socktype) &&
	    listen(fd, (int)service->backlog) != 0)
		return -1;
	learn_passed(fd, listener);
	return listener->stored != NULL ? resume_node(fd, listener) : 0;
}

/* One that superd was started with, or -1. */
static int
take_passed(struct listener *listener)
{
	int fd = passed_take(listener->running->service, listener->endpoint,
	    &listener->stored);

	if (fd < 0)
		return -1;
	if (set_up_passed(fd, listener) == 0) {
		if (!passed_is_kept())
			event_passed(listener);
		return fd;
	}
	event_not_passed(listener);
	listener_remove_node(listener);
	fd_store_forget(listener);
	close(fd);
	return -1;
}

static unsigned
scope_of(const struct addr *addr)
{
	return addr->u.sa.sa_family == AF_INET6 ? addr->u.in6.sin6_scope_id : 0;
}

/* A device that was made anew has another number. */
static void
find_scope(struct listener *listener)
{
	const char *name = binding_scope(&listener->binding);
	unsigned scope = name[0] != '\0' ? if_nametoindex(name) : 0;

	if (scope == 0 || scope == scope_of(&listener->endpoint->addr))
		return;
	listener_own_endpoint(listener);
	listener->own->endpoint.addr.u.in6.sin6_scope_id = scope;
}

/* Whoever has it too may make our accept(2) block; and what one user's server
 * left may take, or answer, the clients of another's. */
static bool
may_go_to(const struct listener *listener, const struct service *service,
    bool elsewhere)
{
	if (listener->given && !elsewhere &&
	    socktype_listens(service->socktype))
		return false;
	return !listener->lent ||
	    (service_lends_socket(service) &&
		service_uid(service, geteuid()) == listener->lent_to);
}

bool
listener_fits(const struct listener *listener, const struct service *service,
    const struct endpoint *endpoint, bool elsewhere)
{
	return listener->fd >= 0 &&
	    listener->endpoint->v6only == endpoint->v6only &&
	    addr_equal(&listener->endpoint->addr, &endpoint->addr) &&
	    may_go_to(listener, service, elsewhere) &&
	    binding_fits(&listener->binding, service);
}

/* Who had it then may have it still. */
static void
resume_trust(struct listener *listener)
{
	const struct service *service = listener->running->service;

	listener->lent = service_lends_socket(service);
	listener->lent_to = service_uid(service, geteuid());
	listener->given = service->command.program == NULL;
	/* a name that came from an upgrade */
	if (listener->running->superd->fd_store == NULL)
		fd_store_forget(listener);
}

int
listener_bind(struct listener *listener)
{
	char text[ADDR_TEXT];

	find_scope(listener);
	listener->fd = take_passed(listener);
	if (listener->fd < 0)
		listener->fd = make_socket(listener);
	if (listener->fd < 0)
		return errno;
	binding_take(&listener->binding, listener->running->service,
	    scope_of(&listener->endpoint->addr));
	listener->lent = listener->given = listener->beside = false;
	if (listener->stored != NULL)
		resume_trust(listener);
	log_debug("bind %s %s fd=%d", listener->running->service->id,
	    addr_print(listener->bound, text, sizeof(text)), listener->fd);
	return 0;
}

/* This host has no such family, or has it switched off. */
bool
listener_may_lack(const struct listener *listener, int error)
{
	return listener->endpoint->optional &&
	    (error == EAFNOSUPPORT || error == EPROTONOSUPPORT ||
		(error == EADDRNOTAVAIL &&
		    addr_is_any(&listener->endpoint->addr)));
}

static void
schedule_retry(struct listener *listener)
{
	struct listener_more *more = more_need(listener);

	loop_timer_init(&more->timer, retry_bind, listener);
	loop_timer_set(listener->running->superd->loop, &more->timer,
	    backoff(more->tries++, RETRY_FIRST, RETRY_MAX));
}

static int
bind_failed(struct listener *listener, int error, bool say)
{
	if (listener_may_lack(listener, error)) {
		listener->error = EAFNOSUPPORT;
		return 0;
	}
	/* once for each reason: the retries go on in silence */
	if (say && listener->error != error)
		event_bind_failed(listener, error);
	listener->error = error;
	schedule_retry(listener);
	return error;
}

static bool
has_device(const struct listener *listener)
{
	const struct service *service = listener->running->service;

	return service != NULL &&
	    (service->interface != NULL || service->multicast != NULL ||
		scope_of(&listener->endpoint->addr) != 0 ||
		addr_is_multicast(&listener->endpoint->addr));
}

static int
try_open(struct listener *listener, bool say)
{
	int error;

	if (listener->blocked & BLOCK_CLOSED)
		return 0;
	error = listener->fd < 0 ? listener_bind(listener) : 0;
	if (has_device(listener))
		devices_want(listener->running->superd->devices);
	if (error != 0)
		return bind_failed(listener, error, say);
	if (more_of(listener)->tries > 0) {
		event_bound(listener);
		listener->more->tries = 0;
	}
	listener->error = 0;
	listener_unblock(listener, BLOCK_UNBOUND);
	fd_store_changed(listener->running->superd->fd_store);
	if (listener->running->service->rpc.enabled)
		rpc_changed(listener->running->superd->rpc);
	return 0;
}

int
listener_open(struct listener *listener)
{
	return try_open(listener, true);
}

static void
retry_bind(void *arg)
{
	listener_open(arg);
}

static void
stop_timer(struct listener *listener)
{
	if (listener->more != NULL)
		loop_timer_stop(listener->running->superd->loop,
		    &listener->more->timer);
}

int
listener_retry_now(struct listener *listener)
{
	if (listener->fd >= 0)
		return 0;
	stop_timer(listener);
	return try_open(listener, false);
}

/* An internal process may have it for a moment more: its port is free now. */
static void
close_socket(const struct listener *listener)
{
	if (listener->fd < 0)
		return;
	if (fd_store_keeps(listener))
		;
	else if (listener->given &&
	    socktype_listens(listener->binding.socktype))
		shutdown(listener->fd, SHUT_RDWR);
	else if (listener->given)
		sockopt_share(listener->fd, true);
	close(listener->fd);
}

void
listener_close(struct listener *listener)
{
	listener_block(listener, BLOCK_CLOSED);
	if (listener->server != NULL)
		return;
	listener_block(listener, BLOCK_UNBOUND);
	stop_timer(listener);
	waiters_forget(listener);
	aside_forget(listener);
	listener_unblock(listener, BLOCK_HELD | BLOCK_ASIDE | BLOCK_BACKOFF);
	listener_remove_node(listener);
	close_socket(listener);
	fd_store_forget(listener);
	listener->fd = -1;
	listener->error = 0;
}

void
listener_free(struct listener *listener)
{
	listener_block(listener, BLOCK_UNBOUND);
	stop_timer(listener);
	waiters_forget(listener);
	aside_forget(listener);
	listener_remove_node(listener);
	close_socket(listener);
	fd_store_forget(listener);
	binding_free(&listener->binding);
	free(listener->own);
	more_free(listener);
	free(listener);
}

/* The new definition may be a better one: whatever is still above its limits
 * stops by itself. */
static void
forget_pauses(struct listener *listener)
{
	if (listener->blocked & BLOCK_BACKOFF)
		stop_timer(listener);
	if (listener->more != NULL) {
		listener->more->unread = listener->more->same_head = 0;
		listener->more->futile = listener->more->rests = 0;
	}
	listener_unblock(listener,
	    BLOCK_BACKOFF | BLOCK_RATE | BLOCK_INSTANCES | BLOCK_WORKER);
}

static void
adjust_options(int fd, const struct service *service)
{
	sockopt_adjust(fd, service);
	if (socktype_listens(service->socktype))
		listen(fd, (int)service->backlog);
}

static void
adjust_aside(const void *service)
{
	adjust_options(STDIN_FILENO, service);
}

/* As a socket that was just made for this service is; one that is about to be
 * made anew will be. */
static void
adjust_socket(struct listener *listener)
{
	const struct service *service = listener->running->service;

	if (!listener->lent)
		adjust_options(listener->fd, service);
	else if (!listener->beside &&
	    !binding_has_options(&listener->binding, service) &&
	    !aside_start(listener, adjust_aside, service, NULL))
		event_socket_unset(listener, "options", errno);
	binding_take(&listener->binding, service,
	    scope_of(&listener->endpoint->addr));
}

/* False: it is gone. */
static bool
adjust_node(struct listener *listener)
{
	if (listener->own == NULL || listener->own->node.inode == 0 ||
	    set_node_permissions(listener) == 0)
		return true;
	if (errno == ENOENT || errno == ESTALE)
		return false;
	event_socket_unset(listener, "owner and mode", errno);
	return true;
}

bool
listener_adopt(struct listener *listener, struct running *running)
{
	bool fresh = listener->fresh == running->service;

	listener->running = running;
	listener->orphan = false;
	listener->fresh = NULL;
	listener->told = 0;
	/* it may have been, as another service's */
	if (running->elsewhere && listener->fd >= 0)
		loop_unwatch(running->superd->loop, listener->fd);
	if (listener->fd < 0)
		return true;
	forget_pauses(listener);
	if (fresh)
		return true;
	adjust_socket(listener);
	return adjust_node(listener);
}

static void
follow_device(struct listener *listener)
{
	forget_pauses(listener);
	listener_block(listener, BLOCK_UNBOUND);
	fd_store_forget(listener);
	close(listener->fd);
	listener->fd = -1;
	if (listener_open(listener) == 0)
		event_device_changed(listener);
}

static void
join_aside(const void *arg)
{
	const struct listener *listener = arg;

	_exit(memberships_join(STDIN_FILENO, listener->running->service,
		  listener->endpoint) != 0);
}

static void
joined(struct listener *listener, int status)
{
	if (status != 0 && listener->running->service != NULL)
		follow_device(listener);
}

/* A membership is lost with its device, and had again by joining; where the
 * socket is still in the group, nothing happens. */
static bool
join_again(struct listener *listener)
{
	const struct service *service = listener->running->service;

	if (listener->beside)
		return true;
	if (!listener->lent || !memberships_any(service, listener->endpoint))
		return memberships_join(listener->fd, service,
			   listener->endpoint) == 0;
	return aside_start(listener, join_aside, listener, joined);
}

void
listener_check_device(struct listener *listener)
{
	if (!has_device(listener))
		return;
	listener->check_device = listener->server != NULL;
	if (listener->check_device)
		return;
	if (listener->fd < 0)
		listener_retry_now(listener);
	else if (sockopt_lost_device(listener->fd,
		     listener->running->service->interface) ||
	    !join_again(listener))
		follow_device(listener);
}

const char *
listener_state(const struct listener *listener)
{
	unsigned blocked;

	if (listener->fd < 0 && (listener->blocked & BLOCK_CLOSED))
		return "closed";
	if (listener->fd < 0)
		return listener->error == EAFNOSUPPORT &&
			listener->endpoint->optional ?
		    "absent" :
		    "failed";
	blocked = listener->blocked | listener->told;
	if (blocked & (BLOCK_BUSY | BLOCK_ASIDE))
		return "busy";
	return blocked != 0 ? "paused" : "listening";
}
