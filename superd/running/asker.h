/*
 * Askers: processes that find out one thing about one client, from libwrap,
 * a name server or an ident server.  They have no rights before they read the
 * first byte (child_steps.h), and say what they found in a verdict of a fixed
 * form: then their part is over, and so are they.  What follows from it is
 * done by superd, which does not believe more of it than it can check.
 */
#ifndef SUPERD_RUNNING_ASKER_H
#define SUPERD_RUNNING_ASKER_H

#include <stdbool.h>
#include <stdint.h>

#include "superd/base/ident.h"
#include "superd/running/superd.h"
#include "superd/spawn/process.h"

enum { ASKER_TEXT_MAX = 1024 };

struct verdict {
	int32_t refusal;	   /* enum refusal: ADMITTED, or why not;
				    * REFUSED_SHORTAGE: libwrap is not there */
	int32_t ident;		   /* enum ident_result; IDENT_RESULTS: nobody
				    * was asked */
	char user[IDENT_TEXT];	   /* IDENT_OK: as ident_ask() has it */
	char text[ASKER_TEXT_MAX]; /* whatever else was found */
};

struct question {
	/* Runs in the asker, free to block; fills the verdict. */
	void (*ask)(const void *arg, struct verdict *);
	const void *arg;
	int fd;		   /* its standard input, or -1 */
	bool starts;	   /* may start processes, which write files:
			    * hosts_options(5) */
	const char *title; /* for ps and for messages */
};

struct asker;

/* NULL with errno: none can be had now. */
struct asker *asker_start(struct superd *, const struct question *);
pid_t asker_pid(const struct asker *);
/* Who wants to know of its end, and what it reports (or NULL): at once. */
void asker_own(struct asker *, process_ended_fn *, process_report_fn *,
    void *arg);
/* After the end of its process.  False: it gave no verdict, or one that no
 * honest asker gives. */
bool asker_end(struct asker *, struct verdict *);
/* Nobody wants to know any more; its process is left to end.  Accepts
 * NULL. */
void asker_forget(struct asker *);

#endif
