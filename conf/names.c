/* Asking the system for names, and remembering the answers of one load. */
#include "conf/names.h"

#include <sys/stat.h>
#include <arpa/inet.h>

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/sys/tree.h>

#include "conf/xalloc.h"

enum kind { KIND_USER, KIND_GROUP, KIND_GROUPS, KIND_PORT, KIND_PROTOCOL,
	KIND_RPC, KIND_HOST, KIND_PROGRAM };

/* One question with its answer. */
struct answer {
	RB_ENTRY(answer) entry;
	enum kind kind;
	char *name, *more;	/* the question: "ftp" and "tcp" */
	int error;
	struct account account;	/* of KIND_USER */
	unsigned long number;	/* gid, port, protocol, program */
	void *list;		/* groups or hosts, or an account's storage */
	size_t count;
};

RB_HEAD(answers, answer);

struct names {
	const struct names_backend *backend;
	void *arg;
	struct answers answers;
};

/* The system's own answers. */

enum { BUFFER_FIRST = 1024, BUFFER_MAX = 1 << 20, GROUPS_FIRST = 32 };

static bool
all_digits(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* The reentrant calls: 0 with no result is "no such entry". */
static int
outcome(int error, const void *result)
{
	if (result != NULL)
		return 0;
	/* what getpwnam(3) lists as "not found" */
	if (error == 0 || error == ENOENT || error == ESRCH ||
	    error == EBADF || error == EPERM)
		return ENOENT;
	return error == EINTR || error == EIO || error == EMFILE ||
	    error == ENFILE ? EAGAIN : error;
}

static int
call_passwd(const char *name, struct passwd *pw, char *buf, size_t size,
    struct passwd **found)
{
	int error = getpwnam_r(name, pw, buf, size, found);

	if (*found == NULL && error != ERANGE && all_digits(name) &&
	    strlen(name) < 10)
		error = getpwuid_r((uid_t)strtoul(name, NULL, 10), pw, buf,
		    size, found);
	return error;
}

static int
system_user(void *arg, const char *name, struct account *account,
    char **storage)
{
	struct passwd pw, *found = NULL;
	size_t size = BUFFER_FIRST;
	int error;

	(void)arg;
	*storage = NULL;
	do {
		size *= 2;
		*storage = xreallocarray(*storage, size, 1);
		error = call_passwd(name, &pw, *storage, size, &found);
	} while (found == NULL && error == ERANGE && size < BUFFER_MAX);
	error = outcome(error, found);
	if (error != 0) {
		free(*storage);
		*storage = NULL;
		return error;
	}
	account->uid = pw.pw_uid;
	account->gid = pw.pw_gid;
	account->name = pw.pw_name;
	account->home = pw.pw_dir;
	account->shell = pw.pw_shell;
	return 0;
}

static int
system_group(void *arg, const char *name, gid_t *gid)
{
	struct group gr, *found = NULL;
	size_t size = BUFFER_FIRST;
	char *buf = NULL;
	int error;

	(void)arg;
	do {
		size *= 2;
		buf = xreallocarray(buf, size, 1);
		error = getgrnam_r(name, &gr, buf, size, &found);
		if (found == NULL && error != ERANGE && all_digits(name) &&
		    strlen(name) < 10)
			error = getgrgid_r((gid_t)strtoul(name, NULL, 10),
			    &gr, buf, size, &found);
	} while (found == NULL && error == ERANGE && size < BUFFER_MAX);
	if (found != NULL)
		*gid = gr.gr_gid;
	free(buf);
	return outcome(error, found);
}

static int
system_groups(void *arg, const char *user, gid_t primary, gid_t **list,
    size_t *count)
{
	int room = GROUPS_FIRST;
	gid_t *groups = NULL;
	int n;

	(void)arg;
	do {
		room *= 2;
		groups = xreallocarray(groups, (size_t)room, sizeof(gid_t));
		n = room;
	} while (getgrouplist(user, primary, groups, &n) < 0 &&
	    room < 1 << 16);
	*list = groups;
	*count = n > 0 ? (size_t)n : 0;
	return 0;
}

static int
system_port(void *arg, const char *service, const char *proto,
    uint16_t *port)
{
	struct servent entry, *found = NULL;
	char buf[4096];
	int error;

	(void)arg;
	error = getservbyname_r(service, proto, &entry, buf, sizeof(buf),
	    &found);
	if (found != NULL)
		*port = ntohs((uint16_t)entry.s_port);
	return outcome(error, found);
}

static int
system_protocol(void *arg, const char *name, int *number)
{
	struct protoent entry, *found = NULL;
	char buf[4096];
	int error;

	(void)arg;
	error = getprotobyname_r(name, &entry, buf, sizeof(buf), &found);
	if (found != NULL)
		*number = entry.p_proto;
	return outcome(error, found);
}

static int
system_rpc(void *arg, const char *name, unsigned long *program)
{
	struct rpcent entry, *found = NULL;
	char buf[4096];
	int error;

	(void)arg;
	error = getrpcbyname_r(name, &entry, buf, sizeof(buf), &found);
	if (found != NULL)
		*program = (unsigned long)entry.r_number;
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
		return EAGAIN;	/* a resolver that has no answer now */
	}
}

static int
system_host(void *arg, const char *name, int family, struct addr **list,
    size_t *count)
{
	struct addrinfo hints = { .ai_family = family,
		.ai_socktype = SOCK_STREAM }, *all, *ai;
	int error = getaddrinfo(name, NULL, &hints, &all);

	(void)arg;
	*list = NULL;
	*count = 0;
	if (error != 0)
		return host_error(error);
	for (ai = all; ai != NULL; ai = ai->ai_next) {
		if (ai->ai_addrlen > sizeof((*list)->u))
			continue;
		*list = xreallocarray(*list, *count + 1, sizeof(**list));
		memset(&(*list)[*count], 0, sizeof(**list));
		(*list)[*count].len = ai->ai_addrlen;
		memcpy(&(*list)[*count].u, ai->ai_addr, ai->ai_addrlen);
		(*count)++;
	}
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
	if (!S_ISREG(st.st_mode) ||
	    (st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		return EACCES;
	return 0;
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
look_up(struct names *names, enum kind kind, const char *name,
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
		answer->error = names->backend->group(names->arg, name,
		    &found);
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
		answer->error = names->backend->port(names->arg, service,
		    proto, &found);
		answer->number = found;
	}
	*port = (uint16_t)answer->number;
	return answer->error;
}

int
names_protocol(struct names *names, const char *name, int *number)
{
	bool isnew;
	struct answer *answer = look_up(names, KIND_PROTOCOL, name, "",
	    &isnew);
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

		answer->error = names->backend->host(names->arg, name,
		    family, &hosts, &answer->count);
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
	struct answer *answer = look_up(names, KIND_PROGRAM, path, "",
	    &isnew);

	if (isnew)
		answer->error = names->backend->program(names->arg, path);
	return answer->error;
}
