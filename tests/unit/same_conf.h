/* Do two configurations say the same?  For tests of what is read back. */
#ifndef TESTS_UNIT_SAME_CONF_H
#define TESTS_UNIT_SAME_CONF_H

#include "conf/service.h"

static inline bool
same_conf(const struct conf *a, const struct conf *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!service_equal(a->services[i], b->services[i]))
			return false;
	return true;
}

#endif
