/*
 * What "superd run" asks the host as it starts: programs in PATH, free ports,
 * the descriptor that is told of them.
 */
#ifndef SUPERD_ONELINER_WORLD_H
#define SUPERD_ONELINER_WORLD_H

#include <stdbool.h>

struct superd;

/* The absolute path of a program, as execvp(3) would find it; malloc'd.  NULL:
 * there is none. */
char *world_find_program(const char *name);
/* malloc'd */
char *world_absolute(const char *path);
/* A port that is free at every address, and is kept from those who ask for any
 * until world_tell(); 0: none. */
unsigned world_free_port(bool udp);
/* A copy of a descriptor, at FD_HIGH or above, in whose place /dev/null is, or
 * nothing.  -1: it is not open. */
int world_take_descriptor(int fd);
/* Every socket is bound: log the addresses and write them to the descriptor, as
 * the options say. */
void world_tell(struct superd *);

#endif
