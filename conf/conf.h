/*
 * The configuration, normalised and checked: services and global options.  A
 * struct conf is built by the readers, completed by conf_load(), and const
 * from then on: the daemon has it in memory that is mapped read-only.  Each
 * member has a row in conf/attribute_rows.c.  Nothing here knows what runs.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <sys/resource.h>
#include <sys/types.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/addr.h"
#include "conf/report.h"

struct box;  /* conf/box.h: what confines servers */
struct acl;  /* conf/acl.h: compiled access rules */
struct zone; /* conf/zone.h: a time zone */

/* The PATH of children; programs without a slash are looked up in it. */
#define CHILD_PATH \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum dialect { DIALECT_AUTO, DIALECT_INETD, DIALECT_XINETD, DIALECT_SUPERD };

/* A limit that is not set.  After conf_load(), only per_source can be unset,
 * which means a fair share. */
#define LIMIT_UNSET UINT_MAX
/* No limit. */
#define LIMIT_NONE 0u

static inline bool
is_limit(unsigned limit)
{
	return limit != LIMIT_NONE && limit != LIMIT_UNSET;
}

/* At most count events in so many seconds: a token bucket of count tokens that
 * refills in that time.  count may be LIMIT_UNSET or LIMIT_NONE. */
struct rate {
	unsigned count;
	unsigned seconds;
};

enum excess {
	EXCESS_QUEUE, /* wait in the backlog */
	EXCESS_REFUSE /* accept, say why, close */
};

/* Default idle limits of internal and of redirected services, in seconds. */
enum { INTERNAL_IDLE = 600, REDIRECT_IDLE = 3600 };

/* Default modes. */
enum { USUAL_MODE = 0666, USUAL_UMASK = 022 };

struct limits {
	unsigned instances;	 /* children of the service at once */
	unsigned per_source;	 /* the same for one client address */
	struct rate rate;	 /* starts of the service */
	struct rate source_rate; /* starts for one client address */
	unsigned max_pause;	 /* longest pause by rate, seconds; 0: any */
	unsigned internal_idle;	 /* of internal streams, seconds; 0: any */
	double max_load;	 /* refuse at this 1-minute load; 0: never */
	enum excess excess;	 /* above instances */
	unsigned time_limit;	 /* of a session, seconds; 0: any */
};

/* Seconds from SIGTERM to SIGKILL, where kill_after says nothing. */
enum { KILL_AFTER = 5 };

enum { MINUTES_PER_DAY = 24 * 60 };

enum { DAYS_PER_WEEK = 7, ALL_DAYS = (1 << DAYS_PER_WEEK) - 1 };

/* Minutes of a day, both ends included; from > to crosses midnight. */
struct hours {
	unsigned from, to;
	unsigned days;	   /* on which it begins; bit 0: Sunday */
	struct zone *zone; /* NULL: local time */
};

/* Of sockets, few of which have any: conf/socket_options.h. */
struct socket_option {
	unsigned option; /* enum option_id */
	unsigned value;	 /* seconds, for times */
};

struct resource_limit {
	int resource;	   /* RLIMIT_* */
	rlim_t soft, hard; /* RLIM_INFINITY: unlimited */
};

enum log_kind { LOG_TO_DEFAULT, LOG_TO_SYSLOG, LOG_TO_FILE, LOG_TO_STDERR };

struct log_target {
	enum log_kind kind;
	int facility, level; /* syslog(3) values */
	char *path;
	uint64_t soft, hard; /* bytes; 0: unlimited */
};

enum log_flag { /* log_on_success and log_on_failure */
	LOGS_PID = 1,
	LOGS_HOST = 2,
	LOGS_USERID = 4,
	LOGS_EXIT = 8,
	LOGS_DURATION = 16,
	LOGS_TRAFFIC = 32,
	LOGS_ATTEMPT = 64
};

/* How the addresses of clients are logged. */
enum log_peer { LOG_PEER_FULL, LOG_PEER_PREFIX, LOG_PEER_HASH, LOG_PEER_NONE };

/* The form of the lines of the log. */
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

/* What becomes of those that are served when superd stops; STOP_AUTO: ended
 * where superd is process 1, left elsewhere. */
