/*
 * Names of systemd.socket(5), systemd.service(5) and systemd.exec(5) that
 * superd knows, each once, and the attributes that say the same.
 */
#ifndef SUPERD_SYSTEMD_KEYS_H
#define SUPERD_SYSTEMD_KEYS_H

#include "conf/attribute.h"

enum key {
	KEY_LISTEN_STREAM,
	KEY_LISTEN_DATAGRAM,
	KEY_LISTEN_SEQPACKET,
	KEY_ACCEPT,
	KEY_SERVICE,
	KEY_BIND_IPV6_ONLY,
	KEY_NODELAY,
	KEY_KEEPALIVE,
	KEY_MAX_CONNECTIONS,
	KEY_MAX_PER_SOURCE,
	KEY_TRIGGER_SECONDS,
	KEY_TRIGGER_BURST,
	KEY_ALLOW,
	KEY_DENY,
	KEY_EXEC,
	KEY_USER,
	KEY_ENVIRONMENT,
	KEY_PASS_ENVIRONMENT,
	KEY_STDIN,
	KEY_STDOUT,
	KEY_STDERR,
	/* what says the same in both */
	KEY_SAME,
	KEYS = KEY_SAME + 26
};

struct key_row {
	const char *section, *name;
	enum option_id id; /* of those that say the same */
};

extern const struct key_row keys[KEYS];

/* As many as nobody has: systemd has no word for no limit. */
enum { KEY_ANY_CONNECTIONS = 1000000000 };

/* The key that says the same as an attribute; KEYS: none. */
enum key key_same(enum option_id);
/* Is it a limit of resources, whose "unlimited" is "infinity" there? */
bool key_is_rlimit(enum key);
/* Replace each from by to: malloc'd. */
char *key_reword(const char *text, const char *from, const char *to);

/* How a service of a socket type listens. */
struct key_listen {
	enum key key;
	int socktype;
	const char *socket_type, *protocol; /* in superd.conf; NULL: unix */
};

enum { KEY_LISTENS = 3 };

extern const struct key_listen key_listens[KEY_LISTENS];

#endif
