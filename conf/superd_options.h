/*
 * The options of superd.conf: their names, where they may stand, how many
 * values they take, and what the values mean.  Knows texts with their places
 * and the model; not the syntax around them.
 */
#ifndef CONF_SUPERD_OPTIONS_H
#define CONF_SUPERD_OPTIONS_H

#include "conf/readers.h"

/* In the order in which they take effect, whatever the order of lines. */
enum option_id {
	OPTION_ID, OPTION_NAME, OPTION_DISABLE,

	OPTION_SOCKET_TYPE, OPTION_PROTOCOL, OPTION_TYPE, OPTION_FLAGS,
	OPTION_FAMILY, OPTION_V6ONLY, OPTION_PORT, OPTION_BIND,
	OPTION_LISTEN, OPTION_INTERFACE, OPTION_MULTICAST,
	OPTION_RPC_NUMBER, OPTION_RPC_VERSION, OPTION_SOCKET_USER, OPTION_SOCKET_GROUP,
	OPTION_SOCKET_MODE, OPTION_RCVBUF, OPTION_SNDBUF, OPTION_BACKLOG,

	OPTION_WAIT, OPTION_INTERNAL, OPTION_REDIRECT, OPTION_REDIRECT_IDLE,
	OPTION_SERVER, OPTION_SERVER_ARGS, OPTION_USER, OPTION_GROUP,
	OPTION_GROUPS, OPTION_ENV, OPTION_PASSENV, OPTION_ENV_ALL,
	OPTION_ENV_USER, OPTION_ENV_PEER, OPTION_ENV_REMOTE_HOST,
	OPTION_UMASK, OPTION_NICE, OPTION_CHROOT, OPTION_DIRECTORY,
	OPTION_STDERR,

	OPTION_RLIMIT_AS, OPTION_RLIMIT_CORE, OPTION_RLIMIT_CPU,
	OPTION_RLIMIT_DATA, OPTION_RLIMIT_FILES, OPTION_RLIMIT_FSIZE,
	OPTION_RLIMIT_LOCKS, OPTION_RLIMIT_MEMLOCK, OPTION_RLIMIT_MSGQUEUE,
	OPTION_RLIMIT_NICE, OPTION_RLIMIT_NOFILE, OPTION_RLIMIT_NPROC,
	OPTION_RLIMIT_RSS, OPTION_RLIMIT_RTPRIO, OPTION_RLIMIT_RTTIME,
	OPTION_RLIMIT_SIGPENDING, OPTION_RLIMIT_STACK,

	OPTION_INSTANCES, OPTION_PER_SOURCE, OPTION_CPS, OPTION_RATE,
	OPTION_SOURCE_RATE, OPTION_MAX_PAUSE,
	OPTION_INTERNAL_IDLE, OPTION_MAX_LOAD,
	OPTION_EXCESS, OPTION_ONLY_FROM, OPTION_NO_ACCESS,
	OPTION_ACCESS_TIMES, OPTION_LIBWRAP, OPTION_LIBWRAP_NAME,
	OPTION_DENY_TIME, OPTION_BANNER, OPTION_BANNER_SUCCESS,
	OPTION_BANNER_FAIL, OPTION_LOG_TYPE, OPTION_LOG_ON_SUCCESS,
	OPTION_LOG_ON_FAILURE,

	OPTION_PID_FILE, OPTION_CONTROL, OPTION_CONTROL_GROUP,
	OPTION_LOG_FACILITY, OPTION_MAX_CHILDREN, OPTION_STRICT,
	OPTION_SOURCE_PREFIX, OPTION_MAX_CONNECTIONS,
	OPTION_LOAD_TIMEOUT, OPTION_LOAD_MEMORY,
	OPTION_INCLUDE, OPTION_INETD_CONF, OPTION_XINETD_CONF,

	OPTIONS
};

enum option_where { IN_GLOBAL = 1, IN_DEFAULTS = 2, IN_SERVICE = 4 };

/* What one section says of one option. */
struct setting {
	bool set;
	bool append;		/* only "+=", "-=": to what the defaults say */
	bool borrowed;		/* the defaults' own, which free it */
	struct place place;	/* of the option's name */
	char **values;
	struct place *places;	/* of the values */
	bool *removes;		/* which are to be taken away from before */
	size_t count;
	unsigned sequence;	/* in the order of lines, defaults first */
};

/* A section on its way into the model. */
struct build {
	struct loader *loader;
	const struct setting *settings;	/* OPTIONS of them */
	struct service *service;
	struct globals *globals;	/* one of these two is NULL */
	unsigned type, flags;		/* option_type, option_flag */
	bool bad;			/* a text in it has no meaning */
};

enum option_type { TYPE_INTERNAL = 1, TYPE_RPC = 2, TYPE_UNLISTED = 4,
	TYPE_TCPMUX = 8, TYPE_TCPMUXPLUS = 16 };

enum option_flag { FLAG_IPV4 = 1, FLAG_IPV6 = 2, FLAG_NAMEINARGS = 4,
	FLAG_NOLIBWRAP = 8, FLAG_REUSE = 16, FLAG_NODELAY = 32,
	FLAG_KEEPALIVE = 64, FLAG_NORETRY = 128, FLAG_IDONLY = 256,
	FLAG_INTERCEPT = 512, FLAG_SENSOR = 1024, FLAG_LABELED = 2048 };

/* OPTIONS if there is none of this name. */
enum option_id option_find(const char *name);
const char *option_name(enum option_id);
/* The nearest name among those that may stand here, or NULL. */
const char *option_nearest(const char *name, enum option_where);
bool	option_may_stand(enum option_id, enum option_where);
bool	option_is_list(enum option_id);
/* What is wrong with a number of values; NULL: nothing. */
const char *option_count_is_wrong(enum option_id, size_t count);

/* The places of values that are read later: superd_settings.c, as below. */
void	setting_note(struct setting *, const struct place *, size_t count,
	    bool remove);
/* Take away what is marked so, once the defaults' values are there, too.
 * False if something was not there: reported. */
bool	settings_remove(struct setting *, struct reports *);
/* What a service does not say it takes from the defaults. */
void	settings_inherit(struct setting *, const struct setting *defaults);
void	settings_free(struct setting *);

/* Each option that stands for a member of the model. */
void	options_apply(struct build *);
/* What options mean together: conf/superd_service.c. */
void	service_complete(struct build *);

/* A text without meaning: a report, and build->bad. */
void	build_refuse(struct build *, const struct place *, const char *, ...)
	    __attribute__((format(printf, 3, 4)));

#endif