enum stop_way { STOP_AUTO, STOP_LEAVE, STOP_DRAIN, STOP_KILL };

enum mux { MUX_NONE, MUX_PLAIN, MUX_PLUS };

enum stderr_to { STDERR_SOCKET, STDERR_LOG, STDERR_NULL };

enum family_choice { /* that the protocol or family asks for */
	FAMILY_BOTH, /* one IPv4 and one IPv6-only socket */
	FAMILY_INET,
	FAMILY_INET6,
	FAMILY_DUAL, /* one IPv6 socket that takes IPv4 too */
	FAMILY_UNIX
};

struct rpc_spec {
	bool enabled;
	unsigned long program;
	unsigned low, high; /* versions */
};

/* One socket to bind. */
struct endpoint {
	struct addr addr;
	bool v6only;
	bool optional; /* no error if the host lacks the family */
};

struct unix_node {  /* owner and mode of a unix socket */
	bool owned; /* uid and gid are set */
	uid_t uid;
	gid_t gid;
	mode_t mode; /* 0666 unless given */
};

struct redirect {
	char *host, *port;    /* as written; host NULL: no redirect */
	struct addr *targets; /* resolved at load */
	size_t ntargets;
	unsigned idle; /* seconds; 0: no idle limit; LIMIT_UNSET
			* until conf_load */
};

/* Seconds for a header, where proxy_timeout says nothing. */
enum { PROXY_TIMEOUT = 3 };

/* The PROXY protocol, on both sides of a service. */
struct proxy_rules {
	unsigned versions; /* of its clients' headers, 1 << 1 and 1 << 2;
			    * 0: they send none */
	unsigned sends;	   /* the version that its target gets; 0: none */
	unsigned timeout;  /* seconds; 0: not given */
	char **from;	   /* as written: whose headers are read */
	struct acl *acl;   /* compiled from it; NULL: nobody's */
};

/* Whom a unix socket is for: users, or members of groups. */
struct only_rules {
	char **users, **groups; /* as written */
	uid_t *uids;		/* what they are */
	size_t nuids;
	gid_t *gids;
	size_t ngids;
};

/* The state and the program of a child; names are resolved at load. */
struct command {
	char *program;	    /* absolute path */
	char **argv;	    /* NULL-terminated */
	char *user, *group; /* as written; NULL: superd's own, the
			     * user's */
	bool own_group;	    /* groups: the user's own instead of gid */
	bool as_peer;	    /* the client's user and groups instead, */
	bool peer_root;	    /* ... even if that is root */
	bool change_user;   /* uid, gid and groups below are valid */
	uid_t uid;
	gid_t gid;
	unsigned kill_after; /* seconds; 0: SIGKILL at once */
	gid_t *groups;
	size_t ngroups;
	char *home, *shell;   /* of the user, for env that asks */
	char **env;	      /* NAME=value to set; NULL-terminated or NULL */
	char **passenv;	      /* names that pass from superd's environment */
	bool passenv_set;     /* passenv was given, even if empty */
	bool env_all;	      /* xinetd: superd's whole environment passes */
	bool env_user;	      /* set USER LOGNAME HOME SHELL */
	bool env_peer;	      /* set PROTO, TCPREMOTEIP..., REMOTE_ADDR... */
	bool env_remote_host; /* set REMOTE_HOST as xinetd does */
	bool listen_fds;      /* wait: the socket is descriptor 3 */
	bool nice_set;
	int nice;
	mode_t umask; /* 022 unless given */
	enum stderr_to stderr_to;
	struct resource_limit *rlimits;
	size_t nrlimits;
	char *chroot, *directory;
	struct box *box; /* NULL: none */
};

/* Who may connect; compiled from only_from and no_access. */
struct access {
	bool only_from_set; /* given, even if empty: then nobody */
	bool libwrap;	    /* ask hosts_access(5), in the child */
	char **only_from;   /* as written, NULL-terminated, or NULL */
	char **no_access;
	struct acl *acl; /* compiled; NULL: everybody */
	struct hours *hours;
	size_t nhours;
	char *libwrap_name; /* daemon name for it; NULL: basename argv0 */
};

