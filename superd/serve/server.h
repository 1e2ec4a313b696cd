/*
 * Servers: clients each of which has a process of its own, and sockets that
 * are lent to one.  What it runs is its way's to say: a program, or an
 * internal service.
 */
#ifndef SUPERD_SERVE_SERVER_H
#define SUPERD_SERVE_SERVER_H

#include "superd/running/connection.h"
#include "superd/running/superd.h"

/* For a struct way. */
struct child *server_start(const struct connection *);
int server_resume(struct child *);
pid_t server_spawn_program(struct running *, int fd, const struct addr *peer);

#endif
