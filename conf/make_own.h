/*
 * Between the files of make: make.c, make_socket.c and make_server.c.  Nobody
 * else includes this.
 */
#ifndef CONF_MAKE_OWN_H
#define CONF_MAKE_OWN_H

#include "conf/build.h"
#include "conf/rules.h"

/* A yes or no that has another default than no. */
bool build_decide(struct build *, enum option_id, bool otherwise);
/* The value of the option is none of these names: refused. */
void build_unknown(struct build *, enum option_id, const char *what,
    const char *text, const char *const *names);

/* Something is missing; not said where a text without meaning, or a service
 * that is disabled, explains it. */
void build_lacks(struct build *, const char *what);

/* What only entries of xinetd.conf mean: conf/make_xinetd.c. */

/* The flags of family; the address that it listens at counts as one. */
unsigned xinetd_family(struct build *);
/* One of protocol and socket type tells the other, if both are usual. */
void xinetd_protocol(struct build *, const char *base);
/* A port that is given must be the one that the name has, unless the entry is
 * UNLISTED. */
void xinetd_port(struct build *, const char *base);
/* A user given by number needs no entry in passwd(5); false: it is none. */
bool xinetd_user(struct build *, const char *user, const char *group,
    bool groups);
/* Its lists of addresses, as they are compiled. */
void xinetd_access(struct build *);
/* What xinetd does otherwise is told, once all is made. */
void xinetd_notes(struct build *);

/* Protocol, family and type, and where it listens. */
void make_socket(struct build *);
/* What serves it, as whom, and whom. */
void make_server(struct build *);
/* What is wrong in defaults, whatever the service. */
void socket_defaults(struct build *);
void server_defaults(struct build *);

#endif
