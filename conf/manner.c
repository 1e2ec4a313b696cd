/* The dialects, side by side. */
#include "conf/manner.h"

static const struct manner manners[] = {
	[DIALECT_INETD] = { "wait", "nowait", "", false, true, true },
	[DIALECT_XINETD] = { "wait = yes", "wait = no",
	    ": flags = NOLIBWRAP says that this is meant", true, false, false },
	[DIALECT_SUPERD] = { "wait = yes", "wait = no",
	    ": flags = NOLIBWRAP says that this is meant", false, false,
	    false },
};

const struct manner *
manner_of(enum dialect dialect)
{
	return &manners[dialect];
}
