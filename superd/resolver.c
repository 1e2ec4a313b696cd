/* Questions about hosts, and the process that answers them. */
#include "superd/resolver.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "conf/load.h"
#include "conf/xalloc.h"
#include "superd/base/confine.h"
#include "superd/spawn/child_steps.h"
#include "superd/spawn/spawn.h"

/* Addresses of one name; more are E2BIG. */
enum { HOSTS_MAX = 256 };

struct resolver {
	struct names *names;
	struct names_backend backend;
	pid_t pid; /* 0: there is none */
	int fd;	   /* to it */
};

struct host_question {
	int family;
	char name[NI_MAXHOST];
};

struct host_answer {
	int error;
	size_t count;
	struct addr list[HOSTS_MAX];
};

/* In the resolver. */

static void
answer(const struct host_question *question, struct host_answer *answer)
{
	struct addr *list = NULL;

	memset(answer, 0, sizeof(*answer));
	answer->error = names_system()->host(NULL, question->name,
	    question->family, &list, &answer->count);
	if (answer->error == 0 && answer->count > HOSTS_MAX)
		answer->error = E2BIG;
	if (answer->error != 0)
		answer->count = 0;
	else
		memcpy(answer->list, list, answer->count * sizeof(*list));
	free(list);
}

static void
run(const void *arg)
{
	const pid_t *parent = arg;
	struct host_question question;
	struct host_answer found;

	confine_asking();
	/* a change of user has cleared what was set before */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != *parent)
		_exit(1);
	while (recv(SPAWN_BESIDE, &question, sizeof(question), 0) ==
	    (ssize_t)sizeof(question)) {
		answer(&question, &found);
		if (send(SPAWN_BESIDE, &found, sizeof(found), 0) < 0)
			_exit(1);
	}
}

/* In the one who asks. */

static void
stop(struct resolver *resolver)
{
	if (resolver->pid == 0)
		return;
	close(resolver->fd);
	kill(resolver->pid, SIGKILL);
	waitpid(resolver->pid, NULL, 0);
	resolver->pid = 0;
}

/* user_namespaces(7) */
static bool
is_mapped(uid_t uid)
{
	FILE *file = fopen("/proc/self/uid_map", "re");
	bool found = file == NULL;
	unsigned first, outside, count;

	while (
	    !found && fscanf(file, "%u %u %u", &first, &outside, &count) == 3)
		found = uid >= first && uid - first < count;
	if (file != NULL)
		fclose(file);
	return found;
}

/* Root of a namespace where there is nobody else to become, which is no more
 * than a user outside, gives up its rights alone. */
static struct prepared_command *
command_of(const struct resolver *resolver)
{
	uid_t uid;
	gid_t gid;

	conf_internal_user(resolver->names, &uid, &gid);
	return is_mapped(uid) ?
	    command_internal(uid, gid) :
	    command_internal(0, 0);
}

static int
start(struct resolver *resolver)
{
	pid_t parent = getpid();
	struct spawn_inside inside = { .fd = -1,
		.run = run,
		.arg = &parent,
		.title = "resolver" };
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	/* what it says then is no answer: see ask() */
	become_report_to(ends[1]);
	inside.beside = ends[1];
	inside.prepared = command_of(resolver);
	resolver->pid = spawn_inside(&inside);
	command_unref(inside.prepared);
	close(ends[1]);
	resolver->fd = ends[0];
	if (resolver->pid > 0)
		return 0;
	resolver->pid = 0;
	close(ends[0]);
	return -1;
}

/* What is there of an address, and nothing else. */
static bool
take_address(const struct addr *from, int family, struct addr *to)
{
	memset(to, 0, sizeof(*to));
	to->u.sa.sa_family = from->u.sa.sa_family;
	to->len = from->len;
	if (family != AF_UNSPEC && from->u.sa.sa_family != family)
		return false;
	switch (from->u.sa.sa_family) {
	case AF_INET:
		to->u.in.sin_addr = from->u.in.sin_addr;
		return from->len == sizeof(to->u.in);
	case AF_INET6:
		to->u.in6.sin6_addr = from->u.in6.sin6_addr;
		to->u.in6.sin6_scope_id = from->u.in6.sin6_scope_id;
		return from->len == sizeof(to->u.in6);
	default:
		return false;
	}
}

/* 0, or an errno: of an answer that no honest resolver gives, EAGAIN. */
static int
take_answer(const struct host_answer *from, int family, struct addr **list,
    size_t *count)
{
	struct addr *taken;

	if (from->error == ENOENT || from->error == E2BIG)
		return from->error;
	if (from->error != 0 || from->count == 0 || from->count > HOSTS_MAX)
		return EAGAIN;
	taken = xcalloc(from->count, sizeof(*taken));
	for (size_t i = 0; i < from->count; i++)
		if (!take_address(&from->list[i], family, &taken[i])) {
			free(taken);
			return EAGAIN;
		}
	*list = taken;
	*count = from->count;
	return 0;
}

/* One that has died is replaced for the next name. */
static int
ask(void *arg, const char *name, int family, struct addr **list, size_t *count)
{
	struct resolver *resolver = arg;
	struct host_question question = { .family = family };
	struct host_answer found;

	*list = NULL;
	*count = 0;
	if (strlcpy(question.name, name, sizeof(question.name)) >=
	    sizeof(question.name))
		return ENOENT;
	if (resolver->pid == 0 && start(resolver) != 0)
		return EAGAIN;
	if (send(resolver->fd, &question, sizeof(question), MSG_NOSIGNAL) ==
		(ssize_t)sizeof(question) &&
	    recv(resolver->fd, &found, sizeof(found), MSG_TRUNC) ==
		(ssize_t)sizeof(found))
		return take_answer(&found, family, list, count);
	stop(resolver);
	return EAGAIN;
}

struct resolver *
resolver_new(void)
{
	struct resolver *resolver = xcalloc(1, sizeof(*resolver));

	resolver->backend = *names_system();
	resolver->backend.host = ask;
	resolver->names = names_new(&resolver->backend, resolver);
	return resolver;
}

void
resolver_free(struct resolver *resolver)
{
	if (resolver == NULL)
		return;
	stop(resolver);
	names_free(resolver->names);
	free(resolver);
}

struct names *
resolver_names(const struct resolver *resolver)
{
	return resolver->names;
}