enum banner { BANNER_ALWAYS, BANNER_SUCCESS, BANNER_FAIL, BANNERS };

/* The contents of a banner's file at the load. */
struct banner_text {
	char *path;
	char *bytes;
	size_t length; /* bytes; BANNER_MAX at most */
};

/* A new socket's buffer takes this much at once. */
enum { BANNER_MAX = 8192 };

enum process_choice {
	PROCESS_SHARED, /* one of internal_processes */
	PROCESS_OWN	/* one that serves nobody else */
};

struct service {
	/* who */
	char *id;	    /* unique in a conf: "ftp/tcp", "a:ftp/tcp" */
	char *name;	    /* service as written: name, port or path */
	struct place place; /* file owned by the conf; start of entry */
	enum dialect dialect;
	bool disabled;	 /* read and checked, not started */
	bool unservable; /* not served: an error says why */
	bool retry;	 /* unservable, but a later load may help */

	/* socket */
	int socktype; /* SOCK_STREAM, ... */
	int protocol; /* IPPROTO_*; 0 for unix */
	enum family_choice family;
	uint16_t port; /* 0: unix, raw, rpc or mux */
	bool nodelay, keepalive;
	char *proto; /* as written, without options: "tcp6" */
	struct endpoint *endpoints;
	size_t nendpoints;
	struct unix_node node;
	unsigned rcvbuf, sndbuf; /* bytes; 0: the system's */
	unsigned backlog;	 /* LIMIT_UNSET until conf_load */
	enum mux mux;		 /* reached through tcpmux only */
	char *interface;	 /* SO_BINDTODEVICE; NULL: none */
	char **multicast;	 /* groups to join, conf/multicast.h */
	struct socket_option *options;
	size_t noptions;
	struct rpc_spec rpc;

	/* behaviour: exactly one of internal, redirect, command.program */
	char *internal; /* "echo", ... ; NULL: external */
	struct redirect redirect;
	struct command command;
	bool wait;
	enum process_choice process; /* of internal and redirected ones */
	struct proxy_rules *proxy;   /* NULL: it has none */
	struct only_rules *only;     /* NULL: for all users */

	/* rules */
	bool sensor;   /* clients go on the deny list */
	bool idonly;   /* serve only clients whose user is known */
	int deny_time; /* minutes; -1 for ever; 0 never */
	struct limits limits;
	struct access access;
	char *banner, *banner_success, *banner_fail; /* paths */
	/* read from these by conf_load, owned by the conf; NULL: none */
	const struct banner_text *banners[BANNERS];
	struct log_target log;
	unsigned log_on_success, log_on_failure; /* enum log_flag */
};

/* Who may use the control socket. */
struct control_group {
	char *name; /* NULL: not set */
	gid_t gid;  /* -1: no such group */
};

/* The largest internal_processes. */
enum { INTERNAL_PROCESSES = 64 };

struct globals {	/* superd.conf outside of sections */
	char *pid_file; /* NULL: not set */
	char *control;	/* control socket; NULL: not set */
	struct control_group control_group, control_admin;
	char *state_file; /* a path, or "none"; NULL: not set */
	struct log_target log;
	unsigned backlog; /* LIMIT_UNSET: not set, as all below */
	unsigned max_children;
	unsigned max_connections;	/* of workers */
	unsigned internal_processes;	/* 1 to INTERNAL_PROCESSES */
	struct client_bits client_bits; /* source_prefix */
	enum log_peer log_peer;
	enum log_format log_format;
	struct limits limits; /* for entries that say nothing */
	bool strict;
	unsigned load_timeout; /* seconds a load may take */
	uint64_t load_memory;  /* bytes it may use; 0: as superd chooses */
	enum stop_way stop;
	unsigned stop_timeout; /* seconds; LIMIT_UNSET: as superd chooses */
	uid_t internal_uid;    /* of superd's unprivileged processes */
	gid_t internal_gid;
};

struct conf {
	struct globals globals;
	struct service **services;
	size_t count;
	char **files; /* every file read, in order */
	size_t nfiles;
	struct banner_text **banners; /* one for each file */
	size_t nbanners;
	uint64_t stamp; /* changes when any of all these files does */
};

#endif
