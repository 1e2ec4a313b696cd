/* Default paths of files.  The build may set SYSCONFDIR and RUNSTATEDIR. */
#ifndef SUPERD_BASE_PATHS_H
#define SUPERD_BASE_PATHS_H

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif
#ifndef RUNSTATEDIR
#define RUNSTATEDIR "/run"
#endif

#define SUPERD_CONF SYSCONFDIR "/superd.conf"
#define SUPERD_PID  RUNSTATEDIR "/superd.pid"
#define INETD_CONF  SYSCONFDIR "/inetd.conf"
#define INETD_PID   RUNSTATEDIR "/inetd.pid"
#define XINETD_CONF SYSCONFDIR "/xinetd.conf"
#define XINETD_PID  RUNSTATEDIR "/xinetd.pid"
#define XINETD_DUMP RUNSTATEDIR "/xinetd.dump"

#endif
