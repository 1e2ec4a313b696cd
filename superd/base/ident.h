/*
 * Ident client, RFC 1413: asks the ident server of the client's host which
 * user owns a connection.  The answer is only what that host claims, and its
 * bytes are untrusted.  Blocks: for children only, never for the loop.
 */
#ifndef SUPERD_BASE_IDENT_H
#define SUPERD_BASE_IDENT_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/addr.h"

enum {
	IDENT_PORT = 113,
	IDENT_TEXT = 768,	/* a user of 512 octets and its system fit */
	IDENT_LOG_WAIT = 10000, /* ms: the user is only logged */
	IDENT_MUST_WAIT = 30000 /* ms: the user decides about access */
};

enum ident_result {
	IDENT_OK,
	IDENT_NO_SERVER,
	IDENT_TIMEOUT,
	IDENT_FAILED,
	IDENT_CUT,
	IDENT_BAD,
	IDENT_UNTOLD,
	IDENT_RESULTS
};

/* Both ends of a connection, as needed for a query. */
struct ident_ends {
	struct addr ours, theirs;
	char device[IF_NAMESIZE]; /* SO_BINDTODEVICE of the socket; or "" */
};

/* Fill in the ends of a connection.  0, or -1 if fd is not an internet
 * connection; ident_ask() then returns IDENT_FAILED. */
int ident_ends(int fd, struct ident_ends *);
/*
 * Ask the ident server at this port of the other end for the user of the
 * connection.  timeout: ms, for the whole conversation.  IDENT_OK: text holds
 * the system and the user as received, "UNIX : root", without control
 * characters other than tabs.
 */
enum ident_result ident_ask(const struct ident_ends *, uint16_t port,
    int timeout, char *text, size_t size);
/* Is this a text that ident_ask() may have returned? */
bool ident_is_user(const char *text);
/* Parse a line of answer, without its end of line.  theirs and ours are the
 * ports of the connection, in the order of the answer. */
enum ident_result ident_parse(const char *line, uint16_t theirs, uint16_t ours,
    char *text, size_t size);
/* The result in xinetd's words: "no server", "timeout", ...  A constant. */
const char *ident_why(enum ident_result);

#endif
