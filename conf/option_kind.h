/* What options are like, for command lines made of them. */
#ifndef CONF_OPTION_KIND_H
#define CONF_OPTION_KIND_H

#include "conf/attribute.h"

/* Is its value yes or no? */
bool option_is_switch(enum option_id);

#endif
