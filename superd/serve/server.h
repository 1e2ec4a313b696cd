/*
 * Servers: clients each of which has a process of its own, and sockets that
 * are lent to one.
 */
#ifndef SUPERD_SERVE_SERVER_H
#define SUPERD_SERVE_SERVER_H

#include "superd/running/connection.h"
#include "superd/running/superd.h"

/* The functions of this name in struct way. */
struct child *server_start(const struct connection *);
int server_resume(struct child *);

#endif
