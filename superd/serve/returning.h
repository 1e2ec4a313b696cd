/*
 * What becomes of connections that an internal process gives back
 * (returned.h): clients of tcpmux who have chosen a service.  Its start is
 * checked like any other.
 */
#ifndef SUPERD_SERVE_RETURNING_H
#define SUPERD_SERVE_RETURNING_H

#include "superd/serve/notices.h"
#include "superd/serve/returned.h"

/* Take all there are, or some of very many: RETURNED_NONE, or why there will
 * be no more. */
enum returned_result returning_read(struct internal *,
    const struct notices_to *);
/* What it gave back before its end, which was heard of first. */
void returning_read_last(struct internal *, const struct notices_to *);

#endif
