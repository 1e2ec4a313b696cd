/*
 * What an asker says about a client: a verdict is believed only whole, with
 * numbers that mean something and texts that end; and one that an honest asker
 * gives always is.
 */
#include "superd/running/asker.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "superd/log/log.h"
#include "superd/spawn/spawn.h"
#include "tests/fuzz/input.h"

enum { SAID_MAX = 2 * sizeof(struct verdict), PID = 1 << 30 };

static struct said {
	uint8_t bytes[SAID_MAX];
	size_t length;
	bool killed;
} said;

pid_t __wrap_spawn_inside(const struct spawn_inside *);
int __wrap_kill(pid_t, int);

pid_t
__wrap_spawn_inside(const struct spawn_inside *inside)
{
	must(write(inside->beside, said.bytes, said.length) ==
	    (ssize_t)said.length);
	return PID;
}

int
__wrap_kill(pid_t pid, int signo)
{
	must(pid == PID && signo == SIGKILL && !said.killed);
	said.killed = true;
	return 0;
}

static bool
has_end(const char *text, size_t size)
{
	return strnlen(text, size) < size;
}

/* For the log, and a command's environment. */
static void
check(const struct verdict *verdict)
{
	char printed[4 * IDENT_TEXT];

	must(verdict->refusal == ADMITTED ||
	    verdict->refusal == REFUSED_ACCESS ||
	    verdict->refusal == REFUSED_LIBWRAP ||
	    verdict->refusal == REFUSED_USER ||
	    verdict->refusal == REFUSED_SHORTAGE);
	must(verdict->ident >= IDENT_OK && verdict->ident <= IDENT_RESULTS);
	must(has_end(verdict->user, sizeof(verdict->user)) &&
	    has_end(verdict->text, sizeof(verdict->text)));
	if (verdict->ident != IDENT_OK)
		return;
	must(verdict->user[0] != '\0');
	for (const char *p = verdict->user; *p != '\0'; p++)
		must(*p == '\t' || ((unsigned char)*p >= ' ' && *p != '\x7f'));
	log_printable(printed, sizeof(printed), verdict->user,
	    strlen(verdict->user));
	must(printed[0] != '\0');
}

/* As one of ours would fill it, from the same bytes. */
static void
make_honest(struct verdict *verdict)
{
	static const int32_t refusals[] = { ADMITTED, REFUSED_ACCESS,
		REFUSED_LIBWRAP, REFUSED_USER, REFUSED_SHORTAGE };
	char line[IDENT_TEXT + 32];

	verdict->refusal = refusals[(uint32_t)verdict->refusal % 5];
	verdict->user[sizeof(verdict->user) - 1] = '\0';
	verdict->text[sizeof(verdict->text) - 1] = '\0';
	snprintf(line, sizeof(line), "1, 2 : USERID : UNIX : %s",
	    verdict->user);
	verdict->ident = ident_parse(line, 1, 2, verdict->user,
	    sizeof(verdict->user));
	if (verdict->ident != IDENT_OK)
		memset(verdict->user, 0, sizeof(verdict->user));
}

static void
take_said(struct input *input, unsigned how)
{
	struct verdict verdict;

	memset(&said, 0, sizeof(said));
	said.length = how & 1 ?
	    sizeof(verdict) :
	    (size_t)input_byte(input) * SAID_MAX / 255;
	input_bytes(input, said.bytes, said.length);
	memcpy(&verdict, said.bytes, sizeof(verdict));
	if (how & 2)
		make_honest(&verdict);
	else if (how & 4)
		verdict.refusal &= 0xf;
	if (how & 4)
		verdict.ident &= 7;
	memcpy(said.bytes, &verdict, sizeof(verdict));
}

static void
stop(void *arg)
{
	loop_stop(arg);
}

/* One wakeup: the pipe is readable. */
static void
wake(struct loop *loop)
{
	struct loop_timer timer = { .fn = stop, .arg = loop };

	loop_timer_set(loop, &timer, 0);
	must(loop_run(loop) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct superd superd;
	struct input input = { data, size };
	unsigned how = input_byte(&input);
	const struct question question = { .fd = -1, .title = "fuzz" };
	struct verdict verdict;
	struct asker *asker;
	bool answered;

	if (superd.loop == NULL)
		superd.loop = loop_new();
	take_said(&input, how);
	asker = asker_start(&superd, &question);
	must(asker != NULL && asker_pid(asker) == PID);
	if (how & 8)
		wake(superd.loop);
	answered = asker_end(asker, &verdict);
	/* it has nothing to do any more once it has said it */
	must(said.killed == (answered && (how & 8) != 0));
	if (answered) {
		must(said.length >= sizeof(verdict));
		must(memcmp(&verdict, said.bytes, sizeof(verdict)) == 0);
		check(&verdict);
	}
	must(answered || (how & 3) != 3);
	return 0;
}
