/*
 * What an internal process says of its clients, be it honest or not: the state
 * agrees with itself whatever it says, nothing changes for services that are
 * not its own, and what it can make the daemon keep, log and start is bounded.
 */
/* the source: who writes may have written anything to it */
#include "superd/base/ring.c"

#include "superd/running/inside.h"
#include "superd/serve/internal_record.h"
#include "superd/serve/serving.h"
#include "superd/spawn/spawn.h"
#include "tests/fuzz/state.h"

enum {
	STEPS = 200,
	FIRST_PID = 1 << 30,
	LOOKUPS_MAX = 12,
	NOTICES_MAX = RING_SIZE / sizeof(struct notice)
};

static const char shortage[] = "pause reason=shortage of=";

static struct script {
	struct input input;
	pid_t last_pid;
	pid_t askers[LOOKUPS_MAX + 1];
	size_t naskers, nprocesses, nshortages, nrepeated;
} script;

pid_t __wrap_spawn_inside(const struct spawn_inside *);
int __wrap_kill(pid_t, int);

pid_t
__wrap_spawn_inside(const struct spawn_inside *inside)
{
	pid_t pid = ++script.last_pid;

	if (strcmp(inside->title, "internal") == 0)
		script.nprocesses++;
	else {
		must(script.naskers < LOOKUPS_MAX);
		script.askers[script.naskers++] = pid;
	}
	process_started(inside->process, pid);
	return pid;
}

/* Nobody else is. */
int
__wrap_kill(pid_t pid, int signo)
{
	must(signo == 0 || (signo == SIGKILL && pid > FIRST_PID));
	return 0;
}

static bool
hear_line(void *arg, const struct record *record)
{
	(void)arg;
	script.nshortages += strncmp(record->text, shortage,
				 strlen(shortage)) == 0;
	return true;
}

static struct internal *
take_process(void)
{
	const struct internal *internal = internals_first(&state);
	uint8_t n = input_byte(&script.input) & 1;

	if (n > 0 && internal != NULL && internals_next(internal) != NULL)
		internal = internals_next(internal);
	return (struct internal *)(uintptr_t)internal;
}

/* One of a service's, or any. */
static uint64_t
take_listener(const struct internal *internal, uint32_t service)
{
	uint64_t number;

	if (service < internal->nservices && !internal->gone[service] &&
	    internal->services[service]->nlisteners > 0)
		return (uintptr_t)internal->services[service]->listeners[0];
	input_bytes(&script.input, &number, sizeof(number));
	return number;
}

/* Most of it is what an honest one could say. */
static void
take_notice(const struct internal *internal, struct notice *notice)
{
	struct input *input = &script.input;
	uint8_t how = input_byte(input), id = input_byte(input);

	memset(notice, 0, sizeof(*notice));
	notice->kind = input_byte(input) % (NOTICE_KINDS + 1);
	notice->service = input_byte(input) % 8;
	notice->value = (int8_t)input_byte(input);
	notice->id = internal->slot << SLOT_SHIFT | id;
	notice->listener = take_listener(internal, notice->service);
	if (how & 1)
		notice->id = id;
	if (how & 2)
		notice->id ^= (uint32_t)input_byte(input) << SLOT_SHIFT;
	if (how & 4)
		notice->in = (uint64_t)input_byte(input) * SECOND;
	if (how & 8)
		input_bytes(input, &notice->accepted, 3 * sizeof(uint32_t));
	if (how & 16)
		input_bytes(input, &notice->in, 2 * sizeof(notice->in));
	if (how & 32)
		input_bytes(input, &notice->value, sizeof(notice->value));
}

static size_t
take_peer(struct addr *peer)
{
	struct input *input = &script.input;
	uint8_t how = input_byte(input);

	memset(peer, 0, sizeof(*peer));
	addr_any(how & 1 ? AF_INET6 : AF_INET, 4711, peer);
	if (how & 2)
		peer->u.in.sin_addr.s_addr = input_byte(input);
	if (how & 4)
		input_bytes(input, &peer->u, sizeof(peer->u));
	if (how & 8)
		peer->u.sa.sa_family = AF_UNIX;
	if (how & 32)
		return input_byte(input) % (sizeof(peer->u) + 1);
	return how & 16 ? 0 : peer->len;
}

static void
say(struct internal *internal)
{
	struct notice notice;
	struct addr peer;

	take_notice(internal, &notice);
	notice.peer_length = (uint16_t)take_peer(&peer);
	ring_put(internal->ring, &notice, sizeof(notice), &peer.u,
	    notice.peer_length);
}

