/* Pairs of systemd's .socket and .service files, as superd.conf. */
#ifndef SUPERD_SYSTEMD_IMPORT_H
#define SUPERD_SYSTEMD_IMPORT_H

#include <stdio.h>

/*
 * Write a section for each socket unit in a directory, with the service that it
 * starts, systemd.socket(5), and their drop-ins.  What superd has nothing for
 * becomes a comment.  0, or 1 after errors on stderr.
 */
int import_systemd(const char *directory, FILE *);

#endif
