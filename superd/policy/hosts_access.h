/*
 * The files of hosts_access(5): only whether there is anything to ask them.
 */
#ifndef SUPERD_POLICY_HOSTS_ACCESS_H
#define SUPERD_POLICY_HOSTS_ACCESS_H

#include <stdbool.h>

/* Has hosts.deny a rule, or hosts.allow one that refuses? */
bool hosts_refuse(void);
/* The same of other files, for tests. */
bool hosts_files_refuse(const char *allow, const char *deny);

#endif
