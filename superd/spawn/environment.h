/*
 * The environment of one child: the variables of its command, and those that
 * describe its client, which follow UCSPI-TCP and CGI (RFC 3875).  environ(7).
 */
#ifndef SUPERD_SPAWN_ENVIRONMENT_H
#define SUPERD_SPAWN_ENVIRONMENT_H

#include <stddef.h>

#include "superd/spawn/spawn_request.h"

/* Memory that is used again for each child; all zero before first use. */
struct environment {
	char text[8 * 96]; /* of the client's variables */
	char **envp;	   /* the command's, then the client's, then NULL */
	size_t room;	   /* in pointers */
};

/* The environment for a request, NULL-terminated; variables of the client that
 * do not fit are left out.  Valid until the next call with the same struct,
 * and no longer than the command.  NULL: out of memory. */
char **environment_make(struct environment *, const struct spawn_request *);
/* Free what environment_make() has allocated. */
void environment_free(struct environment *);

#endif
