/*
 * What an asker says of a redirected service's host: whatever the text is,
 * there are no more addresses than there is room for, and each is one of a
 * host, with the port of the service.
 */
/* the source: the text is its own */
#include "superd/serve/target_lookup.c"

#include "tests/fuzz/input.h"

enum { PORT = 4711 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	char *text = input_text(&input);
	struct addr addrs[TUNNEL_TARGETS];
	size_t count = read_addresses(text, PORT, addrs);

	must(count <= TUNNEL_TARGETS);
	for (size_t i = 0; i < count; i++)
		must(addr_is_internet(&addrs[i]) &&
		    addr_port(&addrs[i]) == PORT);
	free(text);
	return 0;
}
