/*
 * "superd run": a command line that becomes a superd.conf, which is read as any
 * other.  Every attribute of conf/attribute.h is an option; what they mean, and
 * whether they fit each other, is not known here.
 */
#ifndef SUPERD_ONELINER_H
#define SUPERD_ONELINER_H

#include "superd/base/settings.h"

/* Is this the command line of "superd run"? */
bool oneliner_is(int argc, char *argv[]);
/* The descriptor of --ready-fd, which the start is to leave open; -1: none. */
int oneliner_ready_fd(int argc, char *argv[]);
/*
 * Parse what follows "superd run" (argv[0] is "run").  options->given is its
 * text from then on.  Usage errors, an unknown program among them, print to
 * stderr and return -1.
 */
int oneliner_parse(struct options *, int argc, char *argv[]);
void oneliner_usage(void);

#endif
