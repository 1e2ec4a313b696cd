/*
 * The fields of inetd.conf in which the dialects differ.  Pure: text in,
 * values out; each returns NULL, or what is wrong with the text.
 */
#ifndef CONF_DIALECT_H
#define CONF_DIALECT_H

#include "conf/conf.h"

/* "wait", "nowait.40", "nowait:40", "nowait/10/60/3" */
const char *dialect_wait(const char *text, bool *wait, struct limits *);
/* "user", "user:group", "user.group", either with "/class".  The parts are
 * malloc'd; absent ones are NULL. */
void dialect_user(const char *text, char **user, char **group, char **class);
/* "tcp,rcvbuf=16k,sndbuf=16k": *name is malloc'd, sizes are set. */
const char *dialect_protocol(const char *text, char **name, struct service *);
/* "stream,10": *name is malloc'd. */
const char *dialect_socktype(const char *text, char **name, struct limits *);
/*
 * "[::1]:ftp", "a,b:ftp", "::1:ftp", "*:ftp", "ftp": the last colon splits.
 * *address is malloc'd, NULL if there is none.  Returns the rest.
 */
const char *dialect_address(const char *text, char **address);
/* FreeBSD's ":user:group:mode:/path".  Parts are malloc'd; false if text has
 * another form. */
bool dialect_unix_path(const char *text, char **user, char **group, char **mode,
    char **path);

#endif
