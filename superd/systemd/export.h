/* Services as pairs of systemd's .socket and .service files. */
#ifndef SUPERD_SYSTEMD_EXPORT_H
#define SUPERD_SYSTEMD_EXPORT_H

#include "conf/conf.h"

/*
 * Write a socket unit and the service that it starts, systemd.socket(5), for
 * each service, into a directory, which is made if there is none; NULL: to
 * stdout, one after the other.  A file that exists is left alone, which is an
 * error.  What systemd has nothing for becomes a comment; a service of which
 * nothing would be left is named on stderr.  0, or 1 after errors on stderr.
 */
int export_systemd(const struct conf *, const char *directory);

#endif
