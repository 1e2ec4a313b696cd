/*
 * The state that an upgrade carries: what is read of any octets is whole, or
 * nothing is; what was read is written as the same octets, and read again as
 * the same.
 */
/* the source: octets are its own affair */
#include "superd/upgrade_state.c"

#include "tests/fuzz/input.h"

static void
check(const struct upgrade_state *state)
{
	for (size_t i = 0; i < state->nservices; i++)
		must(strlen(state->services[i].id) < TEXT_MAX);
	for (size_t i = 0; i < state->nlisteners; i++)
		must(state->listeners[i].id != NULL &&
		    state->listeners[i].name != NULL);
	for (size_t i = 0; i < state->nchildren; i++)
		must(state->children[i].id != NULL &&
		    state->children[i].pid > 1 &&
		    state->children[i].peer.len <= sizeof(struct addr));
	for (size_t i = 0; i < state->npipes; i++)
		must(state->pipes[i].id != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct codec codec = { .writes = true };
	uint64_t head[2] = { magic, UPGRADE_STATE };
	struct upgrade_state state;
	uint8_t *bytes = malloc(size + sizeof(head));

	must(bytes != NULL);
	memcpy(bytes, head, sizeof(head));
	if (size > 0)
		memcpy(bytes + sizeof(head), data, size);
	if (upgrade_state_parse(bytes, size + sizeof(head), &state) == NULL) {
		check(&state);
		code_octets(&codec, head, sizeof(head));
		code_state(&codec, &state);
		must(!codec.failed && codec.at == size + sizeof(head));
		must(memcmp(codec.to, bytes, codec.at) == 0);
		free(codec.to);
	} else
		must(state.nservices == 0 && state.services == NULL);
	upgrade_state_free(&state);
	if (upgrade_state_parse(data, size, &state) == NULL)
		upgrade_state_free(&state);
	free(bytes);
	return 0;
}
