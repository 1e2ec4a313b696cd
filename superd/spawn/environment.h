/* The environment of one child: its command's, and what its peer adds. */
#ifndef SUPERD_SPAWN_ENVIRONMENT_H
#define SUPERD_SPAWN_ENVIRONMENT_H

#include <stddef.h>

#include "superd/spawn/spawn_request.h"

/* Room for the variables of one peer; all zero before first use. */
struct environment {
	char text[8 * 96];
	char **envp; /* command's, then the peer's, then NULL */
	size_t room;
};

/* The result is valid until the next call, and as long as
 * the command.  NULL: there is no memory. */
char **environment_make(struct environment *, const struct spawn_request *);
void environment_free(struct environment *);

#endif
