/*
 * One function for each kind of record both writes and reads it, so that the
 * two cannot differ.  Numbers have eight octets, texts their length before
 * them.
 */
#include "superd/upgrade_state.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/io.h"
#include "superd/base/descriptors.h"
#include "superd/base/memory_file.h"

enum { TEXT_MAX = 64 << 10 };
static const uint64_t magic = 0x5355504552555047;
static const size_t size_max = (size_t)1 << 30;

struct codec {
	bool writes, failed;
	const unsigned char *from; /* ... if it reads */
	unsigned char *to;
	size_t at, length; /* length: of from, or the room at to */
};

typedef void code_fn(struct codec *, void *);

/* Octets. */

static bool
make_room(struct codec *codec, size_t length)
{
	size_t room = codec->length;
	void *more;

	while (room - codec->at < length)
		room = room * 2 + 4096;
	if (room == codec->length)
		return true;
	more = room <= size_max ? realloc(codec->to, room) : NULL;
	if (more == NULL)
		return false;
	codec->to = more;
	codec->length = room;
	return true;
}

static void
code_octets(struct codec *codec, void *octets, size_t length)
{
	if (codec->failed || length == 0)
		return;
	if (codec->writes ? !make_room(codec, length) :
			    codec->length - codec->at < length) {
		codec->failed = true;
		return;
	}
	if (codec->writes)
		memcpy(codec->to + codec->at, octets, length);
	else
		memcpy(octets, codec->from + codec->at, length);
	codec->at += length;
}

static void
code_uint64(struct codec *codec, uint64_t *number)
{
	code_octets(codec, number, sizeof(*number));
}

static void
code_int64(struct codec *codec, int64_t *number)
{
	code_octets(codec, number, sizeof(*number));
}

static void
code_int(struct codec *codec, int *number)
{
	int64_t wide = *number;

	code_int64(codec, &wide);
	codec->failed |= wide < INT_MIN || wide > INT_MAX;
	if (!codec->failed)
		*number = (int)wide;
}

static void
code_bool(struct codec *codec, bool *is)
{
	int number = *is;

	code_int(codec, &number);
	codec->failed |= number != 0 && number != 1;
	*is = number == 1;
}

/* How many octets, or records, follow; each has that many at least. */
static void
code_count(struct codec *codec, size_t *count, size_t most, size_t least)
{
	uint64_t number = *count;

	code_uint64(codec, &number);
	codec->failed |= number > most ||
	    (!codec->writes && !codec->failed &&
		number > (codec->length - codec->at) / least);
	*count = codec->failed ? 0 : (size_t)number;
}

/* NULL is none, and of another length than "". */
static void
code_text(struct codec *codec, char **text)
{
	size_t length = *text != NULL && codec->writes ? strlen(*text) + 1 : 0;

	code_count(codec, &length, TEXT_MAX, 1);
	if (codec->failed || length == 0)
		return;
	if (!codec->writes)
		*text = calloc(1, length);
	if (*text == NULL) {
		codec->failed = true;
		return;
	}
	code_octets(codec, *text, length);
	if (!codec->writes && !codec->failed)
		codec->failed = memchr(*text, '\0', length) !=
		    *text + length - 1;
}

/* A text that cannot be missing. */
static void
code_id(struct codec *codec, char **id)
{
	code_text(codec, id);
	codec->failed |= *id == NULL;
}

static void
code_addr(struct codec *codec, struct addr *addr)
{
	size_t length = addr->len;

	code_count(codec, &length, sizeof(addr->u), 1);
	addr->len = (socklen_t)length;
	code_octets(codec, &addr->u, length);
}

static void
code_fd(struct codec *codec, struct kept_fd *kept)
{
	code_int(codec, &kept->fd);
	code_uint64(codec, &kept->device);
	code_uint64(codec, &kept->inode);
}

/* Records. */

static void
code_self(struct codec *codec, struct kept_self *self)
{
	code_int(codec, &self->pid);
	code_int64(codec, &self->started);
	code_int64(codec, &self->applied);
	code_int64(codec, &self->refused);
	code_bool(codec, &self->detached);
	code_text(codec, &self->pid_path);
	code_text(codec, &self->control_path);
	code_fd(codec, &self->lock);
	code_fd(codec, &self->pid_file);
	code_fd(codec, &self->control);
	code_fd(codec, &self->reply);
	code_bool(codec, &self->json);
}

static void
code_service(struct codec *codec, void *record)
{
	struct kept_service *service = record;

	code_id(codec, &service->id);
	code_text(codec, &service->override);
	code_int(codec, &service->closed);
	codec->failed |= service->closed < CLOSED_NOT ||
	    service->closed > CLOSED_STOPPED;
	code_int64(codec, &service->starts_full_at);
	for (size_t i = 0; i < 6; i++)
		code_uint64(codec, &service->counted[i]);
	for (size_t i = 0; i < REFUSAL_COUNT; i++)
		code_uint64(codec, &service->refused[i]);
}

static void
code_listener(struct codec *codec, void *record)
{
	struct kept_listener *listener = record;

	code_id(codec, &listener->id);
	code_id(codec, &listener->name);
	code_fd(codec, &listener->socket);
	code_bool(codec, &listener->busy);
}

static void
code_child(struct codec *codec, void *record)
{
	struct kept_child *child = record;

	code_id(codec, &child->id);
	code_int(codec, &child->pid);
	codec->failed |= child->pid <= 1;
	code_addr(codec, &child->peer);
	code_addr(codec, &child->local);
	code_int64(codec, &child->started);
	code_int64(codec, &child->started_at);
	code_bool(codec, &child->told);
	code_bool(codec, &child->uncounted);
	code_int(codec, &child->killed);
	codec->failed |= child->killed < 0 || child->killed > SIGRTMAX;
	code_int(codec, &child->listener);
}

