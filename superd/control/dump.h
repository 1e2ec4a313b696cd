/* The state in a file, as xinetd writes it on a signal. */
#ifndef SUPERD_CONTROL_DUMP_H
#define SUPERD_CONTROL_DUMP_H

struct superd;

/* loop_fn: write XINETD_DUMP anew, in a child: a file system may be slow. */
void dump_on_signal(void *superd);
/* Whatever is still written is no matter any more. */
void dump_free(struct superd *);

#endif
