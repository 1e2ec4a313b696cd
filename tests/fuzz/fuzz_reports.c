/*
 * What comes through the socket of children's reports: a report is believed
 * whole only, and only of the process that has sent it; descriptors that are
 * sent with it go nowhere.
 */
#include "superd/spawn/spawn.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <unistd.h>

#include "superd/spawn/child_steps.h"
#include "superd/spawn/process.h"
#include "tests/fuzz/input.h"

enum { MESSAGES = 32, SAID_MAX = 64 };

static struct {
	struct spawn_report expected[MESSAGES];
	size_t nexpected, nreported;
} script;
static int children_end = -1;

void __real_become_report_to(int);
void __wrap_become_report_to(int);

/* The end that children have. */
void
__wrap_become_report_to(int fd)
{
	children_end = fd;
	__real_become_report_to(fd);
}

static void
ended(void *arg, int status)
{
	(void)arg;
	(void)status;
	abort();
}

static void
reported(void *arg, const struct spawn_report *report)
{
	(void)arg;
	must(script.nreported < script.nexpected);
	must(memcmp(&script.expected[script.nreported++], report,
		 sizeof(*report)) == 0);
	must(spawn_step_name(report->step) != NULL);
}

static void
send_one(const void *bytes, size_t length, bool with_descriptor)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)bytes, length };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *head;

	if (with_descriptor) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		head = CMSG_FIRSTHDR(&msg);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &children_end, sizeof(int));
	}
	must(sendmsg(children_end, &msg, MSG_DONTWAIT) == (ssize_t)length);
}

static void
take_message(struct input *input)
{
	uint8_t how = input_byte(input), bytes[SAID_MAX];
	size_t length = how & 1 ?
	    sizeof(struct spawn_report) :
	    input_byte(input) % SAID_MAX;

	input_bytes(input, bytes, length);
	if (length == sizeof(struct spawn_report))
		memcpy(&script.expected[script.nexpected++], bytes, length);
	send_one(bytes, length, (how & 2) != 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct process self, other;
	static struct spawner *spawner;
	struct input input = { data, size };
	int fd;

	if (spawner == NULL) {
		spawner = spawner_new(loop_new());
		self = (struct process){ .ended = ended, .report = reported };
		other = (struct process){ .ended = ended };
		process_started(&self, getpid());
		process_started(&other, getppid());
	}
	memset(&script, 0, sizeof(script));
	fd = lowest_free();
	for (int i = 0; i < MESSAGES && input.left > 0; i++)
		take_message(&input);
	/* what is empty ends a turn */
	for (int i = 0; i <= MESSAGES; i++)
		spawner_drain(spawner);
	must(script.nreported == script.nexpected);
	must(lowest_free() == fd);
	return 0;
}
