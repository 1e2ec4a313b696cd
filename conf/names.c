/* Asking the system for names, and remembering the answers of one load. */
#include "conf/names.h"

#include <sys/stat.h>
#include <arpa/inet.h>

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bsd/sys/tree.h>

#include "conf/units.h"
#include "conf/xalloc.h"

/* One question with its answer. */
struct answer {
	RB_ENTRY(answer) entry;
	enum name_kind kind;
	char *name, *more; /* the question: "ftp" and "tcp" */
	int error;
	struct account account; /* of NAME_USER */
	uint32_t number;
	void *list; /* groups or hosts, or an account's storage */
	size_t count;
};

RB_HEAD(answers, answer);

struct names {
	const struct names_backend *backend;
	void *arg;
	struct answers answers;
	bool impatient;
	double patience; /* seconds that may still be spent on hosts */
};

/* The system's own answers. */

enum { BUFFER_FIRST = 1024, BUFFER_MAX = 1 << 20, GROUPS_MAX = 1 << 16 };

/* What the reentrant calls write to.  Zeroed: not tried yet. */
struct buffer {
	char *text;
	size_t size;
};

/* Is there a first try, or after ERANGE another one with more room? */
static bool
buffer_try(struct buffer *buffer, int error)
{
	if (buffer->size > 0 && (error != ERANGE || buffer->size >= BUFFER_MAX))
		return false;
	buffer->size = buffer->size > 0 ? buffer->size * 2 : BUFFER_FIRST;
	buffer->text = xreallocarray(buffer->text, buffer->size, 1);
	return true;
}

/* The reentrant calls: 0 with no result is "no such entry". */
static int
outcome(int error, const void *result)
{
	if (result != NULL)
		return 0;
	/* what getpwnam(3) lists as "not found" */
	if (error == 0 || error == ENOENT || error == ESRCH || error == EBADF ||
	    error == EPERM)
		return ENOENT;
	return error == EINTR || error == EIO || error == EMFILE ||
		error == ENFILE ?
	    EAGAIN :
	    error;
}

static int
call_passwd(const char *name, struct passwd *pw, const struct buffer *buffer,
    struct passwd **found)
{
	int error = getpwnam_r(name, pw, buffer->text, buffer->size, found);
	uint32_t id;

	if (*found == NULL && error != ERANGE && parse_id(name, &id) == 0)
		error = getpwuid_r(id, pw, buffer->text, buffer->size, found);
	return error;
}

static int
system_user(void *arg, const char *name, struct account *account,
    char **storage)
{
	struct passwd pw, *found = NULL;
	struct buffer buffer = { NULL, 0 };
	int error = 0;

	(void)arg;
	while (buffer_try(&buffer, error))
		error = call_passwd(name, &pw, &buffer, &found);
	error = outcome(error, found);
	if (error != 0) {
		free(buffer.text);
		return error;
	}
	*storage = buffer.text;
	account->uid = pw.pw_uid;
	account->gid = pw.pw_gid;
	account->name = pw.pw_name;
	account->home = pw.pw_dir;
	account->shell = pw.pw_shell;
	return 0;
}

/* Numbers. */

struct question {
	const char *name, *more;
	struct buffer buffer;
};

/* Each returns what outcome() says. */
typedef int call(const struct question *, uint32_t *number);

static int
call_group(const struct question *q, uint32_t *number)
{
	struct group entry, *found = NULL;
	int error = getgrnam_r(q->name, &entry, q->buffer.text, q->buffer.size,
	    &found);
	uint32_t id;

	if (found == NULL && error != ERANGE && parse_id(q->name, &id) == 0)
		error = getgrgid_r(id, &entry, q->buffer.text, q->buffer.size,
		    &found);
	*number = found != NULL ? entry.gr_gid : 0;
	return outcome(error, found);
}

static int
call_port(const struct question *q, uint32_t *number)
{
	struct servent entry, *found = NULL;
	int error = getservbyname_r(q->name, q->more, &entry, q->buffer.text,
	    q->buffer.size, &found);

	*number = found != NULL ? ntohs((uint16_t)entry.s_port) : 0;
	return outcome(error, found);
}

static int
call_protocol(const struct question *q, uint32_t *number)
{
	struct protoent entry, *found = NULL;
	int error = getprotobyname_r(q->name, &entry, q->buffer.text,
	    q->buffer.size, &found);

	*number = found != NULL ? (uint32_t)entry.p_proto : 0;
	return outcome(error, found);
}

