/*
 * The control socket.  A client gets one answer and is closed; there are at
 * most CLIENTS_MAX of them at once, CLIENTS_OF_USER of one user, and each has
 * CLIENT_SECONDS.  Who may ask is decided by the kernel's word on who has
 * connected; the mode of the node only keeps others from trying.
 */
#include "superd/control/control.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/base/descriptors.h"
#include "superd/base/settings.h"
#include "superd/base/unix_node.h"
#include "superd/log/log.h"
#include "superd/running/event_self.h"

enum {
	CLIENTS_MAX = 32,
	CLIENTS_OF_USER = 8,
	CLIENT_SECONDS = 30,
	FOLLOW_ROOM = 256 << 10, /* octets that wait for a follower */
	SOCKET_BACKLOG = 16,
	PIECE = 64 << 10 /* octets of a file, at a time */
};

struct client {
	LIST_ENTRY(client) entry;
	struct control *control;
	int fd;
	struct ucred peer;
	bool asked;   /* its request is whole */
	bool writing; /* to who follows */
	char line[CONTROL_LINE_MAX];
	size_t got;
	struct request request;
	struct text answer;
	size_t sent;
	off_t sent_of_file;
	struct loop_timer timer;
};

LIST_HEAD(clients, client);

struct control {
	struct superd *superd;
	control_fn *run;
	int fd;
	char *path;
	gid_t group, admin; /* their members may ask, and act; -1: none */
	struct addr addr;
	struct object node;
	struct clients clients;
	size_t count;
};

/* Behind "--": name or name=value. */
static void
take_option(struct request *request, char *word)
{
	char *value = strchr(word, '=');
	unsigned i = 0;

	if (value != NULL)
		*value++ = '\0';
	while (i < COMMAND_OPTIONS && strcmp(command_options[i], word) != 0)
		i++;
	if (i < COMMAND_OPTIONS)
		request->options[i] = value != NULL ? value : "";
	else
		request->garbled = true;
}

static void
take_word(struct request *request, char *word)
{
	size_t dashes = strlen(CONTROL_OPTION);

	if (request->count == 0 && strcmp(word, CONTROL_JSON) == 0)
		request->json = true;
	else if (request->count == 0 && strcmp(word, CONTROL_NO_HEADER) == 0)
		request->header = false;
	else if (request->count > 0 &&
	    strncmp(word, CONTROL_OPTION, dashes) == 0)
		take_option(request, word + dashes);
	else if (request->count < CONTROL_WORDS_MAX)
		request->words[request->count++] = word;
	else
		request->garbled = true;
}

static void
split_request(struct request *request, char *line)
{
	char *word;

	request->header = true;
	while ((word = strsep(&line, " ")) != NULL)
		if (word[0] != '\0')
			take_word(request, word);
}

/* Clients. */

static const char denied[] = CONTROL_ERROR
    "1\npermission denied: root may "
    "ask, and the control_group of superd.conf\n";

static void
client_free(struct client *client)
{
	struct superd *superd = client->control->superd;

	if (client->request.later != NULL)
		client->request.unwanted(&client->request);
	loop_timer_stop(superd->loop, &client->timer);
	loop_unwatch(superd->loop, client->fd);
	close(client->fd);
	LIST_REMOVE(client, entry);
	client->control->count--;
	if (client->request.file >= 0)
		close(client->request.file);
	text_free(&client->request.text);
	text_free(&client->answer);
	free(client);
}

static void
client_late(void *arg)
{
	client_free(arg);
}

/* The next part of the answer: above 0, or 0 at its end, or -1 with errno. */
static ssize_t
send_part(struct client *client)
{
	const struct text *answer = &client->answer;
	ssize_t n;

	if (client->sent < answer->length) {
		n = send(client->fd, answer->bytes + client->sent,
		    answer->length - client->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			client->sent += (size_t)n;
		return n;
	}
	return client->request.file < 0 ?
	    0 :
	    sendfile(client->fd, client->request.file, &client->sent_of_file,
		PIECE);
}

static void
client_write(void *arg)
{
	struct client *client = arg;
	ssize_t n;

	do
		n = send_part(client);
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0 && errno == EAGAIN)
		loop_watch_write(client->control->superd->loop, client->fd,
		    client_write, client);
	else
		client_free(client);
}

