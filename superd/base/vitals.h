/* What this process takes of the host. */
#ifndef SUPERD_BASE_VITALS_H
#define SUPERD_BASE_VITALS_H

#include <stdint.h>

struct vitals {
	int64_t cpu;	  /* microseconds, of user and system */
	int64_t resident; /* octets; -1: proc(5) does not tell */
	int64_t files;	  /* open descriptors; -1 likewise */
};

/* Takes some microseconds, however many descriptors there are. */
void vitals_read(struct vitals *);

#endif
