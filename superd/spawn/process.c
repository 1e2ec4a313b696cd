/* The table of processes: one for the whole daemon, as its children are. */
#include "superd/spawn/process.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

RB_HEAD(processes, process);

static struct processes processes = RB_INITIALIZER(&processes);

static int
process_compare(struct process *a, struct process *b)
{
	return (a->pid > b->pid) - (a->pid < b->pid);
}

RB_PROTOTYPE(processes, process, by_pid, process_compare)
RB_GENERATE(processes, process, by_pid, process_compare)

static struct process *
find(pid_t pid)
{
	struct process key = { .pid = pid };

	return RB_FIND(processes, &processes, &key);
}

pid_t
process_fork(struct process *process)
{
	pid_t pid = fork();

	if (pid > 0)
		process_started(process, pid);
	return pid;
}

void
process_unblock_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void
process_started(struct process *process, pid_t pid)
{
	process_forget(process);
	process->pid = pid;
	RB_INSERT(processes, &processes, process);
}

void
process_forget(struct process *process)
{
	if (process->pid == 0)
		return;
	RB_REMOVE(processes, &processes, process);
	process->pid = 0;
}

void
process_ended(pid_t pid, int status, const struct rusage *usage)
{
	struct process *process = find(pid);

	if (process == NULL)
		return;
	process_forget(process);
	process->usage = usage;
	process->ended(process->arg, status);
}

void
process_reported(pid_t pid, const struct spawn_report *report)
{
	const struct process *process = find(pid);

	if (process != NULL && process->report != NULL)
		process->report(process->arg, report);
}
