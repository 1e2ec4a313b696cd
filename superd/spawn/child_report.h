/*
 * How a child says why it cannot go on, before it ends.  Calls rawsys() only,
 * as what it is used by: superd/spawn/child_steps.h.
 */
#ifndef SUPERD_SPAWN_CHILD_REPORT_H
#define SUPERD_SPAWN_CHILD_REPORT_H

#include <stdbool.h>

#include "conf/box.h"

/* Why a child could not start its program. */
struct spawn_report {
	int step;  /* enum spawn_step, unless another process forged it */
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
	SPAWN_BOX, /* and enum box_part */
	SPAWN_STEPS = SPAWN_BOX + BOX_PARTS
};

/* A step as it is named in the log.  Accepts any number. */
const char *spawn_step_name(int step);

/* Set the socket that reports are written to; close-on-exec.  Before the
 * first call, they go to descriptor 2. */
void become_report_to(int fd);
/* That descriptor; negative: none. */
int become_reports(void);
/* Is this the exit status of who has given up?  That of a program may be the
 * same. */
bool gave_up(int status);
/* Report -error, and end the process. */
void give_up(int step, long error) __attribute__((noreturn));

static inline void
must_step(int step, long result)
{
	if (result < 0)
		give_up(step, result);
}

static inline void
must_box(enum box_part part, long result)
{
	must_step(SPAWN_BOX + (int)part, result);
}

#endif
