/*
 * In the child: from a fresh process to a running program.  A straight list
 * of system calls through rawsys(), so that it may run in memory that is
 * shared with the daemon; each that fails ends the child with a report.
 */
#ifndef SUPERD_BECOME_H
#define SUPERD_BECOME_H

#include "superd/image.h"

/* Where reports go: a socket that exec closes. */
void become_report_to(int fd);
/* Run the program of an image with fd as 0-2; or error as 2, where stderr is
 * for the log (-1: null). */
void become_program(const struct command_image *, char **envp, int fd,
    int error) __attribute__((noreturn));
/* Everything but the program. */
void become(const struct command_image *, int fd, int error);

#endif
