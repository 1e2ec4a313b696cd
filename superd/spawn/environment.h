/*
 * The environment of one child: the variables of its command, and those that
 * describe its client, which follow UCSPI-TCP and CGI (RFC 3875).  environ(7).
 */
#ifndef SUPERD_SPAWN_ENVIRONMENT_H
#define SUPERD_SPAWN_ENVIRONMENT_H

#include <stddef.h>

#include "superd/spawn/spawn_request.h"

#define LISTEN_PID     "LISTEN_PID="
#define LISTEN_FDNAMES "LISTEN_FDNAMES="

/* The longest name of a descriptor, as systemd has them. */
enum { PID_DIGITS = 12, FD_NAME = 255 };

/* Memory that is used again for each child; all zero before first use. */
struct environment {
	char text[8 * 96]; /* of the client's variables */
	char listen_pid[sizeof(LISTEN_PID) + PID_DIGITS];
	char listen_names[sizeof(LISTEN_FDNAMES) + FD_NAME];
	char **envp; /* the command's, then the client's, then NULL */
	size_t room; /* in pointers */
};

/* The environment for a request, NULL-terminated; variables of the client that
 * do not fit are left out.  Valid until the next call with the same struct,
 * and no longer than the command.  NULL: out of memory. */
char **environment_make(struct environment *, const struct spawn_request *);
/* In the child itself: write its pid into the environment, if its command has
 * listen_fds.  Async-signal-safe. */
void environment_set_pid(struct environment *, pid_t);
/* Free what environment_make() has allocated. */
void environment_free(struct environment *);

#endif
