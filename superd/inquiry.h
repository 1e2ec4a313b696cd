/*
 * Inquiries: who users of other hosts are, as far as children find out.
 * Those that are served, or are let in only if they are known, are asked for
 * by their own child; those that were refused by a child for that alone, of
 * which there are INQUIRIES_MAX at most, and so many in a second: above that
 * nobody is asked.
 */
#ifndef SUPERD_INQUIRY_H
#define SUPERD_INQUIRY_H

#include "superd/spawn.h"
#include "superd/superd.h"

enum { INQUIRIES_MAX = 32 };

struct inquiries;

struct inquiries *inquiries_new(void);
void	inquiries_free(struct inquiries *);
/* Does log_on_failure ask for the user of this client?  Then start a child
 * that has the connection until it knows: the caller closes fd with
 * spawn_close.  false: none was started, and fd is the caller's as before. */
bool	inquiry_start(struct live *, int fd, const struct addr *peer);
/* A child's report of a user: SPAWN_USER. */
void	inquiry_report(struct superd *, const struct spawn_report *,
	    const char *text);
/* True if it was one that only asked. */
bool	inquiry_child_ended(struct superd *, pid_t);
/* Clients that nobody was asked about for want of a child. */
uint64_t inquiries_left_out(const struct inquiries *);

/* In a child: may this client have the service, if it has to be known?
 * Reports who it is, where log_on_success asks for that. */
bool	inquiry_admits(const struct service *, int fd);
/* Is there a question for the child of a client that is served? */
bool	inquiry_needed(const struct live *, const struct addr *peer);
/* ... of any client? */
bool	inquiry_possible(const struct live *);

#endif
