/*
 * Questions that may take long: the names of hosts, their users, and
 * libwrap, hosts_access(3), which is loaded in the asker, so that its pages,
 * and those of what it needs, cost nothing to anybody else.
 */
#include "superd/policy/gate.h"

#include <sys/socket.h>

#include <netdb.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_LIBWRAP
#include <syslog.h>
#include <tcpd.h>
#endif

#include "conf/acl.h"
#include "conf/service.h"
#include "superd/base/library.h"
#include "superd/running/records.h"

#ifdef HAVE_LIBWRAP

struct libwrap {
	struct request_info *(*init)(struct request_info *, int, ...);
	void (*hostname)(struct host_info *);
	void (*hostaddr)(struct host_info *);
	int (*access)(struct request_info *);
};

static const char *const libwrap_name = "libwrap.so.0";

static bool
load_libwrap(struct libwrap *libwrap)
{
	void *library = dlopen(libwrap_name, RTLD_NOW | RTLD_LOCAL);

	return library != NULL &&
	    library_symbol(library, "request_init", &libwrap->init) &&
	    library_symbol(library, "sock_hostname", &libwrap->hostname) &&
	    library_symbol(library, "sock_hostaddr", &libwrap->hostaddr) &&
	    library_symbol(library, "hosts_access", &libwrap->access);
}

static const char *
daemon_name(const struct service *service)
{
	const char *name = service->access.libwrap_name, *slash;

	if (name == NULL)
		name = service->internal != NULL ?
		    service->internal :
		    service->command.argv != NULL ?
		    service->command.argv[0] :
		    service->id;
	slash = strrchr(name, '/');
	return slash == NULL ? name : slash + 1;
}

/* fd: for hosts_options(5) that write to the client, or -1. */
static enum refusal
ask_libwrap(const struct service *service, int fd, const struct addr *peer)
{
	struct libwrap libwrap;
	struct request_info request;
	struct addr client;

	if (peer == NULL || !addr_is_internet(peer))
		return ADMITTED; /* not hosts */
	if (!load_libwrap(&libwrap))
		return REFUSED_SHORTAGE;
	/*
	 * The peer is given rather than asked from the socket: a datagram
	 * socket has none, and a mapped address would match no rule.
	 */
	client = *peer;
	libwrap.init(&request, RQ_DAEMON, daemon_name(service), RQ_FILE, fd,
	    RQ_CLIENT_SIN, &client.u.in, 0);
	/* what the macro sock_methods() does */
	request.hostname = libwrap.hostname;
	request.hostaddr = libwrap.hostaddr;
	return libwrap.access(&request) != 0 ? ADMITTED : REFUSED_LIBWRAP;
}

#else

static enum refusal
ask_libwrap(const struct service *service, int fd, const struct addr *peer)
{
	(void)service;
	(void)fd;
	(void)peer;
	return REFUSED_LIBWRAP; /* the check refuses such entries anyway */
}

#endif

/*
 * Host names: the one that the address has is believed only if it has the
 * address, too.
 */
static bool
name_is_verified(const char *name, const struct addr *peer)
{
	struct addrinfo hints = { .ai_family = peer->u.sa.sa_family,
		.ai_socktype = SOCK_STREAM },
			*all, *ai;
	struct addr one;
	bool found = false;

	if (getaddrinfo(name, NULL, &hints, &all) != 0)
		return false;
	for (ai = all; ai != NULL && !found; ai = ai->ai_next) {
		if (ai->ai_addrlen > sizeof(one.u))
			continue;
		memset(&one, 0, sizeof(one));
		one.len = ai->ai_addrlen;
		memcpy(&one.u, ai->ai_addr, ai->ai_addrlen);
		found = addr_same_host(&one, peer);
	}
	freeaddrinfo(all);
	return found;
}

static bool
names_admit(const struct service *service, const struct addr *peer)
{
	char name[NI_MAXHOST];
	const struct acl *acl = service->access.acl;

	if (acl == NULL || peer == NULL || acl_decide(acl, peer) != ACL_ASK)
		return true;
	if (getnameinfo(&peer->u.sa, peer->len, name, sizeof(name), NULL, 0,
		NI_NAMEREQD) != 0 ||
	    !name_is_verified(name, peer))
		return acl_allows_name(acl, peer, NULL);
	return acl_allows_name(acl, peer, name);
}

/* The users of other hosts. */
/* As in xinetd, nobody is asked for the log alone where no process serves. */
static bool
users_are_wanted(const struct running *running)
{
	const struct service *service = running->service;

	if (!service_knows_user(service))
		return false;
	return service->idonly ||
	    (service_logs_user(service) && running->place != PLACES);
}

static bool
user_is_wanted(const struct running *running, const struct addr *peer)
{
	return peer != NULL && addr_is_internet(peer) &&
	    users_are_wanted(running);
}

static enum refusal
ask_for_user(const struct gate_question *question, struct verdict *verdict)
{
	const struct service *service = question->running->service;
	enum ident_result result;

	if (!question->user)
		return ADMITTED;
	result = ident_ask(&question->ends, IDENT_PORT,
	    service->idonly ? IDENT_MUST_WAIT : IDENT_LOG_WAIT, verdict->user,
	    sizeof(verdict->user));
	if (service_logs_user(service) &&
	    (result == IDENT_OK || service->idonly))
		verdict->ident = (int32_t)result;
	return result == IDENT_OK || !service->idonly ? ADMITTED : REFUSED_USER;
}

/* All of them, in the asker. */
static void
ask(const void *arg, struct verdict *verdict)
{
	const struct gate_question *question = arg;
	const struct service *service = question->running->service;
	enum refusal refusal = ADMITTED;

	if (!names_admit(service, question->peer))
		refusal = REFUSED_ACCESS;
	if (refusal == ADMITTED && service->access.libwrap)
		refusal = ask_libwrap(service,
		    question->talks ? STDIN_FILENO : -1, question->peer);
	if (refusal == ADMITTED)
		refusal = ask_for_user(question, verdict);
	verdict->refusal = (int32_t)refusal;
}

void
gate_question(struct running *running, int fd, const struct addr *peer,
    struct gate_question *gate, struct question *question)
{
	memset(gate, 0, sizeof(*gate));
	gate->running = running;
	gate->peer = peer;
	gate->talks = fd >= 0 && running->service->access.libwrap;
	gate->user = fd >= 0 && user_is_wanted(running, peer);
	if (gate->user)
		ident_ends(fd, &gate->ends);
	*question = (struct question){ .ask = ask,
		.arg = gate,
		.fd = gate->talks ? fd : -1,
		.starts = running->service->access.libwrap,
		.title = running->id };
}

bool
gate_needed(const struct running *running, const struct addr *peer)
{
	const struct access *access = &running->service->access;

	if (access->libwrap || user_is_wanted(running, peer))
		return true;
	return access->acl != NULL && peer != NULL &&
	    acl_decide(access->acl, peer) == ACL_ASK;
}