void
control_answer(struct request *request, enum control_exit status)
{
	struct client *client = request->client;
	struct superd *superd = request->superd;

	request->later = NULL;
	loop_timer_set(superd->loop, &client->timer,
	    (int64_t)CLIENT_SECONDS * SECOND);
	text_add(&client->answer, "%s%d\n",
	    request->error ? CONTROL_ERROR : CONTROL_EXIT, status);
	if (request->text.length > 0)
		text_add(&client->answer, "%s", request->text.bytes);
	client->answer.failed |= request->text.failed;
	if (client->answer.failed)
		client_free(client);
	/* once what the answer is about is over and done with */
	else if (superd->stopping ||
	    loop_watch_write(superd->loop, client->fd, client_write, client) !=
		0)
		client_write(client);
}

/* Answers without an end. */

static void
follow_read(void *arg)
{
	struct client *client = arg;
	char more[64];
	ssize_t n = recv(client->fd, more, sizeof(more), MSG_DONTWAIT);

	/* what it may say is of no interest */
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		client_free(client);
}

/* What waits; false: the client is gone. */
static bool
follow_send(struct client *client)
{
	ssize_t n = 0;

	while (client->sent < client->answer.length) {
		n = send(client->fd, client->answer.bytes + client->sent,
		    client->answer.length - client->sent,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n <= 0)
			break;
		client->sent += (size_t)n;
	}
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}

static void
follow_write(void *arg)
{
	struct client *client = arg;
	struct loop *loop = client->control->superd->loop;

	if (client->answer.failed || !follow_send(client)) {
		client_free(client);
		return;
	}
	if (client->sent < client->answer.length)
		return;
	client->answer.length = client->sent = 0;
	client->writing = false;
	loop_unwatch(loop, client->fd);
	if (loop_watch(loop, client->fd, follow_read, client) != 0)
		client_free(client);
}

bool
control_say(struct request *request, const char *text)
{
	struct client *client = request->client;
	struct text *answer = &client->answer;
	size_t waits = answer->length - client->sent;

	if (waits + strlen(text) > FOLLOW_ROOM)
		return false;
	if (client->sent > 0) {
		memmove(answer->bytes, answer->bytes + client->sent, waits);
		answer->length = waits;
		client->sent = 0;
	}
	text_add(answer, "%s", text);
	if (!client->writing)
		client->writing = loop_watch_write(request->superd->loop,
				      client->fd, follow_write, client) == 0;
	return !answer->failed;
}

void
control_follow(struct request *request)
{
	char head[32];

	request->follows = true;
	snprintf(head, sizeof(head), "%s%d\n", CONTROL_EXIT, CONTROL_OK);
	control_say(request, head);
}

/* Has it gone?  One that has only closed its side still wants the answer. */
static void
client_waits(void *arg)
{
	struct client *client = arg;
	struct pollfd pfd = { .fd = client->fd };
	char more;

	loop_unwatch(client->control->superd->loop, client->fd);
	if (recv(client->fd, &more, 1, MSG_DONTWAIT) != 0 ||
	    (poll(&pfd, 1, 0) > 0 && (pfd.revents & POLLHUP)))
		client_free(client);
}

static void
client_ask(struct client *client)
{
	struct superd *superd = client->control->superd;
	struct request *request = &client->request;
	enum control_exit status;

	log_debug("control uid=%u pid=%d: %s", client->peer.uid,
	    (int)client->peer.pid, client->line);
	loop_unwatch(superd->loop, client->fd);
	client->asked = true;
	split_request(request, client->line);
	status = client->control->run(request);
	if (request->later == NULL)
		control_answer(request, status);
	else {
		/* what takes longer has a time limit of its own */
		loop_timer_stop(superd->loop, &client->timer);
		if (request->while_there)
			loop_watch(superd->loop, client->fd, client_waits,
			    client);
		else if (request->follows)
			loop_watch(superd->loop, client->fd, follow_read,
			    client);
	}
}

static void
client_read(void *arg)
{
	struct client *client = arg;
	char *end;
	ssize_t n;

	n = recv(client->fd, client->line + client->got,
	    sizeof(client->line) - 1 - client->got, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_free(client);
		return;
	}
	client->got += (size_t)n;
	client->line[client->got] = '\0';
	end = memchr(client->line, '\n', client->got);
	if (end != NULL) {
		*end = '\0';
		client_ask(client);
	} else if (client->got == sizeof(client->line) - 1)
		client_free(client);
}

