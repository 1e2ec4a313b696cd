/*
 * Client addresses in the log, in the form that log_peer in superd.conf
 * selects.  All code that puts a client's address into a record gets its text
 * here.
 */
#ifndef SUPERD_LOG_PEERS_H
#define SUPERD_LOG_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

/* Set the form of all later addresses.  If there is no random key for hashes,
 * addresses are left out, with a warning. */
void peers_show(enum log_peer);
/*
 * Write an address to buf, ADDR_TEXT bytes: the address, with its port if
 * port is set; its network (/24 or /48); a hash in hexadecimal, which is the
 * same for the same address while superd runs; or "-".  Addresses of unix
 * sockets are always shown; NULL or no address is "-".  Returns buf.
 */
char *peers_text(const struct addr *, bool port, char *buf);
/* The same for a client as it is counted (addr.h, client_of()). */
char *peers_client(const struct prefix *, char *buf);

#endif
