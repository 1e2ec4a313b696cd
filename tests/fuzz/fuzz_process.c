/*
 * Reports and ends of processes, in any order and of any pid: each reaches
 * the one that it is of, whatever the report says.
 */
#include "superd/spawn/process.h"

#include "superd/spawn/spawn.h"
#include "tests/fuzz/input.h"

enum { PROCESSES = 8, PIDS = 16 };

static struct process processes[PROCESSES];
static struct process *told;

static void
ended(void *arg, int status)
{
	(void)status;
	told = arg;
}

static void
reported(void *arg, const struct spawn_report *report)
{
	must(spawn_step_name(report->step) != NULL);
	told = arg;
}

static struct process *
owner(pid_t pid)
{
	for (size_t i = 0; i < PROCESSES; i++)
		if (processes[i].pid == pid)
			return &processes[i];
	return NULL;
}

static void
one_event(struct input *input)
{
	struct process *process = &processes[input_byte(input) % PROCESSES];
	pid_t pid = input_byte(input) % PIDS + 1;
	struct process *wanted = owner(pid);
	struct spawn_report report;

	told = NULL;
	switch (input_byte(input) % 4) {
	case 0:
		/* the kernel gives no pid twice */
		if (wanted == NULL)
			process_started(process, pid);
		return;
	case 1:
		process_forget(process);
		must(process->pid == 0);
		return;
	case 2:
		process_ended(pid, 0, NULL);
		must(owner(pid) == NULL);
		break;
	default:
		input_bytes(input, &report, sizeof(report));
		process_reported(pid, &report);
	}
	must(told == wanted);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	for (size_t i = 0; i < PROCESSES; i++) {
		processes[i].ended = ended;
		processes[i].report = reported;
		processes[i].arg = &processes[i];
	}
	while (input.left > 0)
		one_event(&input);
	for (size_t i = 0; i < PROCESSES; i++)
		process_forget(&processes[i]);
	return 0;
}
