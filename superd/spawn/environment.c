/* The variables that describe a client, added to those of the command. */
#include "superd/spawn/environment.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "superd/spawn/variables.h"

enum { PEER_VARIABLES = 8, LISTEN_VARIABLES = 3 };

static char *
put_variable(char **text, size_t *room, const char *name, const char *value)
{
	char *at = *text;
	int n = snprintf(at, *room, "%s=%s", name, value);

	if (n < 0 || (size_t)n >= *room)
		return NULL;
	*text += n + 1;
	*room -= (size_t)n + 1;
	return at;
}

static void
add_address(char **envp, size_t *n, char **text, size_t *room,
    const struct addr *addr, const char *host_name, const char *port_name)
{
	char host[ADDR_TEXT], port[8];

	addr_print_host(addr, host, sizeof(host));
	snprintf(port, sizeof(port), "%u", addr_port(addr));
	if ((envp[*n] = put_variable(text, room, host_name, host)) != NULL)
		(*n)++;
	if (port_name != NULL &&
	    (envp[*n] = put_variable(text, room, port_name, port)) != NULL)
		(*n)++;
}

static bool
local_address(const struct spawn_request *request, struct addr *local)
{
	socklen_t length = sizeof(local->u);

	memset(local, 0, sizeof(*local));
	if (request->local != NULL)
		*local = *request->local;
	else if (getsockname(request->fd, &local->u.sa, &length) == 0)
		local->len = length;
	else
		return false;
	addr_unmap(local);
	return true;
}

static bool
is_internet(const struct addr *addr)
{
	return addr != NULL && addr->len > 0 &&
	    (addr->u.sa.sa_family == AF_INET ||
		addr->u.sa.sa_family == AF_INET6);
}

static void
add_number(char **envp, size_t *n, char **text, size_t *room, const char *name,
    unsigned long value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lu", value);
	if ((envp[*n] = put_variable(text, room, name, digits)) != NULL)
		(*n)++;
}

static int
option(int fd, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 ?
	    value :
	    -1;
}

/* The protocol as UCSPI names it, or NULL. */
static const char *
protocol_name(int fd)
{
	if (option(fd, SO_DOMAIN) == AF_UNIX)
		return "UNIX";
	switch (option(fd, SO_PROTOCOL)) {
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	default:
		return NULL;
	}
}

/* The credentials of a unix socket's client: unix(7), SO_PEERCRED.  Of a
 * listening socket they would be superd's own. */
static size_t
add_unix_peer(struct environment *env, size_t n, int fd)
{
	size_t room = sizeof(env->text);
	char *text = env->text;
	struct sockaddr_storage peer;
	struct ucred who;
	socklen_t size = sizeof(peer), length = sizeof(who);

	if (option(fd, SO_DOMAIN) != AF_UNIX ||
	    getpeername(fd, (struct sockaddr *)&peer, &size) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) != 0)
		return n;
	if ((env->envp[n] = put_variable(&text, &room, "PROTO",
		 protocol_name(fd))) != NULL)
		n++;
	add_number(env->envp, &n, &text, &room, "REMOTE_UID", who.uid);
	add_number(env->envp, &n, &text, &room, "REMOTE_GID", who.gid);
	add_number(env->envp, &n, &text, &room, "REMOTE_PID",
	    (unsigned long)who.pid);
	return n;
}

/* UCSPI-TCP's variables, and the ones of CGI (RFC 3875). */
static size_t
add_peer(struct environment *env, size_t n, const struct spawn_request *request)
{
	const struct command *command = request->prepared->command;
	const struct addr *peer = request->peer;
	size_t room = sizeof(env->text);
	char *text = env->text;
	const char *protocol;
	struct addr local;

	if (!is_internet(peer))
		return command->env_peer ?
		    add_unix_peer(env, n, request->fd) :
		    n;
	if (command->env_remote_host)
		add_address(env->envp, &n, &text, &room, peer, "REMOTE_HOST",
		    NULL);
	if (!command->env_peer)
		return n;
	protocol = protocol_name(request->fd);
	if (protocol != NULL &&
	    (env->envp[n] = put_variable(&text, &room, "PROTO", protocol)) !=
		NULL)
		n++;
	add_address(env->envp, &n, &text, &room, peer, "REMOTE_ADDR",
	    "REMOTE_PORT");
	add_address(env->envp, &n, &text, &room, peer, "TCPREMOTEIP",
	    "TCPREMOTEPORT");
	if (local_address(request, &local))
		add_address(env->envp, &n, &text, &room, &local, "TCPLOCALIP",
		    "TCPLOCALPORT");
	return n;
}

/* A colon stands between names, sd_listen_fds(3), and may be in an id. */
static void
print_name(char *text, size_t size, const char *id)
{
	snprintf(text, size, LISTEN_FDNAMES "%s", id);
	for (char *p = text; *p != '\0'; p++)
		if (*p == ':' || *p < ' ' || *p > '~')
			*p = '_';
}

static size_t
add_listen(struct environment *env, size_t n,
    const struct spawn_request *request)
{
	static char one[] = "LISTEN_FDS=1";

	strcpy(env->listen_pid, LISTEN_PID);
	print_name(env->listen_names, sizeof(env->listen_names), request->id);
	env->envp[n++] = one;
	env->envp[n++] = env->listen_names;
	env->envp[n++] = env->listen_pid;
	return n;
}

/* The digits of the child are not known before it is there. */
void
environment_set_pid(struct environment *env, pid_t pid)
{
	char digits[PID_DIGITS], *to = env->listen_pid + strlen(LISTEN_PID);
	size_t n = 0;

	do
		digits[n++] = (char)('0' + pid % 10);
	while ((pid /= 10) != 0);
	while (n > 0)
		*to++ = digits[--n];
	*to = '\0';
}

char **
environment_make(struct environment *env, const struct spawn_request *request)
{
	const struct prepared_command *prepared = request->prepared;
	const struct command *command = prepared->command;
	size_t n = prepared->variables->count,
	       room = n + PEER_VARIABLES + LISTEN_VARIABLES + 1;
	char **envp;

	if (!command->env_peer && !command->env_remote_host &&
	    !command->listen_fds)
		return prepared->variables->envp;
	if (env->room < room) {
		envp = reallocarray(env->envp, room, sizeof(char *));
		if (envp == NULL)
			return NULL;
		env->envp = envp;
		env->room = room;
	}
	memcpy(env->envp, prepared->variables->envp, n * sizeof(char *));
	n = add_peer(env, n, request);
	if (command->listen_fds)
		n = add_listen(env, n, request);
	env->envp[n] = NULL;
	return env->envp;
}

void
environment_free(struct environment *env)
{
	free(env->envp);
	env->envp = NULL;
	env->room = 0;
}
