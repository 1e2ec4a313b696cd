/*
 * The attributes of services and of superd itself: one row for each, with its
 * name in superd.conf, where it may stand, and where the model has it.  What
 * the model has of its own, worked out from attributes, has a row without a
 * name: every octet of struct service and struct globals belongs to a row.
 * Equality, freeing, copying (conf/store.h) and printing are loops over the
 * rows.
 */
#ifndef CONF_ATTRIBUTE_H
#define CONF_ATTRIBUTE_H

#include "conf/conf.h"

/* In the order in which they are printed and take effect, whatever the order
 * of lines. */
enum option_id {
	OPTION_PID_FILE,
	OPTION_CONTROL,
	OPTION_CONTROL_GROUP,
	OPTION_CONTROL_ADMIN,
	OPTION_STATE_FILE,
	OPTION_MAX_CHILDREN,
	OPTION_MAX_CONNECTIONS,
	OPTION_INTERNAL_PROCESSES,

	OPTION_ID,
	OPTION_DISABLE,
	OPTION_NAME,

	OPTION_SOCKET_TYPE,
	OPTION_PROTOCOL,
	OPTION_WAIT,
	OPTION_TYPE,
	OPTION_FAMILY,
	OPTION_V6ONLY,
	OPTION_PORT,
	OPTION_BIND,
	OPTION_LISTEN,
	OPTION_RPC_NUMBER,
	OPTION_RPC_VERSION,
	OPTION_SOCKET_USER,
	OPTION_SOCKET_GROUP,
	OPTION_SOCKET_MODE,
	OPTION_INTERFACE,
	OPTION_MULTICAST,
	OPTION_RCVBUF,
	OPTION_SNDBUF,
	OPTION_BACKLOG,
	OPTION_MARK,
	OPTION_TOS,
	OPTION_TTL,
	OPTION_FREEBIND,
	OPTION_TRANSPARENT,
	OPTION_DEFER_ACCEPT,
	OPTION_KEEPALIVE_TIME,
	OPTION_KEEPALIVE_INTERVAL,
	OPTION_KEEPALIVE_PROBES,
	OPTION_USER_TIMEOUT,
	OPTION_SOCKET_OPTIONS,
	OPTION_PROXY_PROTOCOL,
	OPTION_PROXY_FROM,
	OPTION_PROXY_TIMEOUT,

	OPTION_INTERNAL,
	OPTION_REDIRECT,
	OPTION_REDIRECT_IDLE,
	OPTION_REDIRECT_PROXY,
	OPTION_PROCESS,
	OPTION_SERVER,
	OPTION_SERVER_ARGS,
	OPTION_USER,
	OPTION_PEER_ROOT,
	OPTION_GROUP,
	OPTION_GROUPS,
	OPTION_FLAGS,
	OPTION_ENV,
	OPTION_PASSENV,
	OPTION_ENV_ALL,
	OPTION_ENV_USER,
	OPTION_ENV_PEER,
	OPTION_ENV_REMOTE_HOST,
	OPTION_LISTEN_FDS,
	OPTION_UMASK,
	OPTION_NICE,

	OPTION_RLIMIT_AS,
	OPTION_RLIMIT_CORE,
	OPTION_RLIMIT_CPU,
	OPTION_RLIMIT_DATA,
	OPTION_RLIMIT_FILES,
	OPTION_RLIMIT_FSIZE,
	OPTION_RLIMIT_LOCKS,
	OPTION_RLIMIT_MEMLOCK,
	OPTION_RLIMIT_MSGQUEUE,
	OPTION_RLIMIT_NICE,
	OPTION_RLIMIT_NOFILE,
	OPTION_RLIMIT_NPROC,
	OPTION_RLIMIT_RSS,
	OPTION_RLIMIT_RTPRIO,
	OPTION_RLIMIT_RTTIME,
	OPTION_RLIMIT_SIGPENDING,
	OPTION_RLIMIT_STACK,
	OPTION_RLIMITS,

	OPTION_CHROOT,
	OPTION_DIRECTORY,
	OPTION_STDERR,

