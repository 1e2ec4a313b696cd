/*
 * Load: from file names to a checked struct conf, whatever the dialect.
 * Chooses the reader, follows includes, applies defaults, runs the checks.
 */
#ifndef CONF_LOAD_H
#define CONF_LOAD_H

#include "conf/context.h"

/* Seconds a load may take unless superd.conf says otherwise. */
enum { LOAD_TIMEOUT = 60 };

/*
 * Read file (and directory: its files, names with a dot or ending in ~
 * skipped, sorted), check all, and return the conf; never NULL: what was
 * understood is in it.  reports tells what was not: any REPORT_SYNTAX means
 * that a reload must not use the result.  Entries with REPORT_UNSERVABLE are
 * in the conf, marked unservable.  file or directory may be NULL, not both.
 */
struct conf *conf_load(const char *file, const char *directory,
    const struct load_context *, struct reports *);
/*
 * Who superd's own processes without rights are: the account `superd' if
 * there is one, else somebody nobody is.  As nobody they could be stopped or
 * killed by every service of that user.
 */
void conf_internal_user(struct names *, uid_t *, gid_t *);

/* What a text looks like; DIALECT_INETD when nothing tells. */
enum dialect dialect_guess(const char *text);

#endif
