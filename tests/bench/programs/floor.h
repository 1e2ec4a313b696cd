/*
 * What the floor programs share: the least that the kernel has to be asked
 * for by any program that does the same work.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stdbool.h>

/* ADDRESS PORT as arguments; listening or bound, ends the program if not. */
int floor_socket(char **argv, int type);
/* Run the program as nobody with fd as 0-2, in a session of its own or not:
 * vfork(2)'s way, so the caller sleeps until exec.  The pid, or -1. */
int floor_start(char *program, int fd, bool session);

#endif
