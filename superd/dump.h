/* The state in a file, as xinetd writes it on a signal. */
#ifndef SUPERD_DUMP_H
#define SUPERD_DUMP_H

#include <sys/types.h>
#include <stdbool.h>

struct superd;

/* loop_fn: write XINETD_DUMP anew, in a child: a file system may be slow. */
void	dump_on_signal(void *superd);
/* Was it that child?  Says how it went. */
bool	dump_child_ended(struct superd *, pid_t, int status);

#endif
