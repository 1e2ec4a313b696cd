/*
 * What a resolver answers: whole or not at all, and addresses of a host only,
 * of the family that was asked for.
 */
/* the source: questions and answers are its own */
#include "superd/resolver.c"

#include "tests/fuzz/input.h"

enum { PID = 1 << 30, ANSWER_MAX = sizeof(struct host_answer) + 8 };

/* Of the process that there would be. */
static int there = -1;

pid_t __wrap_spawn_inside(const struct spawn_inside *);
int __wrap_kill(pid_t, int);
pid_t __wrap_waitpid(pid_t, int *, int);

pid_t
__wrap_spawn_inside(const struct spawn_inside *inside)
{
	if (there >= 0)
		close(there);
	there = dup(inside->beside);
	return PID;
}

int
__wrap_kill(pid_t pid, int signo)
{
	must(pid == PID && signo == SIGKILL);
	return 0;
}

pid_t
__wrap_waitpid(pid_t pid, int *status, int options)
{
	(void)status;
	(void)options;
	must(pid == PID);
	return pid;
}

/* As one of ours fills it, or nearly so. */
static void
take_answer_to_say(struct input *input, struct host_answer *answer)
{
	uint8_t how = input_byte(input);
	size_t count = input_byte(input);

	memset(answer, 0, sizeof(*answer));
	answer->count = how & 1 ? count + HOSTS_MAX - 128 : count % 8;
	if (how & 2)
		input_bytes(input, &answer->error, sizeof(answer->error));
	if (how & 4)
		input_bytes(input, &answer->count, sizeof(answer->count));
	for (size_t i = 0; i < HOSTS_MAX; i++) {
		addr_any(input_byte(input) & 1 ? AF_INET6 : AF_INET,
		    input_byte(input), &answer->list[i]);
		if (how & 8)
			input_bytes(input, &answer->list[i].len, 1);
	}
	if (how & 16)
		input_bytes(input, answer->list, sizeof(answer->list));
}

static void
check(int error, int family, const struct addr *list, size_t count)
{
	must(
	    error == 0 || error == ENOENT || error == E2BIG || error == EAGAIN);
	must((error == 0) == (list != NULL) && (error == 0) == (count > 0));
	must(count <= HOSTS_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct addr *addr = &list[i];

		must(addr_is_internet(addr) && addr_port(addr) == 0);
		must(family == AF_UNSPEC || addr->u.sa.sa_family == family);
		must(addr->len ==
		    (addr->u.sa.sa_family == AF_INET ?
			    sizeof(addr->u.in) :
			    sizeof(addr->u.in6)));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int families[] = { AF_UNSPEC, AF_INET, AF_INET6 };
	static struct resolver *resolver;
	struct input input = { data, size };
	int family = families[input_byte(&input) % 3], error;
	bool whole = input_byte(&input) != 0;
	size_t length = sizeof(struct host_answer), count = 0;
	char bytes[ANSWER_MAX] = "";
	struct addr *list = NULL;
	struct host_question question;

	if (resolver == NULL)
		resolver = resolver_new();
	if (resolver->pid == 0)
		must(start(resolver) == 0);
	if (!whole)
		length = (size_t)input_byte(&input) * ANSWER_MAX / 255;
	take_answer_to_say(&input, (struct host_answer *)(void *)bytes);
	/* one that says nothing is killed with the load */
	must(send(there, bytes, length > 0 ? length : 1, 0) > 0);
	error = ask(resolver, "host", family, &list, &count);
	must(recv(there, &question, sizeof(question), MSG_DONTWAIT) ==
	    (ssize_t)sizeof(question));
	must(error == EAGAIN || length == sizeof(struct host_answer));
	check(error, family, list, count);
	free(list);
	return 0;
}
