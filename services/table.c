/* The handler table. */
#include "services/services.h"

#include <sys/socket.h>

#include <string.h>

#include "services/handlers.h"

/*
 * What the kernel keeps for a client that does not read has a bound: it
 * would grow to megabytes.  Smaller ones are slow.  discard sends nothing,
 * and reads all the time.
 */
enum { SEND_BUFFER = 24 << 10, RECEIVE_BUFFER = 64 << 10 };

static const struct handler handlers[] = {
	{ .name = "chargen",
	    .step = chargen_step,
	    .datagram = chargen_datagram,
	    .sndbuf = SEND_BUFFER },
	{ .name = "daytime",
	    .answer = daytime_answer,
	    .datagram = daytime_datagram },
	{ .name = "discard",
	    .step = discard_step,
	    .datagram = discard_datagram },
	{ .name = "echo",
	    .step = echo_step,
	    .datagram = echo_datagram,
	    .sndbuf = SEND_BUFFER,
	    .rcvbuf = RECEIVE_BUFFER },
	{ .name = "time", .answer = time_answer, .datagram = time_datagram },
};

/* tcpmux has a conversation of its own kind, tcpmux.h; what the pages say is
 * known to the daemon only. */
static const struct {
	const char *name;
	bool web;
} elsewhere[] = {
	{ "metrics", true },
	{ "servers", false },
	{ "services", false },
	{ "status", true },
	{ "tcpmux", false },
};

const struct handler *
handler_find(const char *name)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (strcmp(handlers[i].name, name) == 0)
			return &handlers[i];
	return NULL;
}

bool
handler_known(const char *name, int socktype)
{
	const struct handler *handler = handler_find(name);

	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (strcmp(name, elsewhere[i].name) == 0)
			return socktype == SOCK_STREAM;
	if (handler == NULL)
		return false;
	return socktype == SOCK_STREAM ||
	    (socktype == SOCK_DGRAM && handler->datagram != NULL);
}

bool
handler_is_web(const char *name)
{
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (strcmp(name, elsewhere[i].name) == 0)
			return elsewhere[i].web;
	return false;
}
