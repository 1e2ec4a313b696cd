/*
 * In the child: from a fresh process to a running program.  A straight list
 * of system calls through rawsys(), so that it may run in memory that is
 * shared with the daemon; each that fails ends the child with a report.
 */
#ifndef SUPERD_SPAWN_CHILD_STEPS_H
#define SUPERD_SPAWN_CHILD_STEPS_H

#include "superd/spawn/command.h"

/* What a child has to say that does not come to its program. */
struct spawn_report {
	int step;  /* spawn_step_name() */
	int error; /* errno */
};

enum spawn_step {
	SPAWN_STDIO,
	SPAWN_SESSION,
	SPAWN_LIMITS,
	SPAWN_NICE,
	SPAWN_CHROOT,
	SPAWN_GROUPS,
	SPAWN_GID,
	SPAWN_UID,
	SPAWN_CAPABILITIES,
	SPAWN_DIRECTORY,
	SPAWN_SIGNALS,
	SPAWN_EXEC,
	SPAWN_STEPS
};

const char *spawn_step_name(int step);

/* Where reports go: a socket that exec closes. */
void become_report_to(int fd);
/* Run the program of a command with fd as 0-2; or error as 2, where stderr is
 * for the log (-1: null). */
void become_program(const struct prepared_command *, char **envp, int fd,
    int error) __attribute__((noreturn));
/* In a forked child: these stay open, too. */
void become_keep(const int *, size_t);
/* ... and nothing is reported any more. */
void become_close_reports(void);
/* Everything but the program. */
void become(const struct prepared_command *, int fd, int error);

#endif
