/* What a process that talks with strangers can do without, besides its
 * rights. */
#ifndef SUPERD_BASE_CONFINE_H
#define SUPERD_BASE_CONFINE_H

/* It starts no process, and writes no file. */
void confine_asking(void);
/* Nor does it open any more: landlock(7), where the kernel has it. */
void confine_alone(void);
/*
 * A process that serves strangers all the time: both, and a root directory
 * that is empty, and no more system calls than it needs, where libseccomp is
 * there.  The first part while it has its rights yet.
 */
void confine_prepare(void);
void confine_serving(void);

#endif
