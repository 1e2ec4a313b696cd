/* Shared by make.c, make_socket.c, make_server.c and make_xinetd.c, and private
 * to them. */
#ifndef CONF_MAKE_OWN_H
#define CONF_MAKE_OWN_H

#include "conf/build.h"
#include "conf/rules.h"

/* The value of a boolean option; otherwise if it is not set. */
bool build_decide(struct build *, enum option_id, bool otherwise);
/* Refuse a value that is none of these names: "unknown WHAT TEXT". */
void build_unknown(struct build *, enum option_id, const char *what,
    const char *text, const char *const *names);

/* Refuse a service in which something is missing, unless it is disabled or an
 * error was reported that may be the reason. */
void build_lacks(struct build *, const char *what);

/* What is special in xinetd.conf: conf/make_xinetd.c. */

/* The bits FLAG_IPV4 and FLAG_IPV6, also by the family of bind. */
unsigned xinetd_family(struct build *);
/* Require protocol and socket_type, unless one implies the other. */
void xinetd_protocol(struct build *, const char *base);
/* Require the port of /etc/services, unless the entry is UNLISTED. */
void xinetd_port(struct build *, const char *base);
/* Set the user if it is given by number, without passwd(5).  False: it has to
 * be looked up. */
bool xinetd_user(struct build *, const char *user, const char *group,
    bool groups);
/* Adapt the access lists to xinetd's meaning, before they are compiled. */
void xinetd_access(struct build *);
/* Warn of differences from xinetd, after everything else. */
void xinetd_notes(struct build *);

/* Check who may come to a unix socket, and as whom its server runs, once the
 * rest is known: conf/make_only.c. */
void make_only(struct build *);
/* Check what is said of the PROXY protocol, once the rest is known, and compile
 * whose headers are read: conf/make_proxy.c. */
void make_proxy(struct build *);

/* Set protocol, family, socket type and endpoints. */
void make_socket(struct build *);
/* Set the server, its user, and who has access. */
void make_server(struct build *);
/* Report errors in defaults that concern the socket, and the server. */
void socket_defaults(struct build *);
void server_defaults(struct build *);

#endif
