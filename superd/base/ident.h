/*
 * Ident: who is at the other end of a connection, as the ident server of that
 * host has it.  RFC 1413.  What it says is a claim of the other host, and
 * bytes from outside.  Blocks: for children only, never for the loop.
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
	IDENT_LOG_WAIT = 10000, /* ms: where a line of the log wants to know */
	IDENT_MUST_WAIT = 30000 /* where only the known are let in */
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

/* What a question needs to know of a connection. */
struct ident_ends {
	struct addr ours, theirs;
	char device[IF_NAMESIZE]; /* it came in there only; or "" */
};

/* -1: fd is no connection that can be asked for: whoever asks nevertheless
 * gets IDENT_FAILED. */
int ident_ends(int fd, struct ident_ends *);
/*
 * Ask for the user of a connection at port of its other end.  timeout: ms,
 * for the whole.  IDENT_OK: text is the system and the user as they came,
 * "UNIX : root", without NUL, CR, LF and other control characters.
 */
enum ident_result ident_ask(const struct ident_ends *, uint16_t port,
    int timeout, char *text, size_t size);
/* Is this text one that an answer may have brought? */
bool ident_is_user(const char *text);
/* A line of answer, without its end.  The ports are the connection's: the
 * other end's, which comes first, and ours. */
enum ident_result ident_parse(const char *line, uint16_t theirs, uint16_t ours,
    char *text, size_t size);
/* In xinetd's words: "no server", "timeout", ... */
const char *ident_why(enum ident_result);

#endif
