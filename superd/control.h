/*
 * The control socket: unix stream, one request line, one answer.  Requests
 * are read and answers written without ever waiting for the client.
 */
#ifndef SUPERD_CONTROL_H
#define SUPERD_CONTROL_H

#include "superd/superd.h"

struct control;

struct control *control_new(struct superd *);
void	control_free(struct control *);
/* Open the socket where options and configuration say; -1 after logging. */
int	control_open(struct superd *);
/* Where it is; NULL: there is none. */
const char *control_path(const struct control *);
/* A reload may have moved the socket, or given it another group. */
void	control_configure(struct superd *);

#endif
