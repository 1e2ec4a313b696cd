/* sd_listen_fds(3)'s protocol, without the library. */
#include "superd/base/passed.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <netinet/in.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/stdlib.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/base/descriptors.h"

enum { FIRST = 3, MOST = 65536 };

struct passed {
	int fd; /* -1: taken, or closed */
	ino_t inode;
	bool taken;
	const char *name;
	const char *stored;   /* the whole name, if it is one of ours */
	char way;	      /* of that */
	const char *unusable; /* why, or NULL */
	bool claimed;	      /* for the service of its name */
	char *own;	      /* its name, to be freed; or NULL */
	int busy;	      /* kept, and a server has it: which; or -1 */
	int socktype, protocol;
	bool v6only;
	struct addr addr;
};

static struct passed *list;
static size_t count, all; /* what is left, and what there was */
static char *names;	  /* the texts of all names */
static unsigned last_number;
static bool kept;
static size_t nbusy;

static int
option(int fd, int level, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	return getsockopt(fd, level, name, &value, &length) == 0 ? value : -1;
}

static bool
is_connected(int fd)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);

	return getpeername(fd, (struct sockaddr *)&peer, &length) == 0;
}

/* What nobody is served by. */
static const char *
why_unusable(const struct passed *passed)
{
	if (passed->socktype < 0)
		return "expected a socket";
	if (passed->addr.len <= sizeof(sa_family_t))
		return "expected a socket that is bound";
	if (is_connected(passed->fd))
		return "expected a listening socket, Accept=no";
	return NULL;
}

/* A path may be longer than its address says: unix(7). */
static void
learn_address(struct passed *passed)
{
	socklen_t length = sizeof(passed->addr.u);

	if (getsockname(passed->fd, &passed->addr.u.sa, &length) != 0)
		return;
	passed->addr.len = length;
	if (passed->addr.u.sa.sa_family == AF_UNIX &&
	    passed->addr.u.un.sun_path[0] != '\0') {
		char path[sizeof(passed->addr.u.un.sun_path) + 1] = "";

		memcpy(path, passed->addr.u.un.sun_path, sizeof(path) - 1);
		addr_parse_unix(path, &passed->addr);
	}
}

/* superd.17.n.ID */
unsigned
passed_number(const char *name)
{
	unsigned number;
	char way;

	return sscanf(name, "superd.%9u.%c.", &number, &way) == 2 ? number : 0;
}

unsigned
passed_last_number(void)
{
	return last_number;
}

/* Who has such a socket, too: a server, an internal process, or nobody. */
static char
way_of(const struct service *service)
{
	if (service_lends_socket(service))
		return 'w';
	return service->command.program == NULL ? 'i' : 'n';
}

/* As long as a name may be, of the characters that may be in one. */
char *
passed_name(unsigned number, const struct service *service)
{
	char *name = xasprintf("superd.%u.%c.%.200s", number, way_of(service),
	    service->id);

	for (char *p = name; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || *p == ':')
			*p = '_';
	return name;
}

static void
recognise(struct passed *passed)
{
	unsigned number = passed_number(passed->name);
	const char *way;

	if (number == 0)
		return;
	way = strchr(passed->name + strlen("superd."), '.');
	passed->stored = passed->name;
	passed->way = way[1];
	passed->name = way + strlen(".n.");
	if (number > last_number)
		last_number = number;
}

static void
examine(struct passed *passed, int fd)
{
	struct stat st;

	passed->fd = fd_high(fd);
	passed->busy = -1;
	passed->inode = fstat(passed->fd, &st) == 0 ? st.st_ino : 0;
	passed->socktype = option(passed->fd, SOL_SOCKET, SO_TYPE);
	passed->protocol = option(passed->fd, SOL_SOCKET, SO_PROTOCOL);
	passed->v6only = option(passed->fd, IPPROTO_IPV6, IPV6_V6ONLY) > 0;
	learn_address(passed);
	passed->unusable = why_unusable(passed);
}

/* How many there are; 0 if they are for somebody else. */
static size_t
count_passed(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	const char *problem;

	if (pid == NULL || fds == NULL ||
	    strtonum(pid, 1, INT_MAX, &problem) != getpid() || problem != NULL)
		return 0;
	return (size_t)strtonum(fds, 0, MOST, &problem);
}

static void
collect(void)
{
	const char *text = getenv("LISTEN_FDNAMES");
	char *next;

	list = xcalloc(count, sizeof(*list));
	names = next = xstrdup(text != NULL ? text : "");
	for (size_t i = 0; i < count; i++) {
		const char *name = strsep(&next, ":");

		list[i].name = name != NULL ? name : "";
		recognise(&list[i]);
		examine(&list[i], FIRST + (int)i);
	}
}

