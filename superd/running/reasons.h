/* Why clients are refused, in the words of superd and of xinetd. */
#ifndef SUPERD_RUNNING_REASONS_H
#define SUPERD_RUNNING_REASONS_H

#include "superd/running/superd.h"

/* "per_source" */
const char *refusal_name(enum refusal);
/* "per_source_limit" */
const char *refusal_name_xinetd(enum refusal);

#endif