/* Upgrades. */

int
control_client(const struct request *request)
{
	return request->client->fd;
}

bool
control_is_busy(const struct control *control, const struct request *but)
{
	const struct client *client;

	LIST_FOREACH (client, &control->clients, entry)
		if (client->request.client != NULL && &client->request != but &&
		    client->asked && !client->request.follows)
			return true;
	return false;
}

/* Who follows gets what there is, and is closed by the upgrade. */
void
control_flush(struct control *control)
{
	struct client *client;

	LIST_FOREACH (client, &control->clients, entry)
		if (client->request.follows)
			follow_send(client);
}

/* Who may ask. */

static bool
is_owner(const struct ucred *peer)
{
	return peer->uid == 0 || peer->uid == geteuid();
}

/* Supplementary groups, as the peer had them when it connected.  malloc'd;
 * NULL if they cannot be had. */
static gid_t *
groups_of_peer(int fd, size_t *count)
{
	socklen_t size = 0;
	gid_t *groups;

	/* socket(7): too small a buffer is told the size */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) != 0 &&
	    errno != ERANGE)
		return NULL;
	groups = malloc(size + sizeof(gid_t));
	if (groups != NULL &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0) {
		free(groups);
		return NULL;
	}
	*count = size / sizeof(gid_t);
	return groups;
}

static bool
is_member(int fd, const struct ucred *peer, gid_t group)
{
	size_t count = 0;
	bool found = peer->gid == group;
	gid_t *groups;

	if (group == (gid_t)-1 || found)
		return found;
	groups = groups_of_peer(fd, &count);
	for (size_t i = 0; groups != NULL && i < count && !found; i++)
		found = groups[i] == group;
	free(groups);
	return found;
}

static enum command_right
right_of_peer(const struct control *control, int fd, struct ucred *peer)
{
	socklen_t length = sizeof(*peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &length) != 0)
		return RIGHT_NONE;
	if (is_owner(peer) || is_member(fd, peer, control->admin))
		return RIGHT_ACT;
	return is_member(fd, peer, control->group) ? RIGHT_ASK : RIGHT_NONE;
}

/*
 * Room for one more.  Those who own superd displace any other client, so that
 * nobody's silence shuts them out; members of the group displace each other,
 * and a user with many clients his own.
 */

static bool
is_of(const struct client *client, const struct ucred *peer)
{
	return client->peer.uid == peer->uid;
}

static bool
is_of_member(const struct client *client, const struct ucred *peer)
{
	(void)peer;
	return !is_owner(&client->peer);
}

typedef bool client_test(const struct client *, const struct ucred *);

/* Give up the oldest of these, of those without a request if there are any:
 * the newest one is the list's first. */
static bool
displace(struct control *control, client_test *test, const struct ucred *peer)
{
	struct client *client, *silent = NULL, *oldest = NULL;

	LIST_FOREACH (client, &control->clients, entry) {
		if (!test(client, peer))
			continue;
		oldest = client;
		if (!client->asked)
			silent = client;
	}
	if (oldest == NULL)
		return false;
	client_free(silent != NULL ? silent : oldest);
	return true;
}

static bool
make_room(struct control *control, const struct ucred *peer)
{
	const struct client *client;
	size_t same = 0;

	LIST_FOREACH (client, &control->clients, entry)
		same += is_of(client, peer);
	if (same >= CLIENTS_OF_USER && !is_owner(peer))
		return displace(control, is_of, peer);
	if (control->count < CLIENTS_MAX)
		return true;
	return displace(control, is_of_member, peer) ||
	    displace(control, is_of, peer);
}

/* false: there is no memory. */
static bool
client_add(struct control *control, int fd, const struct ucred *peer,
    enum command_right right)
{
	struct superd *superd = control->superd;
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL ||
	    loop_watch(superd->loop, fd, client_read, client) != 0) {
		free(client);
		return false;
	}
	client->control = control;
	client->fd = fd;
	client->peer = *peer;
	loop_timer_init(&client->timer, client_late, client);
	client->request.superd = superd;
	client->request.client = client;
	client->request.right = right;
	client->request.file = -1;
	LIST_INSERT_HEAD(&control->clients, client, entry);
	control->count++;
	loop_timer_set(superd->loop, &client->timer,
	    (int64_t)CLIENT_SECONDS * SECOND);
	return true;
}

