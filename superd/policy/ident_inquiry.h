/*
 * Inquiries: who was refused, as the ident server of its host has it.  There
 * are INQUIRIES_MAX askers at most, and so many in a second: above that
 * nobody is asked.
 */
#ifndef SUPERD_POLICY_IDENT_INQUIRY_H
#define SUPERD_POLICY_IDENT_INQUIRY_H

#include "superd/running/connection.h"
#include "superd/running/superd.h"

enum { INQUIRIES_MAX = 32 };

struct inquiries;

struct inquiries *inquiries_new(void);
void inquiries_free(struct inquiries *);
/* Does log_on_failure ask for the user of this client?  Then take it, start an
 * asker, and keep the connection until that knows.  false: none was started. */
bool inquiry_start(struct connection *);
/* Clients that nobody was asked about for want of a child. */
uint64_t inquiries_left_out(const struct inquiries *);

#endif
