/*
 * Confinement: what processes that read untrusted data give up besides their
 * privileges.  Each step is for good; one that the kernel does not offer is
 * skipped.
 */
#ifndef SUPERD_BASE_CONFINE_H
#define SUPERD_BASE_CONFINE_H

/* Start no process and write no file: setrlimit(2), RLIMIT_NPROC and
 * RLIMIT_FSIZE. */
void confine_asking(void);
/* In addition, open no file: landlock(7). */
void confine_alone(void);
/*
 * For a process that serves clients all its life, in two parts.
 * confine_prepare() runs while the process is still privileged: it loads what
 * is needed later and changes to an empty root directory.
 * confine_serving() does what confine_alone() does and installs the system
 * call filter of calls.h.
 */
void confine_prepare(void);
void confine_serving(void);

#endif
