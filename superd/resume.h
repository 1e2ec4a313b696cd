/*
 * The start of an image that follows another one in the same process: it has
 * a state to go on from (upgrade_exec.h).
 */
#ifndef SUPERD_RESUME_H
#define SUPERD_RESUME_H

#include <sys/resource.h>
#include <sys/types.h>

#include "superd/running/superd.h"

/* How this image was started: as a program, to check, or to go on.  First in
 * main(), before any descriptor is made; ends the process, or goes back to the
 * program of before, if the state cannot be used. */
enum resume { RESUME_NOTHING, RESUME_CHECK, RESUME_STATE };
enum resume resume_begin(void);

/* For the first load, if it goes on: before sockets are taken, and after. */
void resume_prepare(struct superd *, const struct conf *);
void resume_restore(void *, struct superd *);
/* A child has ended before resume_restore(): whose it is will be known then. */
void resume_ended(pid_t, int status, const struct rusage *);
/* It serves: go on with the control socket, tell superctl, and drop the image
 * of before in a second. */
void resume_control(struct superd *);
void resume_done(struct superd *);

#endif
