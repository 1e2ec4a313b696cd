/* Sensors: services that serve nobody.  A client that connects to one is denied
 * by all services for the sensor's deny_time. */
#ifndef SUPERD_POLICY_SENSOR_H
#define SUPERD_POLICY_SENSOR_H

#include "superd/running/superd.h"

struct sensors *sensors_new(void);   /* never NULL */
void sensors_free(struct sensors *); /* accepts NULL */
/* The number of clients that a full deny list had no room for. */
uint64_t sensors_left_out(const struct sensors *);
/* Put a client that has connected on the deny list, and log that.  Not for
 * senders of datagrams, whose addresses can be forged. */
void sensor_hit(struct running *, const struct addr *peer);
/* Is this client on the deny list?  now: loop_clock(). */
bool sensor_denies(const struct superd *, const struct addr *peer, int64_t now);

#endif
