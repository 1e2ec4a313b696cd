/*
 * Banners: texts that a service sends before anything else.  Read when the
 * configuration is loaded, sent without waiting for the client.
 */
#ifndef SUPERD_BANNER_H
#define SUPERD_BANNER_H

#include "superd/superd.h"

/* Read the banners of a live's service; what cannot be read is logged. */
void	banner_load(struct live *);
void	banner_free(struct live *);
void	banner_send(const struct live *, enum banner, int fd);

#endif
