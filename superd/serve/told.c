/* From ends of connections to addresses, and back. */
#include "superd/serve/told.h"

#include <string.h>

bool
told_is_valid(const struct proxy_told *told)
{
	uint16_t family = told->client.family;

	return told->server.family == family &&
	    (family == 0 || family == AF_INET || family == AF_INET6);
}

static void
take(const struct proxy_end *end, struct addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->u.sa.sa_family = end->family;
	if (end->family == AF_INET) {
		addr->len = sizeof(addr->u.in);
		addr->u.in.sin_port = end->port;
		memcpy(&addr->u.in.sin_addr, end->bytes,
		    sizeof(addr->u.in.sin_addr));
	} else {
		addr->len = sizeof(addr->u.in6);
		addr->u.in6.sin6_port = end->port;
		memcpy(&addr->u.in6.sin6_addr, end->bytes,
		    sizeof(addr->u.in6.sin6_addr));
	}
	addr_unmap(addr);
}

void
told_take(const struct proxy_told *told, struct connection *client)
{
	client->told = true;
	client->uncounted = told->client.family == 0;
	if (client->uncounted)
		return;
	take(&told->client, &client->peer);
	take(&told->server, &client->local);
}

static void
put(const struct addr *addr, struct proxy_end *end)
{
	end->family = addr->u.sa.sa_family;
	if (end->family == AF_INET) {
		end->port = addr->u.in.sin_port;
		memcpy(end->bytes, &addr->u.in.sin_addr,
		    sizeof(addr->u.in.sin_addr));
	} else {
		end->port = addr->u.in6.sin6_port;
		memcpy(end->bytes, &addr->u.in6.sin6_addr,
		    sizeof(addr->u.in6.sin6_addr));
	}
}

/* ::ffff:192.0.2.1 (RFC 4291, 2.5.5.2). */
static void
map(struct proxy_end *end)
{
	uint8_t *bytes = end->bytes;

	if (end->family != AF_INET)
		return;
	end->family = AF_INET6;
	memcpy(bytes + 12, bytes, sizeof(struct in_addr));
	memset(bytes, 0, 10);
	bytes[10] = bytes[11] = 0xff;
}

void
told_of(const struct addr *client, const struct addr *server,
    struct proxy_told *told)
{
	memset(told, 0, sizeof(*told));
	if (!addr_is_internet(client) || !addr_is_internet(server))
		return;
	put(client, &told->client);
	put(server, &told->server);
	if (told->client.family == told->server.family)
		return;
	map(&told->client);
	map(&told->server);
}
