/*
 * Resolving names of an entry on this host, for conf/make.h.  Each function
 * sets members of build->service, and reports errors at the given place.
 */
#ifndef CONF_RESOLVE_H
#define CONF_RESOLVE_H

#include "conf/build.h"

/* group NULL: the user's own.  supplementary: the user's groups, as
 * initgroups(3) sets them; else none. */
void resolve_user(struct build *, const char *user, const char *group,
    bool supplementary, const struct place *);
/* A port number, or a name of /etc/services for the protocol ("tcp"). */
void resolve_port(struct build *, const char *name, const char *proto,
    const struct place *);
/*
 * Endpoints for a host (numeric, name, or NULL and "*": any) at the port of
 * the service, by service->family.
 */
void resolve_listen(struct build *, const char *host, const struct place *);
/* Owner of a unix socket; group NULL: the user's own.  With a group, numbers
 * need no account. */
void resolve_owner(struct build *, const struct value *user,
    const struct value *group);
/* The number of a user or of a group, given so or by its name.  False: it is
 * reported. */
bool resolve_uid(struct build *, const struct value *, uid_t *);
bool resolve_gid(struct build *, const struct value *, gid_t *);
/* An endpoint for a unix socket path. */
void resolve_path(struct build *, const char *path, const struct place *);
/* command.program; a warning where it cannot be executed now. */
void resolve_program(struct build *, const char *path, const struct place *);
/* The same for a name without a slash, looked up in CHILD_PATH, with a
 * warning.  False, and nothing is reported, if it is not there. */
bool resolve_named_program(struct build *, const char *name,
    const struct place *);
/* service->rpc for a program name or number and "lo-hi" versions. */
void resolve_rpc(struct build *, const char *name, const char *versions,
    const struct place *);
/* redirect.targets, for the host and the port that stand in redirect. */
void resolve_redirect(struct build *, const struct place *);
/* "stream", "dgram", ...; -1 if it is none of them. */
int resolve_socktype(const char *name);
const char *const *resolve_socktype_names(void);
/* "stream" for SOCK_STREAM; NULL if it is no type. */
const char *resolve_socktype_name(int);
/*
 * "tcp", "tcp4", "tcp6", "tcp6only", "tcp46", the same for udp, "unix", or a
 * name of /etc/protocols (raw): sets protocol and family; *base is the name
 * without the family.  -1 if it is unknown (nothing is reported).
 */
int resolve_protocol(struct build *, const char *name, const char **base);
/* The same name if superd itself knows it, else NULL; and report_hint() with
 * those that it knows. */
const char *resolve_known_protocol(const char *name);
const char *resolve_protocol_hint(struct hint *, const char *name);
/* The family that a protocol has in its name. */
enum family_choice resolve_family(const char *name);
/* The internal service of a name, alias or port; NULL if there is none. */
const char *resolve_internal(struct build *, const char *name);
/* Restrict a service that shows what runs here ("services", "servers",
 * "metrics", "status") to this
 * host, unless only_from is given; once its access lists are known. */
void resolve_page(struct service *);
bool resolve_is_page(const struct service *);

#endif
