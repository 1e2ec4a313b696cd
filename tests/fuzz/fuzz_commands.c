/*
 * What is asked about services that run, with ids and words of any kind: there
 * is an answer, it is made of whole lines, and JSON is whole; the state agrees
 * with itself, and no process but those of services gets a signal.
 */
#include "superd/commands.h"

#include "superd/control/command_words.h"
#include "superd/control/status.h"
#include "superd/running/refusal.h"
#include "tests/fuzz/state.h"

enum { WORDS_ROOM = 512, CHILDREN = 5 };

int __wrap_kill(pid_t, int);

/* All children are said to be this process. */
int
__wrap_kill(pid_t pid, int signo)
{
	must(pid == getpid() && signo >= 0 && signo <= SIGRTMAX);
	return 0;
}

/* Brackets and strings are whole; the text of it is fuzz_text's. */
static void
check_json(const char *p)
{
	int depth = 0;
	bool within = false;

	must(*p == '{' || *p == '[');
	for (; *p != '\0' && *p != '\n'; p++) {
		must((unsigned char)*p >= ' ');
		if (within && *p == '\\')
			p++;
		else if (*p == '"')
			within = !within;
		else if (!within && (*p == '{' || *p == '['))
			depth++;
		else if (!within && (*p == '}' || *p == ']'))
			must(--depth >= 0);
	}
	must(depth == 0 && !within && strcmp(p, "\n") == 0);
}

/* What is refused is told in the words of who asked. */
static void
check_text(const char *p, bool error)
{
	for (; *p != '\0'; p++)
		must(error || *p == '\n' || (unsigned char)*p >= ' ');
	must(p[-1] == '\n');
}

/* A word of the state's own, or a part of one, or anything. */
static char *
take_word(struct input *input, char *room)
{
	size_t n = input_byte(input) % (state.conf->count + 3);
	size_t length = input_byte(input);

	if (n < state.conf->count)
		snprintf(room, WORDS_ROOM, "%s", state.conf->services[n]->id);
	else
		input_bytes(input, room, length);
	room[length < WORDS_ROOM ? length : WORDS_ROOM - 1] = '\0';
	/* as the socket takes lines apart */
	for (char *p = room; *p != '\0'; p++)
		if (*p == ' ' || *p == '\n')
			*p = '_';
	if (room[0] == '\0')
		room[0] = '_', room[1] = '\0';
	return room;
}

/* A process would be started, or lines follow to a client of the socket. */
static bool
is_left_out(enum command_id command)
{
	return command == COMMAND_RELOAD || command == COMMAND_EXPLAIN ||
	    command == COMMAND_METRICS || command == COMMAND_SESSIONS ||
	    command == COMMAND_EVENTS || command == COMMAND_UPGRADE;
}

/* As control.c takes a line apart. */
static void
take_request(struct input *input, struct request *request,
    char words[][WORDS_ROOM])
{
	uint8_t how = input_byte(input), n = input_byte(input);
	enum command_id command = input_byte(input) % (COMMANDS + 1);

	request->json = (how & 1) != 0;
	request->header = (how & 2) != 0;
	request->garbled = (how & 12) == 12;
	request->right = how & 16 ? RIGHT_ASK : RIGHT_ACT;
	request->count = how & 32 ? n % (CONTROL_WORDS_MAX + 1) : 2 - (n & 1);
	for (size_t i = 0; i < request->count; i++)
		request->words[i] = take_word(input, words[i]);
	if (is_left_out(command))
		command = COMMANDS;
	if (request->count > 0 &&
	    (command < COMMANDS || is_left_out(command_find(words[0]))))
		snprintf(words[0], WORDS_ROOM, "%s",
		    command < COMMANDS ? command_words[command].word : "show");
	for (unsigned i = 0; (how & 64) && i < COMMAND_OPTIONS; i++)
		if (input_byte(input) & 1)
			request->options[i] = take_word(input,
			    words[CONTROL_WORDS_MAX + i]);
	request->options[WITH_SAVE] = NULL; /* a process, and a file */
}

static void
ask(struct input *input)
{
	static char words[CONTROL_WORDS_MAX + COMMAND_OPTIONS][WORDS_ROOM];
	struct request request = { .superd = &state };

	take_request(input, &request, words);
	commands_run(&request);
	if (request.later != NULL) {
		request.unwanted(&request);
		text_free(&request.text);
		must(selfcheck_run(&state) == 0);
		return;
	}
	must(!request.text.failed);
	if (request.text.length == 0) {
		must(!request.error);
		return;
	}
	must(strlen(request.text.bytes) == request.text.length);
	if (request.json && !request.error)
		check_json(request.text.bytes);
	else
		check_text(request.text.bytes, request.error);
	text_free(&request.text);
	must(selfcheck_run(&state) == 0);
}

/* Services are as busy, failed and refused as the input says. */
static void
disturb(struct input *input)
{
	struct running *running = running_first(&state);

	for (; running != NULL; running = running_next(running)) {
		uint8_t how = input_byte(input);

		running->told_waiting = how & 1;
		running->stale = (how & 2) != 0;
		running->counters.accepted = (uint64_t)how << 56;
		if (how & 4)
			running_failed(running, 1, "exec", how);
		if (how & 8)
			running_count_refusal(running, how % REFUSAL_COUNT);
		if ((how & 16) && running->nlisteners > 0)
			running->listeners[0]->told = BLOCK_RATE;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct child *children[CHILDREN];
	struct addr peer;

	if (state.loop == NULL)
		state_init();
	for (size_t i = 0; i < state.conf->count; i++)
		state_define(i);
	for (size_t i = 0; i < CHILDREN; i++) {
		struct running *running = running_find(&state,
		    state.conf->services[input_byte(&input) % state.conf->count]
			->id);

		addr_parse_host(i & 1 ? "fe80::1" : "192.0.2.1",
		    input_byte(&input), &peer);
		children[i] = child_add(running, getpid(), &peer);
	}
	/* one that is gone, but for its children */
	state_remove(input_byte(&input) % state.conf->count);
	disturb(&input);
	for (int i = 0; i < 20 && input.left > 0; i++)
		ask(&input);
	for (size_t i = 0; i < CHILDREN; i++)
		child_end(children[i], 0);
	for (size_t i = 0; i < state.conf->count; i++)
		state_remove(i);
	must(running_first(&state) == NULL);
	return 0;
}