static void
control_ready(void *arg)
{
	struct control *control = arg;
	enum command_right right;
	struct ucred peer;
	int fd;

	fd = fd_high(
	    accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
	if (fd < 0)
		return;
	right = right_of_peer(control, fd, &peer);
	if (right == RIGHT_NONE) {
		send(fd, denied, strlen(denied), MSG_DONTWAIT | MSG_NOSIGNAL);
		close(fd);
	} else if (!make_room(control, &peer) ||
	    !client_add(control, fd, &peer, right))
		close(fd);
}

/* The socket. */

struct control *
control_new(struct superd *superd, control_fn *run)
{
	struct control *control = xcalloc(1, sizeof(*control));

	control->superd = superd;
	control->run = run;
	control->fd = -1;
	control->group = control->admin = (gid_t)-1;
	LIST_INIT(&control->clients);
	return control;
}

static void
close_socket(struct control *control)
{
	if (control->fd < 0)
		return;
	loop_unwatch(control->superd->loop, control->fd);
	close(control->fd);
	control->fd = -1;
	node_remove(&control->addr, &control->node);
	free(control->path);
	control->path = NULL;
}

void
control_free(struct control *control)
{
	struct client *client;

	if (control == NULL)
		return;
	while ((client = LIST_FIRST(&control->clients)) != NULL) {
		if (client->request.follows)
			follow_send(client); /* the last lines */
		client_free(client);
	}
	close_socket(control);
	free(control);
}

/* A node has one group: members of two are told apart by who they are. */
static mode_t
mode_of_node(const struct control *control, gid_t *group)
{
	gid_t none = (gid_t)-1;

	*group = control->group != none ? control->group : control->admin;
	if (*group == none)
		return 0600;
	return control->admin == none || control->admin == *group ? 0660 : 0666;
}

static int
bind_control(struct control *control, int fd)
{
	gid_t group;
	mode_t mode = mode_of_node(control, &group);

	if (node_bind(fd, &control->addr, SOCK_STREAM, &control->node) != 0 ||
	    node_permit(&control->addr, &control->node, (uid_t)-1, group,
		mode) != 0)
		return -1;
	return listen(fd, SOCKET_BACKLOG);
}

static const char *
wanted_path(const struct superd *superd)
{
	if (superd->options->control != NULL)
		return superd->options->control;
	if (superd->conf->globals.control != NULL)
		return superd->conf->globals.control;
	return superd->options->default_control;
}

const char *
control_path(const struct control *control)
{
	return control->path;
}

int
control_open(struct superd *superd)
{
	struct control *control = superd->control;
	const char *path = wanted_path(superd);
	int fd = -1;

	close_socket(control);
	if (strcmp(path, "none") == 0)
		return 0;
	control->path = xstrdup(path);
	control->group = superd->conf->globals.control_group.gid;
	control->admin = superd->conf->globals.control_admin.gid;
	if (addr_parse_unix(path, &control->addr) == 0)
		fd = fd_high(socket(AF_UNIX,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
	if (fd < 0 || bind_control(control, fd) != 0 ||
	    loop_watch(superd->loop, fd, control_ready, control) != 0) {
		event_control_failed(path, errno);
		if (fd >= 0)
			close(fd);
		free(control->path);
		control->path = NULL;
		return -1;
	}
	control->fd = fd;
	return 0;
}

int
control_fd(const struct control *control)
{
	return control->fd;
}

int
control_resume(struct superd *superd, int fd, const char *path)
{
	struct control *control = superd->control;

	if (fd < 0 || path == NULL || strcmp(path, wanted_path(superd)) != 0 ||
	    addr_parse_unix(path, &control->addr) != 0 ||
	    node_learn(fd, &control->addr, &control->node) != 0 ||
	    loop_watch(superd->loop, fd, control_ready, control) != 0)
		return -1;
	control->fd = fd;
	control->path = xstrdup(path);
	control->group = superd->conf->globals.control_group.gid;
	control->admin = superd->conf->globals.control_admin.gid;
	return 0;
}

void
control_configure(struct superd *superd)
{
	struct control *control = superd->control;

	if (!superd->ready)
		return; /* main opens it when all is bound */
	if (control->fd < 0 ||
	    strcmp(control->path, wanted_path(superd)) != 0 ||
	    control->group != superd->conf->globals.control_group.gid ||
	    control->admin != superd->conf->globals.control_admin.gid)
		control_open(superd);
}
