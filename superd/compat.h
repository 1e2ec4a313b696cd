/* The command line of xinetd, turned into superd's options. */
#ifndef SUPERD_COMPAT_H
#define SUPERD_COMPAT_H

#include "superd/options.h"

int compat_xinetd(struct options *, int argc, char *argv[]);

#endif
