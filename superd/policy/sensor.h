/*
 * Sensors: services that serve nobody.  Who connects to one is denied by all
 * services, for the sensor's deny_time.
 */
#ifndef SUPERD_POLICY_SENSOR_H
#define SUPERD_POLICY_SENSOR_H

#include "superd/running/superd.h"

struct sensors *sensors_new(void);
void sensors_free(struct sensors *);
/* Clients who set off one, and for whom the deny list had no room. */
uint64_t sensors_left_out(const struct sensors *);
/*
 * Somebody has connected: the client's address is its own, which nobody can
 * say of the sender of a datagram; those are only refused.
 */
void sensor_hit(struct running *, const struct addr *peer);
/* Has this client set off a sensor? */
bool sensor_denies(const struct superd *, const struct addr *peer, int64_t now);

#endif
