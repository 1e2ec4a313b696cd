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

#include "conf/xalloc.h"

enum kind {
	KIND_USER,
	KIND_GROUP,
	KIND_GROUPS,
	KIND_PORT,
	KIND_PROTOCOL,
	KIND_RPC,
	KIND_HOST,
	KIND_PROGRAM,
	KIND_NETWORK
};

/* One question with its answer. */
struct answer {
	RB_ENTRY(answer) entry;
	enum kind kind;
	char *name, *more; /* the question: "ftp" and "tcp" */
	int error;
	struct account account; /* of KIND_USER */
	unsigned long number;	/* gid, port, protocol, program */
	void *list;		/* groups or hosts, or an account's storage */
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

/* Decimal digits are an id, but for the last one, which means "no id". */
static bool
is_id(const char *text, uint32_t *id)
{
	unsigned long long number;

	if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0' ||
	    strlen(text) > 10)
		return false;
	number = strtoull(text, NULL, 10);
	*id = (uint32_t)number;
	return number < UINT32_MAX;
}

static int
call_passwd(const char *name, struct passwd *pw, const struct buffer *buffer,
    struct passwd **found)
{
	int error = getpwnam_r(name, pw, buffer->text, buffer->size, found);
	uint32_t id;

	if (*found == NULL && error != ERANGE && is_id(name, &id))
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

static int
call_group(const char *name, struct group *gr, const struct buffer *buffer,
    struct group **found)
{
	int error = getgrnam_r(name, gr, buffer->text, buffer->size, found);
	uint32_t id;

	if (*found == NULL && error != ERANGE && is_id(name, &id))
		error = getgrgid_r(id, gr, buffer->text, buffer->size, found);
	return error;
}

static int
system_group(void *arg, const char *name, gid_t *gid)
{
	struct group gr, *found = NULL;
	struct buffer buffer = { NULL, 0 };
	int error = 0;

	(void)arg;
	while (buffer_try(&buffer, error))
		error = call_group(name, &gr, &buffer, &found);
	if (found != NULL)
		*gid = gr.gr_gid;
	free(buffer.text);
	return outcome(error, found);
}

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
system_port(void *arg, const char *service, const char *proto, uint16_t *port)
{
	struct servent entry, *found = NULL;
	struct buffer buffer = { NULL, 0 };
	int error = 0;

	(void)arg;
	while (buffer_try(&buffer, error))
		error = getservbyname_r(service, proto, &entry, buffer.text,
		    buffer.size, &found);
	if (found != NULL)
		*port = ntohs((uint16_t)entry.s_port);
	free(buffer.text);
	return outcome(error, found);
}

static int
system_protocol(void *arg, const char *name, int *number)
{
	struct protoent entry, *found = NULL;
	struct buffer buffer = { NULL, 0 };
	int error = 0;

	(void)arg;
	while (buffer_try(&buffer, error))
		error = getprotobyname_r(name, &entry, buffer.text, buffer.size,
		    &found);
	if (found != NULL)
		*number = entry.p_proto;
	free(buffer.text);
	return outcome(error, found);
}

static int
system_rpc(void *arg, const char *name, unsigned long *program)
{
	struct rpcent entry, *found = NULL;
	struct buffer buffer = { NULL, 0 };
	int error = 0;

	(void)arg;
	while (buffer_try(&buffer, error))
		error = getrpcbyname_r(name, &entry, buffer.text, buffer.size,
		    &found);
	if (found != NULL)
		*program = (unsigned int)entry.r_number;
	free(buffer.text);
	return outcome(error, found);
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
	*list = xreallocarray(*list, *count + 1, sizeof(**list));
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

static int
system_program(void *arg, const char *path)
{
	struct stat st;

	(void)arg;
	if (stat(path, &st) != 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	/* for root any x bit will do; a file system mounted noexec won't */
	return access(path, X_OK) != 0 ? errno : 0;
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
system_network(void *arg, const char *name, uint32_t *number)
{
	struct netent entry, *found = NULL;
	struct buffer buffer = { NULL, 0 };
	int error = 0, host_errno;

	(void)arg;
	while (buffer_try(&buffer, error))
		error = getnetbyname_r(name, &entry, buffer.text, buffer.size,
		    &found, &host_errno);
	if (found != NULL && found->n_addrtype != AF_INET)
		found = NULL;
	if (found != NULL)
		*number = whole_network(entry.n_net);
	free(buffer.text);
	return outcome(error, found);
}

static const struct names_backend system_backend = {
	.user = system_user,
	.group = system_group,
	.groups = system_groups,
	.port = system_port,
	.protocol = system_protocol,
	.rpc = system_rpc,
	.host = system_host,
	.program = system_program,
	.network = system_network,
};

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
look_up(struct names *names, enum kind kind, const char *name, const char *more,
    bool *isnew)
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
	struct answer *answer = look_up(names, KIND_USER, name, "", &isnew);

	if (isnew) {
		char *storage = NULL;

		answer->error = names->backend->user(names->arg, name,
		    &answer->account, &storage);
		answer->list = storage;
	}
	*account = answer->account;
	return answer->error;
}

int
names_group(struct names *names, const char *name, gid_t *gid)
{
	bool isnew;
	struct answer *answer = look_up(names, KIND_GROUP, name, "", &isnew);
	gid_t found = 0;

	if (isnew) {
		answer->error = names->backend->group(names->arg, name, &found);
		answer->number = found;
	}
	*gid = (gid_t)answer->number;
	return answer->error;
}

int
names_groups(struct names *names, const char *user, gid_t primary,
    const gid_t **list, size_t *count)
{
	char number[24];
	struct answer *answer;
	bool isnew;

	snprintf(number, sizeof(number), "%lu", (unsigned long)primary);
	answer = look_up(names, KIND_GROUPS, user, number, &isnew);
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
	bool isnew;
	struct answer *answer = look_up(names, KIND_PORT, service, proto,
	    &isnew);
	uint16_t found = 0;

	if (isnew) {
		answer->error = names->backend->port(names->arg, service, proto,
		    &found);
		answer->number = found;
	}
	*port = (uint16_t)answer->number;
	return answer->error;
}

int
names_protocol(struct names *names, const char *name, int *number)
{
	bool isnew;
	struct answer *answer = look_up(names, KIND_PROTOCOL, name, "", &isnew);
	int found = 0;

	if (isnew) {
		answer->error = names->backend->protocol(names->arg, name,
		    &found);
		answer->number = (unsigned long)found;
	}
	*number = (int)answer->number;
	return answer->error;
}

int
names_rpc(struct names *names, const char *name, unsigned long *program)
{
	bool isnew;
	struct answer *answer = look_up(names, KIND_RPC, name, "", &isnew);

	if (isnew)
		answer->error = names->backend->rpc(names->arg, name,
		    &answer->number);
	*program = answer->number;
	return answer->error;
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
	answer = look_up(names, KIND_HOST, name, number, &isnew);
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

int
names_program(struct names *names, const char *path)
{
	bool isnew;
	struct answer *answer = look_up(names, KIND_PROGRAM, path, "", &isnew);

	if (isnew)
		answer->error = names->backend->program(names->arg, path);
	return answer->error;
}

int
names_network(struct names *names, const char *name, uint32_t *number)
{
	bool isnew;
	struct answer *answer = look_up(names, KIND_NETWORK, name, "", &isnew);
	uint32_t found = 0;

	if (isnew) {
		answer->error = names->backend->network(names->arg, name,
		    &found);
		answer->number = found;
	}
	*number = (uint32_t)answer->number;
	return answer->error;
}
