/*
 * Who asks for a load, and when: the start, SIGHUP, superctl, and superd
 * itself for entries that may have come right.  One load runs at a time.  Who
 * asks while one runs waits for another one behind it, since the files may
 * have changed meanwhile; who asks for the same then shares it.
 */
#ifndef SUPERD_RELOADS_H
#define SUPERD_RELOADS_H

#include "superd/reload.h"

/* Part of its owner's struct; all zero but these members. */
struct reload_request {
	struct reload_manner manner;
	/* The result is valid as long as this is running. */
	void (*done)(void *arg, const struct reload_result *);
	void *arg;
	/* ours */
	TAILQ_ENTRY(reload_request) entry;
	bool asked;
};

/* Until superd is ready, only the first request is seen to. */
struct reloads *reloads_new(struct superd *);
void reloads_free(struct reloads *);
/* done is called from the loop, never from here. */
void reload_ask(struct superd *, struct reload_request *);
/* It is not wanted any more; harmless if it was never asked. */
void reload_forget(struct superd *, struct reload_request *);
/* superd is ready now. */
void reloads_ready(struct superd *);
/* Does a load run, or wait? */
bool reloads_are_asked(const struct superd *);
/* superd is about to end: nothing is loaded any more, and who waits is told. */
void reloads_stop(struct superd *);
/* SIGHUP: loop_fn, arg is the struct superd. */
void reload_on_signal(void *superd);

#endif
