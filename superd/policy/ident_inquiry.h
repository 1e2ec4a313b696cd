/*
 * Inquiries: asking the ident server (RFC 1413) for the user of a refused
 * client, for log_on_failure = USERID.  At most INQUIRIES_MAX askers run at
 * once, and a bounded number are started in a second; other clients are
 * counted only.
 */
#ifndef SUPERD_POLICY_IDENT_INQUIRY_H
#define SUPERD_POLICY_IDENT_INQUIRY_H

#include "superd/running/connection.h"
#include "superd/running/superd.h"

enum { INQUIRIES_MAX = 32 };

struct inquiries;

struct inquiries *inquiries_new(void);	 /* never NULL */
void inquiries_free(struct inquiries *); /* accepts NULL */
/* If log_on_failure asks for the user of this client: take its connection and
 * keep it open until an asker has the answer, which is logged.  False: no asker
 * was started, and nothing taken. */
bool inquiry_start(struct connection *);
/* Is anybody asked? */
bool inquiries_run(const struct inquiries *);
/* The number of clients that were not asked about, above the bounds. */
uint64_t inquiries_left_out(const struct inquiries *);

#endif
