/*
 * How clients stand in the log: as log_peer of superd.conf has it.  Whoever
 * writes a client's address into a record asks here for its text.
 */
#ifndef SUPERD_LOG_PEERS_H
#define SUPERD_LOG_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

/* From here on. */
void peers_show(enum log_peer);
/* The address, perhaps with its port; its network; a number that is the same
 * for the same client as long as superd runs; or "-".  Clients of unix
 * sockets stand as they are; "-" for one of length 0 or NULL.  Returns buf,
 * which has ADDR_TEXT bytes. */
char *peers_text(const struct addr *, bool port, char *buf);
/* The same of what counts as one client. */
char *peers_client(const struct prefix *, char *buf);

#endif
