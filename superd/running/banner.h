/*
 * Banners: texts that a client is sent before it is served or refused.  They
 * are read with the configuration.
 */
#ifndef SUPERD_RUNNING_BANNER_H
#define SUPERD_RUNNING_BANNER_H

#include "superd/running/superd.h"

/* Send the service's banner of this kind, if it has one, as far as the socket
 * takes it at once.  Never blocks; errors are ignored. */
void banner_send(const struct running *, enum banner, int fd);

#endif
