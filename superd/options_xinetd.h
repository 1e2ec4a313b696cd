/* The command line of xinetd, turned into superd's options. */
#ifndef SUPERD_OPTIONS_XINETD_H
#define SUPERD_OPTIONS_XINETD_H

#include "superd/base/settings.h"

int compat_xinetd(struct options *, int argc, char *argv[]);

#endif
