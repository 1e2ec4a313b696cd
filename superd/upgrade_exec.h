/*
 * One image of superd after another, in the same process: how each is started,
 * and how the one before comes back where the new one fails.
 *
 * What an image is told is in SUPERD_UPGRADE, which no child gets:
 *	check			check the configuration, and exit
 *	STATE,BEFORE,WHY	go on from the state in descriptor STATE; in
 *				BEFORE is the program of before, or -1: this is
 *				that, and WHY says what has failed
 */
#ifndef SUPERD_UPGRADE_EXEC_H
#define SUPERD_UPGRADE_EXEC_H

#include "superd/base/loop.h"
#include "superd/upgrade_state.h"

#define UPGRADE_VARIABLE "SUPERD_UPGRADE"
#define UPGRADE_CHECK	 "check"

/* Keep the command line and the directory, for the next image. */
void upgrade_remember(int argc, char *argv[]);
/* Start a program with that command line and this value of the variable.  The
 * descriptors of the state are inherited.  Returns -1 with errno if that cannot
 * be done, and nothing has changed. */
int upgrade_exec(int program, const char *value, struct upgrade_state *);
/* The same in a process of its own, without a state; arguments NULL: that
 * command line.  Does not return. */
void upgrade_exec_child(int program, char *const *arguments, const char *value)
    __attribute__((noreturn));

/* From now on, an exit, a fatal signal, or upgrade_fall_back() starts the
 * program of before, which goes on from the same state. */
void upgrade_guard(int memory, int before, struct upgrade_state *);
void upgrade_fall_back(const char *why);
/* While this loop runs, too. */
void upgrade_guard_loop(struct loop *);
/* This image has shown that it serves: end that. */
void upgrade_unguard(void);

#endif
