/*
 * Registration with rpcbind through libtirpc's rpcb_set(3), loaded in the
 * child that registers: the daemon itself never has it in its memory.
 *
 * What should be registered is worked out anew each time; what was, is kept
 * by program and version, so that what is gone can be withdrawn.
 */
#include "superd/running/rpc.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <netinet/in.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_TIRPC
#include <rpc/rpc.h>
#include <rpc/rpcb_clnt.h>
#endif

#include "conf/xalloc.h"
#include "superd/base/backoff.h"
#include "superd/base/clock.h"
#include "superd/base/library.h"
#include "superd/running/event.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"
#include "superd/spawn/process.h"

enum {
	DELAY_FIRST = 100 * MILLISECOND,
	DELAY_RETRY = SECOND,
	DELAY_MAX = MINUTE,
	PATIENCE = 2500 * MILLISECOND,
	CHILD_SECONDS = 30
};

struct registration {
	unsigned long program;
	unsigned low, high;
	const char *netid; /* "udp", "tcp6", ... */
	struct addr addr;
};

struct registrations {
	struct registration *list;
	size_t count;
};

struct rpc {
	struct superd *superd;
	struct registrations done;
	struct registrations wanted; /* of the child that runs */
	struct loop_timer timer;
	struct process child; /* that registers */
	bool again;	      /* changed while it runs */
	unsigned tries;	      /* that failed, in a row */
	bool said;
	loop_fn *tried; /* waits for the first try, or NULL */
	void *tried_arg;
	struct loop_timer patience; /* of it */
};

static const char *
netid_of(const struct service *service, const struct listener *listener)
{
	bool v6 = listener->endpoint->addr.u.sa.sa_family == AF_INET6;

	if (service->socktype == SOCK_STREAM)
		return v6 ? "tcp6" : "tcp";
	return v6 ? "udp6" : "udp";
}

static void
registrations_add(struct registrations *all, const struct registration *one)
{
	all->list = xreallocarray(all->list, all->count + 1,
	    sizeof(*all->list));
	all->list[all->count++] = *one;
}

static void
add_running(struct registrations *all, const struct running *running)
{
	const struct service *service = running->service;

	for (size_t i = 0; i < running->nlisteners; i++) {
		const struct listener *listener = running->listeners[i];
		struct registration one = { service->rpc.program,
			service->rpc.low, service->rpc.high,
			netid_of(service, listener), *listener->bound };

		if (listener->fd >= 0)
			registrations_add(all, &one);
	}
}

static struct registrations
wanted_now(struct superd *superd)
{
	struct registrations all = { NULL, 0 };
	struct running *running;

	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		if (!running->removed && running->service->rpc.enabled)
			add_running(&all, running);
	return all;
}

#ifdef HAVE_TIRPC

struct tirpc {
	bool_t (*set)(rpcprog_t, rpcvers_t, const struct netconfig *,
	    const struct netbuf *);
	bool_t (*unset)(rpcprog_t, rpcvers_t, const struct netconfig *);
	struct netconfig *(*netconfig)(const char *);
};

bool
rpc_available(void)
{
	return true;
}

static bool
load_tirpc(struct tirpc *tirpc)
{
	void *library = dlopen("libtirpc.so.3", RTLD_NOW | RTLD_LOCAL);

	return library != NULL &&
	    library_symbol(library, "rpcb_set", &tirpc->set) &&
	    library_symbol(library, "rpcb_unset", &tirpc->unset) &&
	    library_symbol(library, "getnetconfigent", &tirpc->netconfig);
}

static void
withdraw_all(const struct tirpc *tirpc, const struct registrations *all)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct registration *one = &all->list[i];
		struct netconfig *net = tirpc->netconfig(one->netid);

		if (net != NULL)
			for (unsigned v = one->low; v <= one->high; v++)
				tirpc->unset((rpcprog_t)one->program, v, net);
	}
}

static bool
register_one(const struct tirpc *tirpc, struct registration *one)
{
	struct netconfig *net = tirpc->netconfig(one->netid);
	struct netbuf buf = { one->addr.len, one->addr.len, &one->addr.u };
	bool good = net != NULL;

	for (unsigned v = one->low; good && v <= one->high; v++) {
		/* what an earlier owner left behind */
		tirpc->unset((rpcprog_t)one->program, v, net);
		good = tirpc->set((rpcprog_t)one->program, v, net, &buf);
	}
	return good;
}

