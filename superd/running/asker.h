/*
 * Askers: processes that ask one question about one client, of libwrap, a name
 * server or an ident server.  An asker drops its privileges before it reads
 * anything, sends its answer as one verdict of a fixed form, and exits.  superd
 * checks the verdict and acts on it.
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
				    * REFUSED_SHORTAGE: libwrap cannot be
				    * loaded */
	int32_t ident;		   /* enum ident_result; IDENT_RESULTS: no
				    * ident server was asked */
	char user[IDENT_TEXT];	   /* with IDENT_OK: of ident_ask() */
	char text[ASKER_TEXT_MAX]; /* any other answer */
};

struct question {
	/* Called in the asker, where it may block; fills in the verdict. */
	void (*ask)(const void *arg, struct verdict *);
	const void *arg;
	int fd;		   /* becomes its standard input; -1: none */
	bool starts;	   /* may start processes that write files:
			    * hosts_options(5) */
	const char *title; /* for ps(1) and messages; not copied */
};

struct asker;

/* Start an asker; then call asker_own() before the loop runs again.  NULL with
 * errno. */
struct asker *asker_start(struct superd *, const struct question *);
/* The pid of its process. */
pid_t asker_pid(const struct asker *);
/* Set what is called with arg when its process has ended and, unless NULL, when
 * it reports a failure. */
void asker_own(struct asker *, process_ended_fn *, process_report_fn *,
    void *arg);
/* Once its process has ended: get the verdict, and free the asker.  False: no
 * verdict came, or one that breaks the protocol. */
bool asker_end(struct asker *, struct verdict *);
/* Free an asker whose process may still run; its verdict is ignored.  Accepts
 * NULL. */
void asker_forget(struct asker *);

#endif
