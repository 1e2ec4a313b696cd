/*
 * Loading: from file names to a checked struct conf, in any dialect.  Chooses
 * the reader, follows includes, applies global defaults, and runs the checks.
 */
#ifndef CONF_LOAD_H
#define CONF_LOAD_H

#include "conf/context.h"

/* Seconds a load may take unless superd.conf says otherwise. */
enum { LOAD_TIMEOUT = 60 };

/*
 * Read a file, and the files of a directory in order, except names with a dot
 * or ending in ~, and check everything.  One of both may be NULL.  The conf is
 * never NULL: it has all that was understood.  With a report of REPORT_SYNTAX
 * or above, a reload must not use it.  Entries with REPORT_UNSERVABLE are in
 * the conf, marked unservable.
 */
struct conf *conf_load(const char *file, const char *directory,
    const struct load_context *, struct reports *);
/*
 * The user and group of superd's unprivileged processes: the account superd if
 * there is one, else ids that no account has.  As user nobody, they could be
 * stopped or killed by any service that runs as nobody.
 */
void conf_internal_user(struct names *, uid_t *, gid_t *);

/* The dialect that a text seems to be in; DIALECT_INETD if nothing tells. */
enum dialect dialect_guess(const char *text);

#endif
