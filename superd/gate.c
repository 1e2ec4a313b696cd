/*
 * Questions that may take long: the names of hosts, their users, and
 * libwrap, hosts_access(3), which is loaded in the child that asks it, so that its
 * pages, and those of what it needs, cost nothing to anybody else.
 */
#include "superd/gate.h"

#include <sys/socket.h>

#include <netdb.h>
#include <string.h>

#ifdef HAVE_LIBWRAP
#include <syslog.h>
#include <tcpd.h>
#endif

#include "conf/acl.h"
#include "superd/banner.h"
#include "superd/inquiry.h"
#include "superd/library.h"
#include "superd/log.h"

/* What the gate of one start knows: copied with the process. */
struct gate_question {
	const struct live *live;
	const struct addr *peer;
	struct command_image *image;
};

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
		name = service->internal != NULL ? service->internal :
		    service->command.argv != NULL ?
		    service->command.argv[0] : service->id;
	slash = strrchr(name, '/');
	return slash == NULL ? name : slash + 1;
}

static bool
libwrap_admits(const struct service *service, int fd,
    const struct addr *peer)
{
	struct libwrap libwrap;
	struct request_info request;
	struct addr client;

	if (peer == NULL || peer->u.sa.sa_family == AF_UNIX)
		return true;	/* not hosts */
	if (!load_libwrap(&libwrap)) {
		log_warnx("error %s: cannot load %s", service->id,
		    libwrap_name);
		return false;
	}
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
	return libwrap.access(&request) != 0;
}

#else

static bool
libwrap_admits(const struct service *service, int fd,
    const struct addr *peer)
{
	(void)service;
	(void)fd;
	(void)peer;
	return false;	/* the check refuses such entries anyway */
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
		.ai_socktype = SOCK_STREAM }, *all, *ai;
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
	    NI_NAMEREQD) != 0 || !name_is_verified(name, peer))
		return acl_allows_name(acl, peer, NULL);
	return acl_allows_name(acl, peer, name);
}

bool
gate_admits(const struct service *service, int fd, const struct addr *peer)
{
	if (!names_admit(service, peer)) {
		spawn_refuse(REFUSED_ACCESS);
		return false;
	}
	if (service->access.libwrap && !libwrap_admits(service, fd, peer)) {
		spawn_refuse(REFUSED_LIBWRAP);
		return false;
	}
	if (!inquiry_admits(service, fd)) {
		spawn_refuse(REFUSED_USER);
		return false;
	}
	return true;
}

/* What woke a datagram server that may not run must not wake it again. */
static void
drop_datagram(int fd)
{
	int type = 0;
	socklen_t length = sizeof(type);
	char byte;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
	    type == SOCK_DGRAM)
		recv(fd, &byte, 1, MSG_DONTWAIT);
}

static struct command_image *
gate(void *arg, int fd)
{
	const struct gate_question *question = arg;
	const struct live *live = question->live;

	if (gate_admits(live->service, fd, question->peer)) {
		banner_send(live, BANNER_SUCCESS, fd);
		return question->image;
	}
	banner_send(live, BANNER_FAIL, fd);
	drop_datagram(fd);
	return NULL;
}

bool
gate_possible(const struct live *live)
{
	const struct service *service = live->service;

	return service->access.libwrap || (service->access.acl != NULL &&
	    acl_has_names(service->access.acl)) ||
	    inquiry_possible(live);
}

bool
gate_needed(const struct live *live, const struct addr *peer)
{
	const struct access *access = &live->service->access;

	if (access->libwrap || inquiry_needed(live, peer))
		return true;
	return access->acl != NULL && peer != NULL &&
	    acl_decide(access->acl, peer) == ACL_ASK;
}

void
gate_prepare(struct live *live, struct spawn_request *request)
{
	static struct gate_question question;

	if (!gate_needed(live, request->peer))
		return;
	question.live = live;
	question.peer = request->peer;
	question.image = request->image;
	request->gate = gate;
	request->gate_arg = &question;
	request->title = live->id;
}