void
passed_collect(int keep)
{
	count = all = count_passed();
	fds_close_but(FIRST + (int)count, keep);
	if (count > 0)
		collect();
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

/* Those of an upgrade. */

void
passed_keep(int fd, const char *name, bool busy)
{
	if ((count & (count + 1)) == 0) /* 0, 1, 3, 7, ... */
		list = xreallocarray(list, count * 2 + 2, sizeof(*list));
	memset(&list[count], 0, sizeof(list[count]));
	list[count].own = xstrdup(name);
	list[count].name = list[count].own;
	recognise(&list[count]);
	examine(&list[count], fd);
	if (busy)
		list[count].busy = list[count].fd;
	nbusy += busy;
	all = ++count;
	kept = true;
}

bool
passed_is_kept(void)
{
	return kept;
}

bool
passed_is_busy(int fd)
{
	for (size_t i = 0; nbusy > 0 && i < count; i++)
		if (list[i].busy == fd)
			return true;
	return false;
}

/* Taking. */

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const struct passed *)a)->name,
	    ((const struct passed *)b)->name);
}

/* The first of those with this name: the list is sorted. */
static size_t
find_name(const char *name)
{
	size_t low = 0, high = count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (strcmp(list[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
has_name(size_t i, const char *name)
{
	return i < count && strcmp(list[i].name, name) == 0;
}

void
passed_claim(const struct conf *conf)
{
	if (count == 0)
		return;
	qsort(list, count, sizeof(*list), compare_names);
	for (size_t i = 0; i < conf->count; i++) {
		const char *id = conf->services[i]->id;

		for (size_t at = find_name(id); has_name(at, id); at++)
			list[at].claimed = true;
	}
}

static bool
fits(const struct passed *passed, const struct service *service,
    const struct endpoint *endpoint)
{
	sa_family_t family = endpoint->addr.u.sa.sa_family;

	return passed->fd >= 0 && passed->unusable == NULL &&
	    passed->socktype == service->socktype &&
	    passed->protocol == service->protocol &&
	    (passed->stored == NULL || passed->way == way_of(service)) &&
	    passed->addr.u.sa.sa_family == family &&
	    (family != AF_INET6 || service->socktype == SOCK_RAW ||
		passed->v6only == endpoint->v6only);
}

static int
take(struct passed *passed, char **stored)
{
	int fd = passed->fd;

	if (passed->stored != NULL)
		*stored = xstrdup(passed->stored);

	passed->fd = -1;
	passed->taken = true;
	return fd;
}

/* Its port is what the system chose: RPC. */
static bool
is_open_end(const struct endpoint *endpoint)
{
	return addr_is_internet(&endpoint->addr) &&
	    addr_port(&endpoint->addr) == 0;
}

int
passed_take(const struct service *service, const struct endpoint *endpoint,
    char **stored)
{
	size_t named = find_name(service->id), other = count;

	*stored = NULL;

	for (size_t i = named; has_name(i, service->id); i++) {
		if (!fits(&list[i], service, endpoint))
			continue;
		if (addr_equal(&list[i].addr, &endpoint->addr))
			return take(&list[i], stored);
		if (other == count &&
		    (list[i].stored == NULL || is_open_end(endpoint)))
			other = i;
	}
	/* by its name alone, wherever it is bound */
	if (other < count)
		return take(&list[other], stored);
	for (size_t i = 0; i < count; i++)
		if (!list[i].claimed && fits(&list[i], service, endpoint) &&
		    addr_equal(&list[i].addr, &endpoint->addr))
			return take(&list[i], stored);
	return -1;
}

/* The rest. */

static const char *
type_name(int socktype)
{
	switch (socktype) {
	case SOCK_STREAM:
		return "stream ";
	case SOCK_DGRAM:
		return "dgram ";
	case SOCK_SEQPACKET:
		return "seqpacket ";
	default:
		return "";
	}
}

static const char *
families(const struct passed *passed)
{
	if (passed->addr.u.sa.sa_family != AF_INET6 || passed->v6only)
		return "";
	return ", which is for IPv4 too";
}

static void
describe(const struct passed *passed, char buf[PASSED_TEXT])
{
	char address[ADDR_TEXT] = "", name[128];
	int length;

	if (passed->addr.len > 0)
		addr_print(&passed->addr, address, sizeof(address));
	snprintf(name, sizeof(name), "%s", passed->name);
	length = snprintf(buf, PASSED_TEXT,
	    "%s%s%s%s%s: ", type_name(passed->socktype), address,
	    families(passed), name[0] != '\0' ? " " : "", name);
	snprintf(buf + length, PASSED_TEXT - (size_t)length, "%s",
	    passed->unusable != NULL ?
		passed->unusable :
		"no service has such a socket");
}

/* Of its socket unit, and of the store. */
static bool
came_twice(const struct passed *passed)
{
	for (size_t i = 0; i < all; i++)
		if (list[i].taken && list[i].inode == passed->inode)
			return true;
	return false;
}

bool
passed_close_next(char buf[PASSED_TEXT])
{
	while (count > 0) {
		struct passed *passed = &list[--count];
		bool left = passed->fd >= 0;

		if (left) {
			left = !came_twice(passed);
			describe(passed, buf);
			close(passed->fd);
		}
		free(passed->own);
		if (left)
			return true;
	}
	free(list);
	free(names);
	list = NULL;
	names = NULL;
	return false;
}
