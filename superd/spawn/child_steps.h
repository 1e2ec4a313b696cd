/*
 * The child's side of a start: from a new process to the running program.  A
 * straight list of system calls through rawsys(), so that it can run in memory
 * that is shared with the daemon.  A call that fails sends a report and ends
 * the child, with status 127 if there is no such program, else 126.
 */
#ifndef SUPERD_SPAWN_CHILD_STEPS_H
#define SUPERD_SPAWN_CHILD_STEPS_H

#include "superd/spawn/child_report.h"
#include "superd/spawn/command.h"

struct identity;

/* What the daemon's own process has, and its children from it. */
enum spawn_inherited {
	INHERITED_UMASK = 1,	 /* USUAL_UMASK */
	INHERITED_DIRECTORY = 2, /* "/" */
	INHERITED_NO_AMBIENT = 4 /* capabilities(7) */
};

/* Leave out the steps that would only set these again. */
void become_inherits(unsigned what);

/*
 * Take on the state that the command asks for, with fd as descriptors 0 to 2,
 * or as 3 where it has listen_fds, and execve(2) its program.  error: the write
 * end of the pipe that is descriptor 2 if the command has stderr_to STDERR_LOG;
 * -1: /dev/null.  envp: of environ(7).  identity: whose user and groups it
 * gets if it runs as_peer; NULL: it does not start then.  Closes every other
 * descriptor.  With listen_fds only in a forked child: the socket of reports is
 * moved.
 */
void become_program(const struct prepared_command *, char **envp,
    const struct identity *, int fd, int error) __attribute__((noreturn));
/* The same without execve(2), for a forked child that runs our own code. */
void become(const struct prepared_command *, int fd, int error);
/* Only in a forked child: let become() leave these descriptors open.  In
 * ascending order, each above 2; not copied. */
void become_keep(const int *, size_t count);
/* Only in a forked child, after become(): close the socket for reports. */
void become_close_reports(void);

#endif
