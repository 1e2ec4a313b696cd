/*
 * Banners: texts that a service sends before anything else.  They were read
 * with the configuration, and are sent without waiting for the client.
 */
#ifndef SUPERD_RUNNING_BANNER_H
#define SUPERD_RUNNING_BANNER_H

#include "superd/running/superd.h"

void banner_send(const struct running *, enum banner, int fd);

#endif
