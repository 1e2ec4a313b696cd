/*
 * What becomes of connections that an internal process gives back
 * (returned.h): clients of tcpmux who have chosen a service, and clients of
 * proxies, who are known now.  Their start is checked like any other.
 */
#ifndef SUPERD_SERVE_RETURNING_H
#define SUPERD_SERVE_RETURNING_H

#include "superd/serve/notices.h"
#include "superd/serve/returned.h"

/* Take the connections that an internal process has given back: all there are,
 * or some of very many.  Never blocks.  RETURNED_NONE, or RETURNED_ENDED or
 * RETURNED_BROKEN if there will be no more. */
enum returned_result returning_read(struct internal *,
    const struct notices_to *);
/* After the end of the process: take what it gave back before. */
void returning_read_last(struct internal *, const struct notices_to *);

#endif
