/* The rows. */
#include "superd/systemd/keys.h"

#include <sys/socket.h>
#include <stdlib.h>
#include <string.h>

#include "conf/xalloc.h"

#define SOCKET(text)                    \
	{                               \
		"Socket", text, OPTIONS \
	}
#define SERVICE(text)                    \
	{                                \
		"Service", text, OPTIONS \
	}

const struct key_row keys[KEYS] = {
	[KEY_LISTEN_STREAM] = SOCKET("ListenStream"),
	[KEY_LISTEN_DATAGRAM] = SOCKET("ListenDatagram"),
	[KEY_LISTEN_SEQPACKET] = SOCKET("ListenSequentialPacket"),
	[KEY_ACCEPT] = SOCKET("Accept"),
	[KEY_SERVICE] = SOCKET("Service"),
	[KEY_BIND_IPV6_ONLY] = SOCKET("BindIPv6Only"),
	[KEY_NODELAY] = SOCKET("NoDelay"),
	[KEY_KEEPALIVE] = SOCKET("KeepAlive"),
	[KEY_MAX_CONNECTIONS] = SOCKET("MaxConnections"),
	[KEY_MAX_PER_SOURCE] = SOCKET("MaxConnectionsPerSource"),
	[KEY_TRIGGER_SECONDS] = SOCKET("TriggerLimitIntervalSec"),
	[KEY_TRIGGER_BURST] = SOCKET("TriggerLimitBurst"),
	[KEY_ALLOW] = SOCKET("IPAddressAllow"),
	[KEY_DENY] = SOCKET("IPAddressDeny"),
	[KEY_EXEC] = SERVICE("ExecStart"),
	[KEY_USER] = SERVICE("User"),
	[KEY_ENVIRONMENT] = SERVICE("Environment"),
	[KEY_PASS_ENVIRONMENT] = SERVICE("PassEnvironment"),
	[KEY_STDIN] = SERVICE("StandardInput"),
	[KEY_STDOUT] = SERVICE("StandardOutput"),
	[KEY_STDERR] = SERVICE("StandardError"),
	[KEY_SAME] = { "Socket", "Backlog", OPTION_BACKLOG },
	{ "Socket", "SocketUser", OPTION_SOCKET_USER },
	{ "Socket", "SocketGroup", OPTION_SOCKET_GROUP },
	{ "Socket", "SocketMode", OPTION_SOCKET_MODE },
	{ "Socket", "BindToDevice", OPTION_INTERFACE },
	{ "Socket", "ReceiveBuffer", OPTION_RCVBUF },
	{ "Socket", "SendBuffer", OPTION_SNDBUF },
	{ "Service", "Group", OPTION_GROUP },
	{ "Service", "WorkingDirectory", OPTION_DIRECTORY },
	{ "Service", "RootDirectory", OPTION_CHROOT },
	{ "Service", "Nice", OPTION_NICE },
	{ "Service", "UMask", OPTION_UMASK },
	{ "Service", "LimitAS", OPTION_RLIMIT_AS },
	{ "Service", "LimitCORE", OPTION_RLIMIT_CORE },
	{ "Service", "LimitCPU", OPTION_RLIMIT_CPU },
	{ "Service", "LimitDATA", OPTION_RLIMIT_DATA },
	{ "Service", "LimitFSIZE", OPTION_RLIMIT_FSIZE },
	{ "Service", "LimitLOCKS", OPTION_RLIMIT_LOCKS },
	{ "Service", "LimitMEMLOCK", OPTION_RLIMIT_MEMLOCK },
	{ "Service", "LimitMSGQUEUE", OPTION_RLIMIT_MSGQUEUE },
	{ "Service", "LimitNOFILE", OPTION_RLIMIT_NOFILE },
	{ "Service", "LimitNPROC", OPTION_RLIMIT_NPROC },
	{ "Service", "LimitRSS", OPTION_RLIMIT_RSS },
	{ "Service", "LimitRTPRIO", OPTION_RLIMIT_RTPRIO },
	{ "Service", "LimitSIGPENDING", OPTION_RLIMIT_SIGPENDING },
	{ "Service", "LimitSTACK", OPTION_RLIMIT_STACK },
};

const struct key_listen key_listens[KEY_LISTENS] = {
	{ KEY_LISTEN_STREAM, SOCK_STREAM, "stream", "tcp" },
	{ KEY_LISTEN_DATAGRAM, SOCK_DGRAM, "dgram", "udp" },
	{ KEY_LISTEN_SEQPACKET, SOCK_SEQPACKET, "seqpacket", NULL },
};

enum key
key_same(enum option_id id)
{
	enum key key = KEY_SAME;

	while (key < KEYS && keys[key].id != id)
		key++;
	return key;
}

bool
key_is_rlimit(enum key key)
{
	return keys[key].id >= OPTION_RLIMIT_AS &&
	    keys[key].id <= OPTION_RLIMIT_STACK;
}

char *
key_reword(const char *text, const char *from, const char *to)
{
	char *result = xstrdup(""), *longer;
	const char *at;

	for (; (at = strstr(text, from)) != NULL; text = at + strlen(from)) {
		longer = xasprintf("%s%.*s%s", result, (int)(at - text), text,
		    to);
		free(result);
		result = longer;
	}
	longer = xasprintf("%s%s", result, text);
	free(result);
	return longer;
}
