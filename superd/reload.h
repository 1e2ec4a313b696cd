/*
 * Reload: a transaction.  Read and check everything; bind what is new; then
 * swap; then close.  What did not change is not touched.
 */
#ifndef SUPERD_RELOAD_H
#define SUPERD_RELOAD_H

#include <stdio.h>

#include "superd/superd.h"

/* What a reload did, or would do. */
struct reload_result {
	struct reports reports;		/* of the new configuration */
	bool applied;
	size_t kept, changed, added, dropped, stale;
};

/* First load and every later one.  dry_run: only say what would be done. */
void	reload_run(struct superd *, bool dry_run, struct reload_result *);
void	reload_result_free(struct reload_result *);
/* One report of a configuration, with the priority that it deserves. */
void	report_log(const struct report *);
/* Log every report, and one line about the difference. */
void	reload_log(struct superd *, const struct reload_result *);
/* "added 1, removed 0, changed 2, kept 37, stale 0" */
char	*reload_summary(const struct reload_result *, char *, size_t);
/* Was this pid the child that looks whether a retry would help? */
bool	reload_child_ended(struct superd *, pid_t, int status);
/* SIGHUP: run and log; loop_fn, arg is the struct superd. */
void	reload_on_signal(void *superd);

#endif
