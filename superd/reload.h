/*
 * Reload: a transaction.  All was read and checked by the loader; bind what is
 * new; then swap; then close.  What did not change is not touched.
 */
#ifndef SUPERD_RELOAD_H
#define SUPERD_RELOAD_H

#include "superd/loader.h"
#include "superd/running/superd.h"

/* What a reload did, or would do. */
struct reload_result {
	const struct reports *reports; /* of the load, and only as long as
					  it is there; NULL: none */
	struct reports more;	       /* ... and of the daemon */
	bool applied;
	bool acceptable; /* a dry run: it would be applied */
	size_t kept, changed, added, dropped, stale;
};

struct reload_manner {
	bool dry_run; /* only say what would be done */
	/* Called once all is checked, before anything is bound; NULL: none.
	 * Other than 0: nothing is done. */
	int (*prepare)(void *arg, const struct conf *);
	/* Called once the services have their sockets, before anybody else
	 * hears of them; NULL: none. */
	void (*restore)(void *arg, struct superd *);
	void *arg;
};

/* Make what was loaded the configuration that runs.  The region of loaded is
 * the caller's to free; it is empty where it is needed. */
void reload_use(struct superd *, const struct reload_manner *, struct loaded *,
    struct reload_result *);
/* The result of a reload that could not even be tried. */
void reload_refuse(struct superd *, const char *why, struct reload_result *);

void reload_result_free(struct reload_result *);
/* All reports, of the load and of the daemon. */
size_t reload_reports(const struct reload_result *);
const struct report *reload_report(const struct reload_result *, size_t);
/* Does any of them say that something is not served? */
bool reload_failed(const struct reload_result *);
/* Log every report, of very many the first. */
void reload_log_reports(const struct superd *, const struct reload_result *);
/* ... and one line about the difference. */
void reload_log(struct superd *, const struct reload_result *);
/* "added 1, removed 0, changed 2, kept 37, stale 0" */
char *reload_summary(const struct reload_result *, char *, size_t);

#endif
