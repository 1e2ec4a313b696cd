/* Dumps: superd's state in a file, as xinetd writes it on a signal. */
#ifndef SUPERD_CONTROL_DUMP_H
#define SUPERD_CONTROL_DUMP_H

struct superd;

/* A loop_fn: write XINETD_DUMP in a child, since the file system may be slow;
 * logs the result. */
void dump_on_signal(void *superd);
/* Free superd->dump, if there is one; a child that still writes goes on. */
void dump_free(struct superd *);

#endif
