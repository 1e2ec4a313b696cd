/* What internal processes take for granted. */
#include "superd/serve/premises.h"

#include <sys/stat.h>

static const char zone_file[] = "/etc/localtime";

void
premises_take(struct premises *premises, const struct superd *superd)
{
	struct stat zone = { .st_ino = 0 };

	*premises = (struct premises){ .client_bits = superd->client_bits,
		.processes = superd->conf->globals.internal_processes,
		.connections = superd->pools[PLACE_CONNECTION].max,
		.talks = superd->pools[PLACE_TALK].max };
	/* a host without one has UTC */
	if (stat(zone_file, &zone) == 0) {
		premises->zone = zone.st_ino;
		premises->zone_changed = zone.st_mtime;
	}
}

bool
premises_hold(const struct premises *premises, const struct superd *superd)
{
	struct premises now;

	premises_take(&now, superd);
	return premises->client_bits.v4 == now.client_bits.v4 &&
	    premises->client_bits.v6 == now.client_bits.v6 &&
	    premises->processes == now.processes &&
	    premises->connections == now.connections &&
	    premises->talks == now.talks && premises->zone == now.zone &&
	    premises->zone_changed == now.zone_changed;
}
