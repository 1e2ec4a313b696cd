/* Kinds of options, told by their types. */
#include "conf/option_kind.h"

#include "conf/type.h"

bool
option_is_switch(enum option_id id)
{
	static const struct type *const types[] = { &type_bool, &type_wait,
		&type_libwrap, &type_own_group, &type_freebind,
		&type_transparent };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (attributes[id].type == types[i])
			return true;
	return id == OPTION_V6ONLY;
}
