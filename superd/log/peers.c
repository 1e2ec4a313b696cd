/* Shorten, hash or leave out the addresses of clients. */
#include "superd/log/peers.h"

#include <sys/random.h>

#include <stdio.h>
#include <string.h>

#include "superd/base/siphash.h"
#include "superd/log/log.h"

/* The bits of an address that log_peer = prefix shows. */
enum { NETWORK_BITS_V4 = 24, NETWORK_BITS_V6 = 48 };

static enum log_peer shown;
static uint8_t key[SIPHASH_KEY]; /* of this run of superd */
static bool keyed;

void
peers_show(enum log_peer how)
{
	shown = how;
	if (how != LOG_PEER_HASH || keyed)
		return;
	keyed = getrandom(key, sizeof(key), 0) == (ssize_t)sizeof(key);
	if (keyed)
		return;
	log_warn("log_peer = hash: no random key, clients are left out");
	shown = LOG_PEER_NONE;
}

static char *
nobody(char *buf)
{
	snprintf(buf, ADDR_TEXT, "-");
	return buf;
}

static char *
network(const struct prefix *client, char *buf)
{
	unsigned most = client->family == AF_INET ?
	    NETWORK_BITS_V4 :
	    NETWORK_BITS_V6;
	struct prefix wide = *client;

	if (wide.bits > most) {
		memset(wide.bytes + most / 8, 0, sizeof(wide.bytes) - most / 8);
		wide.bits = (uint8_t)most;
	}
	return prefix_print(&wide, buf, ADDR_TEXT);
}

static char *
number(const struct prefix *client, char *buf)
{
	uint8_t text[sizeof(client->bytes) + 2];

	memcpy(text, client->bytes, sizeof(client->bytes));
	text[sizeof(client->bytes)] = client->family == AF_INET ? 4 : 6;
	text[sizeof(client->bytes) + 1] = client->bits;
	snprintf(buf, ADDR_TEXT, "%016llx",
	    (unsigned long long)siphash(key, text, sizeof(text)));
	return buf;
}

char *
peers_client(const struct prefix *client, char *buf)
{
	if (client->family != AF_INET && client->family != AF_INET6)
		return prefix_print(client, buf, ADDR_TEXT);
	switch (shown) {
	case LOG_PEER_FULL:
		return prefix_print(client, buf, ADDR_TEXT);
	case LOG_PEER_PREFIX:
		return network(client, buf);
	case LOG_PEER_HASH:
		return number(client, buf);
	default:
		return nobody(buf);
	}
}

char *
peers_text(const struct addr *peer, bool port, char *buf)
{
	static const struct client_bits all = { 32, 128 };
	struct prefix client;

	if (peer == NULL || peer->len == 0)
		return nobody(buf);
	if (shown == LOG_PEER_FULL || !addr_is_internet(peer))
		return port ?
		    addr_print(peer, buf, ADDR_TEXT) :
		    addr_print_host(peer, buf, ADDR_TEXT);
	client_of(peer, &all, &client);
	return peers_client(&client, buf);
}
