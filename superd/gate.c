/*
 * libwrap, hosts_access(3).  Loaded in the child that asks it, so that its
 * pages, and those of what it needs, cost nothing to anybody else.
 */
#include "superd/gate.h"

#include <sys/socket.h>

#include <string.h>

#ifdef HAVE_LIBWRAP
#include <syslog.h>
#include <tcpd.h>
#endif

#include "superd/library.h"
#include "superd/log.h"

/* What the gate of one start knows: copied with the process. */
struct gate_question {
	const struct live *live;
	const struct addr *peer;
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
		name = service->command.argv[0];
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

bool
gate_admits(const struct service *service, int fd, const struct addr *peer)
{
	if (!service->access.libwrap || libwrap_admits(service, fd, peer))
		return true;
	spawn_refuse(REFUSED_LIBWRAP);
	return false;
}

static struct command_image *
gate(void *arg, int fd)
{
	const struct gate_question *question = arg;

	if (gate_admits(question->live->service, fd, question->peer))
		return question->live->image;
	return NULL;
}

void
gate_prepare(struct live *live, struct spawn_request *request)
{
	static struct gate_question question;

	if (live->service->internal != NULL || !live->service->access.libwrap)
		return;
	question.live = live;
	question.peer = request->peer;
	request->gate = gate;
	request->gate_arg = &question;
	request->title = live->id;
}
