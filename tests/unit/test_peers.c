/* How clients stand in the log, and the hash that stands for them. */
#include "tests/unit/unit.h"

#include <string.h>

#include "superd/base/siphash.h"
#include "superd/log/peers.h"

/* Vectors of SipHash's authors: the key is 0 to 15, and so many of the bytes
 * 0, 1, 2 ... are hashed. */
static void
the_hash_is_siphash(void **state)
{
	static const struct {
		size_t length;
		uint64_t hash;
	} vectors[] = {
		{ 0, 0x726fdb47dd0e0e31 },
		{ 1, 0x74f839c593dc67fd },
		{ 8, 0x93f5f5799a932462 },
		{ 15, 0xa129ca6149be45e5 },
	};
	uint8_t key[SIPHASH_KEY], bytes[16];

	(void)state;
	for (uint8_t i = 0; i < 16; i++)
		key[i] = bytes[i] = i;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_true(
		    siphash(key, bytes, vectors[i].length) == vectors[i].hash);
}

static char *
shown(enum log_peer how, const char *host, char *buf)
{
	struct addr peer;

	assert_int_equal(addr_parse_host(host, 4000, &peer), 0);
	peers_show(how);
	return peers_text(&peer, true, buf);
}

static void
a_client_stands_as_log_peer_says(void **state)
{
	static const struct {
		enum log_peer how;
		const char *host, *text;
	} cases[] = {
		{ LOG_PEER_FULL, "192.0.2.7", "192.0.2.7:4000" },
		{ LOG_PEER_FULL, "2001:db8::7", "[2001:db8::7]:4000" },
		{ LOG_PEER_PREFIX, "192.0.2.7", "192.0.2.0/24" },
		{ LOG_PEER_PREFIX, "2001:db8:1:2::7", "2001:db8:1::/48" },
		{ LOG_PEER_PREFIX, "::ffff:192.0.2.7", "192.0.2.0/24" },
		{ LOG_PEER_PREFIX, "fe80::7", "fe80::/48" },
		{ LOG_PEER_NONE, "192.0.2.7", "-" },
	};
	char buf[ADDR_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(shown(cases[i].how, cases[i].host, buf),
		    cases[i].text);
	assert_string_equal(peers_text(NULL, true, buf), "-");
}

static void
a_hash_is_one_for_each_client_whatever_its_port(void **state)
{
	char one[ADDR_TEXT], same[ADDR_TEXT], other[ADDR_TEXT];
	struct addr peer;

	(void)state;
	shown(LOG_PEER_HASH, "192.0.2.7", one);
	assert_int_equal(strspn(one, "0123456789abcdef"), 16);
	assert_int_equal(strlen(one), 16);
	shown(LOG_PEER_FULL, "192.0.2.7", other);
	addr_parse_host("::ffff:192.0.2.7", 5000, &peer);
	peers_show(LOG_PEER_HASH); /* with the key that it had */
	assert_string_equal(peers_text(&peer, true, same), one);
	assert_string_not_equal(shown(LOG_PEER_HASH, "192.0.2.8", other), one);
}

static void
clients_of_unix_sockets_stand_as_they_are(void **state)
{
	char buf[ADDR_TEXT];
	struct addr peer;

	(void)state;
	addr_parse_unix("/run/x", &peer);
	peers_show(LOG_PEER_NONE);
	assert_string_equal(peers_text(&peer, true, buf), "/run/x");
}

static void
networks_that_count_as_one_client_stand_alike(void **state)
{
	char buf[ADDR_TEXT];
	struct prefix client;

	(void)state;
	assert_int_equal(prefix_parse("2001:db8:1:2::/64", &client), 0);
	peers_show(LOG_PEER_PREFIX);
	assert_string_equal(peers_client(&client, buf), "2001:db8:1::/48");
	assert_int_equal(prefix_parse("10.0.0.0/8", &client), 0);
	assert_string_equal(peers_client(&client, buf), "10.0.0.0/8");
	peers_show(LOG_PEER_NONE);
	assert_string_equal(peers_client(&client, buf), "-");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hash_is_siphash),
		cmocka_unit_test(a_client_stands_as_log_peer_says),
		cmocka_unit_test(
		    a_hash_is_one_for_each_client_whatever_its_port),
		cmocka_unit_test(clients_of_unix_sockets_stand_as_they_are),
		cmocka_unit_test(networks_that_count_as_one_client_stand_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
