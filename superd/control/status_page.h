/* The status for browsers: one page of HTML, without scripts. */
#ifndef SUPERD_CONTROL_STATUS_PAGE_H
#define SUPERD_CONTROL_STATUS_PAGE_H

#include "superd/base/text.h"
#include "superd/running/superd.h"

/* For its header: nothing but the page itself may be loaded. */
#define STATUS_PAGE_FIELDS                                                 \
	"Content-Security-Policy: default-src 'none'; "                    \
	"style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; " \
	"frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\n"

void status_page(struct superd *, struct text *);

#endif
