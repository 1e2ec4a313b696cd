/* Finding out, by doing it once, which boxes can be had on this host. */
#ifndef SUPERD_BOX_TRIAL_H
#define SUPERD_BOX_TRIAL_H

#include "conf/conf.h"
#include "conf/report.h"

/*
 * Put a child into the box of each service that has one.  What fails is
 * reported, and makes the service unservable, or with box_fallback is left out
 * of its box.  Equal boxes are tried once.  Forks; not for the daemon itself,
 * which is named, since it may have to leave its control group to those of
 * sessions.  0: there is none, and control groups are not tried.
 */
void box_trial(struct conf *, struct reports *, pid_t daemon);

#endif
