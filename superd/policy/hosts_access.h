/* Do the files of hosts_access(5) refuse anybody?  If not, libwrap does not
 * have to be asked. */
#ifndef SUPERD_POLICY_HOSTS_ACCESS_H
#define SUPERD_POLICY_HOSTS_ACCESS_H

#include <stdbool.h>

/* Has hosts.deny a rule, or hosts.allow one that refuses? */
bool hosts_refuse(void);
/* The same for other files, for tests. */
bool hosts_files_refuse(const char *allow, const char *deny);

#endif