static int
call_rpc(const struct question *q, uint32_t *number)
{
	struct rpcent entry, *found = NULL;
	int error = getrpcbyname_r(q->name, &entry, q->buffer.text,
	    q->buffer.size, &found);

	*number = found != NULL ? (uint32_t)entry.r_number : 0;
	return outcome(error, found);
}

/* "loopback 127": zeros at the end may be left out. */
static uint32_t
whole_network(uint32_t number)
{
	while (number != 0 && number <= UINT32_MAX >> 8)
		number <<= 8;
	return number;
}

static int
call_network(const struct question *q, uint32_t *number)
{
	struct netent entry, *found = NULL;
	int host_errno;
	int error = getnetbyname_r(q->name, &entry, q->buffer.text,
	    q->buffer.size, &found, &host_errno);

	if (found != NULL && found->n_addrtype != AF_INET)
		found = NULL;
	*number = found != NULL ? whole_network(entry.n_net) : 0;
	return outcome(error, found);
}

static int
call_program(const struct question *q, uint32_t *number)
{
	struct stat st;

	*number = 0;
	if (stat(q->name, &st) != 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	/* for root any x bit will do; a file system mounted noexec won't */
	return access(q->name, X_OK) != 0 ? errno : 0;
}

static int
system_number(void *arg, enum name_kind kind, const char *name,
    const char *more, uint32_t *number)
{
	static call *const calls[] = {
		[NAME_GROUP] = call_group,
		[NAME_PORT] = call_port,
		[NAME_PROTOCOL] = call_protocol,
		[NAME_RPC] = call_rpc,
		[NAME_PROGRAM] = call_program,
		[NAME_NETWORK] = call_network,
	};
	struct question question = { name, more, { NULL, 0 } };
	int error = 0;

	(void)arg;
	while (buffer_try(&question.buffer, error))
		error = calls[kind](&question, number);
	free(question.buffer.text);
	return error;
}

/* Lists. */

static int
system_groups(void *arg, const char *user, gid_t primary, gid_t **list,
    size_t *count)
{
	int room = 32, n = 0;
	gid_t *groups = NULL;

	(void)arg;
	while (room <= GROUPS_MAX) {
		groups = xreallocarray(groups, (size_t)room, sizeof(gid_t));
		n = room;
		if (getgrouplist(user, primary, groups, &n) >= 0) {
			*list = groups;
			*count = (size_t)n;
			return 0;
		}
		room = n > room ? n : room * 2;
	}
	/* setgroups(2) would not take them either */
	free(groups);
	return E2BIG;
}

static int
host_error(int error)
{
	switch (error) {
	case 0:
		return 0;
	case EAI_NONAME:
	case EAI_NODATA:
	case EAI_ADDRFAMILY:
		return ENOENT;
	default:
		return EAGAIN; /* a resolver that has no answer now */
	}
}

/* Once only: where "localhost" is both 127.0.0.1 and ::1 in hosts(5), glibc
 * answers with 127.0.0.1 for each of them, and no address binds twice. */
static void
add_host(struct addr **list, size_t *count, const struct addrinfo *ai)
{
	struct addr addr = { .len = ai->ai_addrlen };

	if (ai->ai_addrlen > sizeof(addr.u))
		return;
	memcpy(&addr.u, ai->ai_addr, ai->ai_addrlen);
	for (size_t i = 0; i < *count; i++)
		if (addr_equal(&(*list)[i], &addr))
			return;
	*list = xgrow(*list, *count, sizeof(**list));
	(*list)[(*count)++] = addr;
}

static int
system_host(void *arg, const char *name, int family, struct addr **list,
    size_t *count)
{
	struct addrinfo hints = { .ai_family = family,
		.ai_socktype = SOCK_STREAM },
			*all, *ai;
	int error = getaddrinfo(name, NULL, &hints, &all);

	(void)arg;
	*list = NULL;
	*count = 0;
	if (error != 0)
		return host_error(error);
	for (ai = all; ai != NULL; ai = ai->ai_next)
		add_host(list, count, ai);
	freeaddrinfo(all);
	return *count > 0 ? 0 : ENOENT;
}

static const struct names_backend system_backend = { system_user, system_groups,
	system_host, system_number };

/* The cache. */

static int
compare_answers(struct answer *a, struct answer *b)
{
	int order = strcmp(a->name, b->name);

	if (order == 0)
		order = (int)a->kind - (int)b->kind;
	return order != 0 ? order : strcmp(a->more, b->more);
}

RB_PROTOTYPE(answers, answer, entry, compare_answers)
RB_GENERATE(answers, answer, entry, compare_answers)

const struct names_backend *
names_system(void)
{
	return &system_backend;
}

struct names *
names_new(const struct names_backend *backend, void *arg)
{
	struct names *names = xcalloc(1, sizeof(*names));

	names->backend = backend != NULL ? backend : &system_backend;
	names->arg = arg;
	RB_INIT(&names->answers);
	return names;
}

void
names_free(struct names *names)
{
	struct answer *answer;

	if (names == NULL)
		return;
	while ((answer = RB_MIN(answers, &names->answers)) != NULL) {
		RB_REMOVE(answers, &names->answers, answer);
		free(answer->name);
		free(answer->more);
		free(answer->list);
		free(answer);
	}
	free(names);
}

/* The remembered answer, or a new one to be filled: then *isnew is set. */
static struct answer *
look_up(struct names *names, enum name_kind kind, const char *name,
    const char *more, bool *isnew)
{
	struct answer key = { .kind = kind }, *answer;

	key.name = xstrdup(name);
	key.more = xstrdup(more);
	answer = RB_FIND(answers, &names->answers, &key);
	*isnew = answer == NULL;
	if (answer != NULL) {
		free(key.name);
		free(key.more);
		return answer;
	}
	answer = xcalloc(1, sizeof(*answer));
	*answer = key;
	RB_INSERT(answers, &names->answers, answer);
	return answer;
}

int
names_user(struct names *names, const char *name, struct account *account)
{
	bool isnew;
	struct answer *answer = look_up(names, NAME_USER, name, "", &isnew);

	if (isnew) {
		char *storage = NULL;

		answer->error = names->backend->user(names->arg, name,
		    &answer->account, &storage);
		answer->list = storage;
	}
	*account = answer->account;
	return answer->error;
}

static int
ask_number(struct names *names, enum name_kind kind, const char *name,
    const char *more, uint32_t *number)
{
	bool isnew;
	struct answer *answer = look_up(names, kind, name, more, &isnew);

	if (isnew)
		answer->error = names->backend->number(names->arg, kind, name,
		    more, &answer->number);
	*number = answer->number;
	return answer->error;
}

int
names_group(struct names *names, const char *name, gid_t *gid)
{
	return ask_number(names, NAME_GROUP, name, "", gid);
}

int
names_groups(struct names *names, const char *user, gid_t primary,
    const gid_t **list, size_t *count)
{
	char number[24];
	struct answer *answer;
	bool isnew;

	snprintf(number, sizeof(number), "%lu", (unsigned long)primary);
	answer = look_up(names, NAME_GROUPS, user, number, &isnew);
	if (isnew) {
		gid_t *groups = NULL;

		answer->error = names->backend->groups(names->arg, user,
		    primary, &groups, &answer->count);
		answer->list = groups;
	}
	*list = answer->list;
	*count = answer->count;
	return answer->error;
}

int
names_port(struct names *names, const char *service, const char *proto,
    uint16_t *port)
{
	uint32_t number;
	int error = ask_number(names, NAME_PORT, service, proto, &number);

	*port = (uint16_t)number;
	return error;
}

int
names_protocol(struct names *names, const char *name, int *protocol)
{
	uint32_t number;
	int error = ask_number(names, NAME_PROTOCOL, name, "", &number);

	*protocol = (int)number;
	return error;
}

int
names_rpc(struct names *names, const char *name, unsigned long *program)
{
	uint32_t number;
	int error = ask_number(names, NAME_RPC, name, "", &number);

	*program = number;
	return error;
}

int
names_program(struct names *names, const char *path)
{
	uint32_t number;

	return ask_number(names, NAME_PROGRAM, path, "", &number);
}

int
names_network(struct names *names, const char *name, uint32_t *number)
{
	return ask_number(names, NAME_NETWORK, name, "", number);
}

void
names_give_up_hosts(struct names *names, unsigned seconds)
{
	names->impatient = true;
	names->patience = seconds;
}

static double
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int
ask_host(struct names *names, const char *name, int family, struct addr **list,
    size_t *count)
{
	double before = seconds_now();
	int error;

	if (names->impatient && names->patience < 0)
		return EAGAIN;
	error = names->backend->host(names->arg, name, family, list, count);
	if (error == EAGAIN)
		names->patience -= seconds_now() - before;
	return error;
}

int
names_host(struct names *names, const char *name, int family,
    const struct addr **list, size_t *count)
{
	char number[12];
	struct answer *answer;
	bool isnew;

	snprintf(number, sizeof(number), "%d", family);
	answer = look_up(names, NAME_HOST, name, number, &isnew);
	if (isnew) {
		struct addr *hosts = NULL;

		answer->error = ask_host(names, name, family, &hosts,
		    &answer->count);
		answer->list = hosts;
	}
	*list = answer->list;
	*count = answer->count;
	return answer->error;
}
