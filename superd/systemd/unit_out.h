/* One service of superd as the text of two units.  Knows no files. */
#ifndef SUPERD_SYSTEMD_UNIT_OUT_H
#define SUPERD_SYSTEMD_UNIT_OUT_H

#include <stdio.h>

#include "conf/conf.h"

/* What the sockets of a service from this one on, so many, become. */
struct unit_out {
	const struct service *service;
	const struct globals *globals;
	size_t first, count;
};

/* Why systemd has nothing that serves it; NULL: it has. */
const char *unit_out_impossible(const struct service *);
/* Does each of its clients get a server of its own? */
bool unit_out_accepts(const struct service *);
void unit_out_socket(const struct unit_out *, FILE *);
void unit_out_service(const struct unit_out *, FILE *);

#endif