/* In the child. */
static void
do_register(const struct registrations *gone, struct registrations *wanted)
{
	struct tirpc tirpc;
	bool good = true;

	alarm(CHILD_SECONDS);
	if (!load_tirpc(&tirpc))
		_exit(2);
	withdraw_all(&tirpc, gone);
	for (size_t i = 0; i < wanted->count; i++)
		good &= register_one(&tirpc, &wanted->list[i]);
	_exit(good ? 0 : 1);
}

#else

bool
rpc_available(void)
{
	return false;
}

static void
do_register(const struct registrations *gone, struct registrations *wanted)
{
	(void)gone;
	(void)wanted;
	_exit(2);
}

#endif

static void
registrations_free(struct registrations *all)
{
	free(all->list);
	all->list = NULL;
	all->count = 0;
}

static pid_t
fork_registering(struct rpc *rpc, struct registrations *wanted)
{
	pid_t pid = process_fork(&rpc->child);

	if (pid != 0)
		return pid;
	process_unblock_signals();
	closefrom(3);
	do_register(&rpc->done, wanted);
	_exit(2);
}

static void
retry_later(struct rpc *rpc)
{
	loop_timer_set(rpc->superd->loop, &rpc->timer,
	    backoff(rpc->tries++, DELAY_RETRY, DELAY_MAX));
}

static void
start_registering(void *arg)
{
	struct rpc *rpc = arg;

	if (rpc->child.pid != 0) {
		rpc->again = true;
		return;
	}
	registrations_free(&rpc->wanted);
	rpc->wanted = wanted_now(rpc->superd);
	if (rpc->wanted.count == 0 && rpc->done.count == 0)
		return;
	if (fork_registering(rpc, &rpc->wanted) < 0)
		retry_later(rpc);
}

static void
first_try_over(void *arg)
{
	struct rpc *rpc = arg;
	loop_fn *tried = rpc->tried;

	rpc->tried = NULL;
	loop_timer_stop(rpc->superd->loop, &rpc->patience);
	if (tried != NULL)
		tried(rpc->tried_arg);
}

static void
registering_ended(void *arg, int status)
{
	struct rpc *rpc = arg;
	bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;

	if (good) {
		registrations_free(&rpc->done);
		rpc->done = rpc->wanted;
		rpc->wanted.list = NULL;
		rpc->wanted.count = 0;
		event_registered(rpc->done.count);
		rpc->said = false;
	} else {
		if (!rpc->said)
			event_registration_refused();
		rpc->said = true;
		retry_later(rpc);
	}
	if (rpc->again) {
		rpc->again = false;
		rpc_changed(rpc);
	}
	first_try_over(rpc);
}

bool
rpc_try_first(struct rpc *rpc, loop_fn *tried, void *arg)
{
	struct loop *loop = rpc->superd->loop;

	loop_timer_stop(loop, &rpc->timer);
	start_registering(rpc);
	if (rpc->child.pid == 0)
		return false;
	rpc->tried = tried;
	rpc->tried_arg = arg;
	loop_timer_init(&rpc->patience, first_try_over, rpc);
	loop_timer_set(loop, &rpc->patience, PATIENCE);
	return true;
}

struct rpc *
rpc_new(struct superd *superd)
{
	struct rpc *rpc = xcalloc(1, sizeof(*rpc));

	rpc->superd = superd;
	loop_timer_init(&rpc->timer, start_registering, rpc);
	rpc->child.ended = registering_ended;
	rpc->child.arg = rpc;
	return rpc;
}

void
rpc_free(struct rpc *rpc)
{
	if (rpc == NULL)
		return;
	loop_timer_stop(rpc->superd->loop, &rpc->timer);
	loop_timer_stop(rpc->superd->loop, &rpc->patience);
	process_forget(&rpc->child);
	registrations_free(&rpc->done);
	registrations_free(&rpc->wanted);
	free(rpc);
}

void
rpc_changed(struct rpc *rpc)
{
	/* many are bound at once: one child for all of them */
	rpc->tries = 0;
	loop_timer_set(rpc->superd->loop, &rpc->timer, DELAY_FIRST);
}

/* The child that registers, if one does, may have been at any of them. */
static void
take_back_wanted(struct rpc *rpc)
{
	if (rpc->child.pid == 0)
		return;
	kill(rpc->child.pid, SIGKILL);
	for (size_t i = 0; i < rpc->wanted.count; i++)
		registrations_add(&rpc->done, &rpc->wanted.list[i]);
}

void
rpc_withdraw(struct rpc *rpc)
{
	struct registrations none = { NULL, 0 };

	take_back_wanted(rpc);
	if (rpc->done.count > 0)
		fork_registering(rpc, &none);
}
