/* The handler table. */
#include "services/services.h"

#include <sys/socket.h>

#include <string.h>

#include "services/handlers.h"

static const struct handler handlers[] = {
	{ "chargen", NULL, NULL, chargen_step, chargen_datagram },
	{ "daytime", daytime_answer, daytime_stream, NULL, daytime_datagram },
	{ "discard", NULL, NULL, discard_step, discard_datagram },
	{ "echo", NULL, NULL, echo_step, echo_datagram },
	{ "time", time_answer, time_stream, NULL, time_datagram },
};

/* tcpmux has a conversation of its own kind, tcpmux.h; what the pages say is
 * known to the daemon only. */
static const char *const elsewhere[] = { "servers", "services", "tcpmux" };

static const char *const names[] = { "chargen", "daytime", "discard", "echo",
	"servers", "services", "tcpmux", "time", NULL };

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
		if (strcmp(name, elsewhere[i]) == 0)
			return socktype == SOCK_STREAM;
	if (handler == NULL)
		return false;
	return socktype == SOCK_STREAM || (socktype == SOCK_DGRAM &&
	    handler->datagram != NULL);
}

const char *const *
handler_names(void)
{
	return names;
}
