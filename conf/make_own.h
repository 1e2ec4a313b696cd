/*
 * Between the files of make: make.c, make_socket.c and make_server.c.  Nobody
 * else includes this.
 */
#ifndef CONF_MAKE_OWN_H
#define CONF_MAKE_OWN_H

#include "conf/build.h"
#include "conf/rules.h"

/* For rules.c. */
const struct rules *build_rules(struct build *, struct rules *);
/* A yes or no that has another default than no. */
bool build_decide(struct build *, enum option_id, bool otherwise);
/* The value of the option is none of these names: refused. */
void build_unknown(struct build *, enum option_id, const char *what,
    const char *text, const char *const *names);

/* Protocol, family and type, and where it listens. */
void make_socket(struct build *);
/* What serves it, as whom, and whom. */
void make_server(struct build *);

#endif