	OPTION_BOX,
	OPTION_BOX_FALLBACK,
	OPTION_NO_NEW_PRIVS,
	OPTION_CAPABILITIES,
	OPTION_PRIVATE_TMP,
	OPTION_TMP_SIZE,
	OPTION_PRIVATE_NET,
	OPTION_PRIVATE_PID,
	OPTION_PRIVATE_IPC,
	OPTION_ROOT,
	OPTION_READ_ONLY,
	OPTION_READ_WRITE,
	OPTION_HIDDEN,
	OPTION_MEMORY_MAX,
	OPTION_PIDS_MAX,
	OPTION_CPU_MAX,
	OPTION_IO_WEIGHT,
	OPTION_OOM_SCORE_ADJUST,
	OPTION_SYSCALLS,
	OPTION_CPU_AFFINITY,

	OPTION_INSTANCES,
	OPTION_PER_SOURCE,
	OPTION_CPS,
	OPTION_RATE,
	OPTION_SOURCE_RATE,
	OPTION_MAX_PAUSE,
	OPTION_INTERNAL_IDLE,
	OPTION_TIME_LIMIT,
	OPTION_KILL_AFTER,
	OPTION_MAX_LOAD,
	OPTION_EXCESS,
	OPTION_ONLY_FROM,
	OPTION_NO_ACCESS,
	OPTION_ONLY_USERS,
	OPTION_ONLY_GROUPS,
	OPTION_ACCESS_TIMES,
	OPTION_LIBWRAP,
	OPTION_LIBWRAP_NAME,
	OPTION_DENY_TIME,
	OPTION_BANNER,
	OPTION_BANNER_SUCCESS,
	OPTION_BANNER_FAIL,
	OPTION_LOG_TYPE,
	OPTION_LOG_ON_SUCCESS,
	OPTION_LOG_ON_FAILURE,
	OPTION_LOG_FACILITY,
	OPTION_LOG_PEER,
	OPTION_LOG_FORMAT,

	OPTION_SOURCE_PREFIX,
	OPTION_STRICT,
	OPTION_LOAD_TIMEOUT,
	OPTION_LOAD_MEMORY,
	OPTION_STOP,
	OPTION_STOP_TIMEOUT,
	OPTION_INCLUDE,
	OPTION_INETD_CONF,
	OPTION_XINETD_CONF,

	OPTIONS
};

/* Words of type and of flags, in superd.conf and in xinetd.conf. */
enum option_type {
	TYPE_INTERNAL = 1,
	TYPE_RPC = 2,
	TYPE_UNLISTED = 4,
	TYPE_TCPMUX = 8,
	TYPE_TCPMUXPLUS = 16
};

enum option_flag {
	FLAG_IPV4 = 1,
	FLAG_IPV6 = 2,
	FLAG_NAMEINARGS = 4,
	FLAG_NOLIBWRAP = 8,
	FLAG_REUSE = 16,
	FLAG_NODELAY = 32,
	FLAG_KEEPALIVE = 64,
	FLAG_NORETRY = 128,
	FLAG_IDONLY = 256,
	FLAG_INTERCEPT = 512,
	FLAG_SENSOR = 1024,
	FLAG_LABELED = 2048
};

enum option_where { IN_GLOBAL = 1, IN_DEFAULTS = 2, IN_SERVICE = 4 };

struct type; /* conf/type.h */

/* In bytes from the front of struct service, struct globals. */
#define NOWHERE ((size_t)-1)

struct attribute {
	const char *name;     /* NULL: nobody writes it */
	unsigned where;	      /* option_where; 0: not as an option */
	unsigned least, most; /* values; most 0: any number, and += */
	const struct type *type;
	size_t in_service; /* where the member stands, or NOWHERE */
	size_t in_globals;
	size_t in_box;	/* struct box, which is made for it */
	size_t size;	/* of the member, bytes */
	size_t count;	/* of arrays: where their number stands */
	unsigned usual; /* what it is where nothing says it: of
			   limits, octal numbers and idle times */
};

/* Every row: first those of enum option_id, then those without a name. */
extern const struct attribute attributes[]; /* conf/attribute_rows.c */
extern const size_t attributes_count;

/* OPTIONS if there is none of this name. */
enum option_id option_find(const char *name);
const char *option_name(enum option_id);
/* report_hint() with the names that may stand here. */
const char *option_hint(struct hint *, const char *name, enum option_where);
bool option_may_stand(enum option_id, enum option_where);
bool option_is_list(enum option_id);
/* What is wrong with a number of values; NULL: nothing. */
const char *option_count_is_wrong(enum option_id, size_t count);

#endif
