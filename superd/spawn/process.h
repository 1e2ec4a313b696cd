/*
 * The table of our processes, by pid: each is recorded with the functions that
 * its end and its report are passed to.
 */
#ifndef SUPERD_SPAWN_PROCESS_H
#define SUPERD_SPAWN_PROCESS_H

#include <sys/types.h>
#include <stdbool.h>

#include <bsd/sys/tree.h>

struct rusage;
struct spawn_report;

/* status: of wait4(2). */
typedef void process_ended_fn(void *arg, int status);
typedef void process_report_fn(void *arg, const struct spawn_report *);

/* A member of its owner's struct, zeroed; the owner sets ended, report and arg
 * before the start. */
struct process {
	RB_ENTRY(process) by_pid;
	pid_t pid;		    /* 0: not recorded */
	const struct rusage *usage; /* in ended(): what it has used, or NULL */
	process_ended_fn *ended;    /* may start another process in it */
	process_report_fn *report;  /* NULL: reports are ignored */
	void *arg;
};

/* fork(2), and record the process in the parent. */
pid_t process_fork(struct process *);
/* In a child that goes on as superd: unblock all signals, whose dispositions
 * are the default ones already (loop_signal()). */
void process_unblock_signals(void);
/* Record a process that was started otherwise, in place of the one that the
 * struct recorded before. */
void process_started(struct process *, pid_t);
/* Remove the record; the process goes on, and nobody hears of its end. */
void process_forget(struct process *);
/* wait4(2) has returned this pid: remove its record and call ended().  A pid
 * that is not recorded is ignored; process 1 inherits such children.  usage:
 * NULL if it is not known. */
void process_ended(pid_t, int status, const struct rusage *usage);
/* Call report() of the process with this pid, if there is one. */
void process_reported(pid_t, const struct spawn_report *);

#endif
