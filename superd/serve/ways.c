/* The ways of serving, and which is a service's. */
#include "superd/serve/ways.h"

#include <errno.h>

#include "conf/service.h"
#include "services/services.h"
#include "superd/base/spoiled.h"
#include "superd/serve/accept.h"
#include "superd/serve/datagram.h"
#include "superd/serve/internal.h"
#include "superd/serve/server.h"
#include "superd/serve/tcpmux_way.h"
#include "superd/serve/wait.h"

/* Where all are refused before that. */
static struct child *
start_nobody(const struct connection *client)
{
	(void)client;
	errno = ENOSYS;
	return NULL;
}

static int
resume_nobody(struct child *child)
{
	(void)child;
	errno = ENOSYS;
	return -1;
}

static bool
asks(const struct service *service)
{
	return service_asks(service) ||
	    (service_knows_user(service) &&
		((service->log_on_success | service->log_on_failure) &
		    LOGS_USERID) != 0);
}

/* Of datagrams nobody is asked for anything. */
static bool
is_here(const struct service *service)
{
	return !socktype_listens(service->socktype) || !asks(service);
}

static bool
is_elsewhere(const struct service *service)
{
	return is_here(service) || service_reads_proxy(service);
}

#define BY_NOBODY  .start = start_nobody, .resume = resume_nobody
#define BY_PROCESS .start = server_start, .resume = server_resume
#define INTERNALLY                                                             \
	.start = internal_start, .resume = internal_resume,                    \
	.elsewhere = is_elsewhere, .here = is_here, .listen = internal_listen, \
	.unlisten = internal_unlisten
/* Where an internal process reads what proxies say first. */
#define PROXIED                                                      \
	.elsewhere = service_reads_proxy, .listen = internal_listen, \
	.unlisten = internal_unlisten

static const struct way
    program = { "program", PLACE_PROCESS, accept_ready, BY_PROCESS },
    proxied_program = { "program", PLACE_PROCESS, accept_ready, BY_PROCESS,
	    PROXIED },
    lent = { "wait", PLACE_PROCESS, wait_hand_over, BY_PROCESS },
    page = { "page", PLACE_CONNECTION, accept_ready, INTERNALLY },
    web = { "web", PLACES, accept_ready, INTERNALLY },
    answer = { "answer", PLACES, accept_ready, INTERNALLY },
    conversation = { "conversation", PLACE_CONNECTION, accept_ready,
	    INTERNALLY },
    redirect = { "redirect", PLACE_CONNECTION, accept_ready, INTERNALLY },
    mux = { "tcpmux", PLACE_TALK, accept_ready, INTERNALLY },
    datagrams = { "datagram", PLACES, datagrams_serve, INTERNALLY },
    sensor = { "sensor", PLACES, accept_ready, BY_NOBODY },
    proxied_sensor = { "sensor", PLACES, accept_ready, BY_NOBODY, PROXIED };

static bool
is_datagram(const struct service *service)
{
	return service->socktype == SOCK_DGRAM ||
	    service->socktype == SOCK_RAW || service->socktype == SOCK_RDM;
}

static const struct way *
way_of_internal(const struct service *service)
{
	const struct handler *handler = handler_find(service->internal);

	if (handler != NULL)
		return handler->step != NULL ? &conversation : &answer;
	if (handler_is_web(service->internal))
		return &web;
	return mux_is_one(service) ? &mux : &page;
}

const struct way *
way_of(const struct service *service)
{
	if (service_lends_socket(service))
		return &lent;
	if (is_datagram(service))
		return &datagrams;
	if (service->sensor)
		return service_reads_proxy(service) ? &proxied_sensor : &sensor;
	if (service->internal != NULL)
		return way_of_internal(service);
	if (service->redirect.host != NULL)
		return &redirect;
	return service_reads_proxy(service) ? &proxied_program : &program;
}
