/*
 * Parked listeners: they wait behind one epoll(7) descriptor that pselect()
 * watches in their place, so that idle ones cost nothing.
 */
#ifndef SUPERD_BASE_LOOP_PARKING_H
#define SUPERD_BASE_LOOP_PARKING_H

#include <stdbool.h>

struct loop;

/* From now on listeners are parked, those already there too; without memory
 * or a descriptor for it, nothing changes. */
void loop_start_parking(struct loop *);
/* False: it has to be watched itself. */
bool loop_park(struct loop *, int fd);
void loop_unpark(struct loop *, int fd);

#endif