static void
say_anything(struct internal *internal)
{
	uint8_t bytes[256];
	size_t length = input_byte(&script.input);

	input_bytes(&script.input, bytes, length);
	ring_put(internal->ring, bytes, length, "", 0);
}

static void
claim(struct internal *internal)
{
	uint32_t written;

	input_bytes(&script.input, &written, sizeof(written));
	if (input_byte(&script.input) & 1)
		written = internal->ring->read + written % (RING_SIZE + 2);
	internal->ring->written = internal->ring->shared->written = written;
}

/* For as long as there is room. */
static void
repeat(struct internal *internal)
{
	struct notice notice;
	struct addr peer;
	uint16_t step = input_byte(&script.input);

	take_notice(internal, &notice);
	notice.peer_length = (uint16_t)take_peer(&peer);
	for (size_t i = 0; i < NOTICES_MAX; i++) {
		notice.id += step;
		peer.u.in.sin_addr.s_addr += step;
		ring_put(internal->ring, &notice, sizeof(notice), &peer.u,
		    notice.peer_length);
	}
}

static void
check(void)
{
	const struct internal *internal;

	must(selfcheck_run(&state) == 0);
	must(script.nshortages <= script.nprocesses);
	for (internal = internals_first(&state); internal != NULL;
	     internal = internals_next(internal))
		must(internal->count <= 2 * STATE_CONNECTIONS + (1 << 16));
	for (struct running *running = running_first(&state); running != NULL;
	     running = running_next(running)) {
		if (running->elsewhere || running->removed)
			continue;
		must(running->told_waiting == 0);
		must(running_state(running)[0] == 'l');
	}
}

static void
end_process(struct internal *internal)
{
	int status = input_byte(&script.input) & 1 ? SIGKILL : 0;

	process_ended(internal->process.pid, status, NULL);
	check();
}

static void
end_asker(void)
{
	if (script.naskers > 0)
		process_ended(script.askers[script.naskers - 1], 0, NULL);
}

static void
reload(uint8_t what)
{
	size_t i = what % state.conf->count;

	if (running_find(&state, state.conf->services[i]->id) == NULL)
		state_define(i);
	else
		state_remove(i);
	if (what & 0x80)
		internals_settle(&state);
}

static void
one_step(void)
{
	struct internal *internal;
	uint8_t step = input_byte(&script.input) % 16;

	if (step == 0) {
		reload(input_byte(&script.input));
		check();
		return;
	}
	internal = take_process();
	if (internal == NULL)
		return;
	if (step == 1)
		say_anything(internal);
	else if (step == 2)
		claim(internal);
	else if (step == 3 && script.nrepeated++ < 2)
		repeat(internal);
	else if (step == 4)
		end_process(internal);
	else if (step == 5)
		end_asker();
	else if (step == 6)
		state_wake();
	else
		say(internal);
	internals_hear(&state);
	check();
}

static void
begin(void)
{
	struct addr peer;

	for (size_t i = 0; i < state.conf->count; i++)
		state_define(i);
	internals_settle(&state);
	addr_parse_host("192.0.2.1", 1, &peer);
	child_add(running_find(&state, "server"), getpid(), &peer);
	check();
}

static void
drop(void *arg, const struct child *child)
{
	struct child **found = arg;

	*found = (struct child *)(uintptr_t)child;
}

static void
finish(void)
{
	const struct internal *internal;
	struct child *child = NULL;

	state.stopping = true;
	internals_stop(&state);
	while ((internal = internals_first(&state)) != NULL)
		process_ended(internal->process.pid, SIGKILL, NULL);
	while (script.naskers > 0)
		process_ended(script.askers[--script.naskers], 0, NULL);
	children_each(state.children, drop, &child);
	must(children_count(state.children) == 1 && child->pid == getpid());
	child_end(child, 0);
	for (size_t i = 0; i < state.conf->count; i++)
		state_remove(i);
	must(running_first(&state) == NULL);
	must(sources_count(state.sources) <= STATE_SOURCES + 1);
	internals_settle(&state);
	state.stopping = false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (state.loop == NULL) {
		state_init();
		log_divert(hear_line, NULL);
	}
	memset(&script, 0, sizeof(script));
	script.input = (struct input){ data, size };
	script.last_pid = FIRST_PID;
	begin();
	for (int i = 0; i < STEPS && script.input.left > 0; i++)
		one_step();
	finish();
	return 0;
}