static void
code_pipe(struct codec *codec, void *record)
{
	struct kept_pipe *kept = record;

	code_id(codec, &kept->id);
	code_int(codec, &kept->pid);
	code_addr(codec, &kept->peer);
	code_fd(codec, &kept->pipe);
}

static void
code_denied(struct codec *codec, void *record)
{
	struct denied *denied = record;
	int by = (int)denied->by;

	code_octets(codec, &denied->client, sizeof(denied->client));
	code_int64(codec, &denied->until);
	code_int(codec, &by);
	codec->failed |= by != DENIED_BY_SENSOR && by != DENIED_BY_HAND;
	denied->by = (enum denied_by)by;
}

/* Lists. */

struct list {
	void *records;
	size_t count;
};

static void
code_list(struct codec *codec, struct list *list, size_t size, code_fn *code)
{
	code_count(codec, &list->count, INT_MAX, sizeof(uint64_t));
	if (!codec->writes && list->count > 0) {
		list->records = calloc(list->count, size);
		codec->failed |= list->records == NULL;
	}
	if (list->records == NULL)
		list->count = 0;
	for (size_t i = 0; i < list->count && !codec->failed; i++)
		code(codec, (char *)list->records + i * size);
}

#define CODE_LIST(member, code)                                         \
	do {                                                            \
		struct list list = { state->member, state->n##member }; \
                                                                        \
		code_list(codec, &list, sizeof(*state->member), code);  \
		state->member = list.records;                           \
		state->n##member = list.count;                          \
	} while (0)

static void
code_state(struct codec *codec, struct upgrade_state *state)
{
	code_self(codec, &state->self);
	CODE_LIST(services, code_service);
	CODE_LIST(listeners, code_listener);
	CODE_LIST(children, code_child);
	CODE_LIST(pipes, code_pipe);
	CODE_LIST(denied, code_denied);
}

/* Files. */

int
upgrade_state_write(struct upgrade_state *state)
{
	struct codec codec = { .writes = true };
	uint64_t begins = magic, version = UPGRADE_STATE;
	int fd = -1;

	code_uint64(&codec, &begins);
	code_uint64(&codec, &version);
	code_state(&codec, state);
	errno = ENOMEM;
	if (!codec.failed)
		fd = memory_file();
	if (fd >= 0 &&
	    (write_all(fd, codec.to, codec.at, -1) != 0 ||
		memory_file_seal(fd) != 0)) {
		fd_drop(fd);
		fd = -1;
	}
	free(codec.to);
	return fd;
}

const char *
upgrade_state_parse(const void *octets, size_t length,
    struct upgrade_state *state)
{
	struct codec codec = { .from = octets, .length = length };
	uint64_t begins = 0, version = 0;

	memset(state, 0, sizeof(*state));
	code_uint64(&codec, &begins);
	code_uint64(&codec, &version);
	if (codec.failed || begins != magic)
		return "expected the state of a superd";
	if (version != UPGRADE_STATE)
		return "expected a state of another version";
	code_state(&codec, state);
	if (!codec.failed && codec.at == codec.length)
		return NULL;
	upgrade_state_free(state);
	return "expected a state that is whole";
}

const char *
upgrade_state_read(int fd, struct upgrade_state *state)
{
	const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
	const char *expected;
	struct stat st;
	void *octets;

	memset(state, 0, sizeof(*state));
	if ((fcntl(fd, F_GET_SEALS) & seals) != seals || fstat(fd, &st) != 0 ||
	    st.st_size <= 0 || (uintmax_t)st.st_size > size_max)
		return "expected a sealed file";
	octets = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (octets == MAP_FAILED)
		return "expected memory for it";
	expected = upgrade_state_parse(octets, (size_t)st.st_size, state);
	munmap(octets, (size_t)st.st_size);
	return expected;
}

void
upgrade_state_free(struct upgrade_state *state)
{
	for (size_t i = 0; i < state->nservices; i++) {
		free(state->services[i].id);
		free(state->services[i].override);
	}
	for (size_t i = 0; i < state->nlisteners; i++) {
		free(state->listeners[i].id);
		free(state->listeners[i].name);
	}
	for (size_t i = 0; i < state->nchildren; i++)
		free(state->children[i].id);
	for (size_t i = 0; i < state->npipes; i++)
		free(state->pipes[i].id);
	free(state->services);
	free(state->listeners);
	free(state->children);
	free(state->pipes);
	free(state->denied);
	free(state->self.pid_path);
	free(state->self.control_path);
	memset(state, 0, sizeof(*state));
}

/* Descriptors. */

struct kept_fd
kept_fd(int fd)
{
	struct kept_fd kept = { .fd = -1 };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return kept;
	kept.fd = fd;
	kept.device = st.st_dev;
	kept.inode = st.st_ino;
	return kept;
}

bool
kept_fd_is_there(const struct kept_fd *kept)
{
	struct kept_fd now = kept_fd(kept->fd);

	return kept->fd > STDERR_FILENO && now.fd == kept->fd &&
	    now.device == kept->device && now.inode == kept->inode;
}

void
upgrade_state_each_fd(struct upgrade_state *state, void (*fn)(struct kept_fd *))
{
	fn(&state->self.lock);
	fn(&state->self.pid_file);
	fn(&state->self.control);
	fn(&state->self.reply);
	for (size_t i = 0; i < state->nlisteners; i++)
		fn(&state->listeners[i].socket);
	for (size_t i = 0; i < state->npipes; i++)
		fn(&state->pipes[i].pipe);
}
