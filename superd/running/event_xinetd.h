/*
 * The log lines of xinetd, as its log_on_success and log_on_failure ask for
 * them, so that what reads its logs goes on to work.
 */
#ifndef SUPERD_RUNNING_EVENT_XINETD_H
#define SUPERD_RUNNING_EVENT_XINETD_H

#include "superd/running/children.h"
#include "superd/running/superd.h"

/* "START: id pid=N from=ADDRESS"; nothing where the service asks for none */
void xlog_start(const struct running *, pid_t, const struct addr *peer);
/* "TRAFFIC: id in=N(bytes) out=N(bytes)", where the octets are known, and
 * "EXIT: id status=N pid=N duration=N(sec)" */
void xlog_exit(const struct child *, int status);
/* "FAIL: id REASON from=ADDRESS" */
void xlog_fail(const struct running *, const struct addr *peer, enum refusal);
/* "USERID: id SYSTEM : USER"; user NULL: "NOID: id ADDRESS WHY" */
void xlog_user(const struct running *, const struct addr *peer,
    const char *user, const char *why);

#endif
