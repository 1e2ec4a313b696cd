/*
 * Processes of ours: whoever starts one says here what becomes of its end,
 * and of what it reports on its way.  They are found by pid, and nobody is
 * asked whose it was.
 */
#ifndef SUPERD_SPAWN_PROCESS_H
#define SUPERD_SPAWN_PROCESS_H

#include <sys/types.h>
#include <stdbool.h>

#include <bsd/sys/tree.h>

struct spawn_report;

/* status: of waitpid(2). */
typedef void process_ended_fn(void *arg, int status);
typedef void process_report_fn(void *arg, const struct spawn_report *);

/* Part of its owner's struct, who sets the functions before the start. */
struct process {
	RB_ENTRY(process) by_pid;
	pid_t pid;		   /* 0: there is none */
	process_ended_fn *ended;   /* it may be started again from here */
	process_report_fn *report; /* NULL: nobody wants to know */
	void *arg;
};

/* fork(2); what is forked is recorded. */
pid_t process_fork(struct process *);
/* Another one has started it. */
void process_started(struct process *, pid_t);
/* It is nobody's from now on, and left to itself. */
void process_forget(struct process *);
/* waitpid(2) has named it.  One that nobody knows, as process 1 gets them,
 * is no matter. */
void process_ended(pid_t, int status);
/* It has reported. */
void process_reported(pid_t, const struct spawn_report *);

#endif
