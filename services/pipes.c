/* A short list of pipes, the last one used first. */
#include "services/pipes.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* How many are kept. */
enum { PIPES = 64 };

struct pipe *
pipes_get(struct pipes *pipes)
{
	struct pipe *pipe = SLIST_FIRST(&pipes->kept);

	if (pipe != NULL) {
		SLIST_REMOVE_HEAD(&pipes->kept, entry);
		pipes->nkept--;
		return pipe;
	}
	if (pipes->open >= pipes->most)
		return NULL;
	pipe = malloc(sizeof(*pipe));
	if (pipe == NULL || pipe2(pipe->ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		free(pipe);
		return NULL;
	}
	/* more than a user may have: then it stays as it is, pipe(7) */
	fcntl(pipe->ends[1], F_SETPIPE_SZ, PIPE_ROOM);
	pipes->open++;
	return pipe;
}

void
pipes_put(struct pipes *pipes, struct pipe *pipe, bool empty)
{
	if (empty && pipes->nkept < PIPES) {
		SLIST_INSERT_HEAD(&pipes->kept, pipe, entry);
		pipes->nkept++;
		return;
	}
	pipes->open--;
	close(pipe->ends[0]);
	close(pipe->ends[1]);
	free(pipe);
}
