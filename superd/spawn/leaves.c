/* Groups of sessions: where they are, what they limit, and when they go. */
#include "superd/spawn/leaves.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/backoff.h"
#include "superd/base/cgroup.h"
#include "superd/base/clock.h"
#include "superd/base/descriptors.h"

enum { NAMES = 40, NUMBERS = 48 }; /* characters */
enum { GENERATIONS = 64 };
enum { PERIOD = 100000 }; /* microseconds */
/* After how long those that end are looked at: at first, and at most. */
enum { LOOK_FIRST = 5 * MILLISECOND, LOOK_LAST = SECOND };

/* Where the daemon itself is, once it has moved. */
static const char aside[] = "daemon.superd";

struct leaves {
	struct loop *loop;
	struct loop_timer timer;
	struct leaf_home home;
	unsigned last;	  /* number */
	unsigned *ending; /* numbers of those that are to be removed */
	size_t nending;
	unsigned looks; /* of the timer, in a row */
};

/* What a box limits. */

struct limit {
	enum box_part part;
	const char *controller, *file;
	char text[NUMBERS]; /* "": no limit */
};

enum { LIMITS = 4 };

static void
list_limits(const struct box *box, struct limit list[LIMITS])
{
	list[0] = (struct limit){ BOX_MEMORY, "+memory", "memory.max", "" };
	list[1] = (struct limit){ BOX_TASKS, "+pids", "pids.max", "" };
	list[2] = (struct limit){ BOX_CPU, "+cpu", "cpu.max", "" };
	list[3] = (struct limit){ BOX_IO, "+io", "io.weight", "" };
	if (box->memory_max != 0)
		snprintf(list[0].text, NUMBERS, "%llu",
		    (unsigned long long)box->memory_max);
	if (box->pids_max != 0)
		snprintf(list[1].text, NUMBERS, "%u", box->pids_max);
	if (box->cpu_max != 0)
		snprintf(list[2].text, NUMBERS, "%llu %d",
		    (unsigned long long)box->cpu_max * PERIOD / 100, PERIOD);
	if (box->io_weight != 0)
		snprintf(list[3].text, NUMBERS, "default %u", box->io_weight);
	for (size_t i = 0; i < LIMITS; i++)
		if (box_lacks(box, list[i].part) || box_lacks(box, BOX_CGROUP))
			list[i].text[0] = '\0';
}

static bool
limits(const struct box *box, bool asked, enum box_part part)
{
	return asked && !box_lacks(box, part);
}

bool
box_has_leaf(const struct box *box)
{
	return box != NULL && !box_lacks(box, BOX_CGROUP) &&
	    (limits(box, box->memory_max != 0, BOX_MEMORY) ||
		limits(box, box->pids_max != 0, BOX_TASKS) ||
		limits(box, box->cpu_max != 0, BOX_CPU) ||
		limits(box, box->io_weight != 0, BOX_IO));
}

/* The home. */

struct move {
	pid_t daemon;
	int to;
};

static pid_t
parent_of(pid_t pid)
{
	char path[NAMES], text[512];
	const char *end;
	int fd, parent = 0;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	end = strrchr(text, ')');
	if (end == NULL || sscanf(end, ") %*c %d", &parent) != 1)
		return 0;
	return (pid_t)parent;
}

/* Nobody else is moved. */
static void
move_one(void *arg, pid_t pid)
{
	const struct move *move = arg;
	pid_t above = pid;

	for (int i = 0; i < GENERATIONS && above > 1; i++) {
		if (above == move->daemon) {
			cgroup_enter(move->to, pid);
			return;
		}
		above = parent_of(above);
	}
}

static int
move_aside(const struct leaf_home *home)
{
	struct move move = { home->daemon, cgroup_create(home->fd, aside) };

	if (move.to < 0)
		return -1;
	cgroup_each(home->fd, move_one, &move);
	close(move.to);
	return 0;
}

/* The daemon may have moved already. */
static int
open_home(void)
{
	char path[PATH_MAX];
	int fd = cgroup_own(path, sizeof(path));
	const char *last = strrchr(path, '/');
	int parent;

	if (fd < 0 || last == NULL || strcmp(last + 1, aside) != 0)
		return fd;
	parent = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(fd);
	return parent;
}

static int
switch_on(const struct leaf_home *home, const char *controller)
{
	static const char file[] = "cgroup.subtree_control";

	if (cgroup_write(home->fd, file, controller) == 0)
		return 0;
	if (errno != EBUSY || move_aside(home) != 0)
		return -1;
	return cgroup_write(home->fd, file, controller);
}

bool
leaf_home_open(struct leaf_home *home, const struct box *box,
    enum box_part *part)
{
	struct limit list[LIMITS];

	*part = BOX_CGROUP;
	if (home->fd < 0)
		home->fd = open_home();
	if (home->fd < 0)
		return false;
	list_limits(box, list);
	for (size_t i = 0; i < LIMITS; i++) {
		*part = list[i].part;
		if (list[i].text[0] != '\0' &&
		    switch_on(home, list[i].controller) != 0)
			return false;
	}
	return true;
}

static int
set_limits(int leaf, const struct box *box, enum box_part *part)
{
	struct limit list[LIMITS];

	list_limits(box, list);
	for (size_t i = 0; i < LIMITS; i++) {
		*part = list[i].part;
		if (list[i].text[0] != '\0' &&
		    cgroup_write(leaf, list[i].file, list[i].text) != 0)
			return -1;
	}
	/* the limit is one of all memory, and a session ends as a whole; of
	 * kernels that know neither, nothing is asked */
	if (list[0].text[0] != '\0') {
		cgroup_write(leaf, "memory.swap.max", "0");
		cgroup_write(leaf, "memory.oom.group", "1");
	}
	return 0;
}

int
leaf_make(const struct leaf_home *home, const char *name, const struct box *box,
    enum box_part *part)
{
	int leaf, error;

	*part = BOX_CGROUP;
	leaf = cgroup_create(home->fd, name);
	if (leaf < 0 || set_limits(leaf, box, part) == 0)
		return leaf;
	error = errno;
	close(leaf);
	cgroup_remove(home->fd, name);
	errno = error;
	return -1;
}

/* Sessions. */

static void
name_leaf(const struct leaves *leaves, unsigned number, char name[NAMES])
{
	snprintf(name, NAMES, "session-%d-%u", (int)leaves->home.daemon,
	    number);
}

/* Of a daemon that is gone, empty ones can have been left. */
static void
sweep(int home)
{
	int fd = openat(home, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int pid;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (sscanf(entry->d_name, "session-%d-", &pid) == 1 &&
		    pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH)
			cgroup_remove(home, entry->d_name);
	closedir(dir);
}

static bool
remove_leaf(const struct leaves *leaves, unsigned number)
{
	char name[NAMES];

	name_leaf(leaves, number, name);
	return cgroup_remove(leaves->home.fd, name) == 0 || errno != EBUSY;
}

static void
look(void *arg)
{
	struct leaves *leaves = arg;
	size_t left = 0;

	for (size_t i = 0; i < leaves->nending; i++)
		if (!remove_leaf(leaves, leaves->ending[i]))
			leaves->ending[left++] = leaves->ending[i];
	leaves->nending = left;
	if (left > 0)
		loop_timer_set(leaves->loop, &leaves->timer,
		    backoff(++leaves->looks, LOOK_FIRST, LOOK_LAST));
}

struct leaves *
leaves_new(struct loop *loop)
{
	struct leaves *leaves = calloc(1, sizeof(*leaves));

	if (leaves == NULL)
		return NULL;
	leaves->loop = loop;
	leaves->home.fd = -1;
	loop_timer_init(&leaves->timer, look, leaves);
	return leaves;
}

void
leaves_free(struct leaves *leaves)
{
	if (leaves == NULL)
		return;
	loop_timer_stop(leaves->loop, &leaves->timer);
	if (leaves->home.fd >= 0)
		close(leaves->home.fd);
	free(leaves->ending);
	free(leaves);
}

/* The load has moved the daemon, or a service would not be here that wants
 * leaves. */
static bool
prepare(struct leaves *leaves, const struct box *box)
{
	enum box_part part;
	bool first = leaves->home.fd < 0;
	unsigned *ending = reallocarray(leaves->ending, leaves->nending + 1,
	    sizeof(*ending));

	if (ending == NULL)
		return false;
	leaves->ending = ending;
	leaves->home.daemon = getpid();
	if (!leaf_home_open(&leaves->home, box, &part))
		return false;
	if (first) {
		leaves->home.fd = fd_high(leaves->home.fd);
		sweep(leaves->home.fd);
	}
	return true;
}

int
leaves_make(struct leaves *leaves, const struct box *box, unsigned *number)
{
	enum box_part part;
	char name[NAMES];
	int leaf;

	if (!prepare(leaves, box))
		return -1;
	if (++leaves->last == 0)
		leaves->last = 1;
	name_leaf(leaves, leaves->last, name);
	leaf = leaf_make(&leaves->home, name, box, &part);
	*number = leaf < 0 ? 0 : leaves->last;
	return leaf;
}

static int
open_leaf(const struct leaves *leaves, unsigned number)
{
	char name[NAMES];

	name_leaf(leaves, number, name);
	return openat(leaves->home.fd, name,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int
of_leaf(const struct leaves *leaves, unsigned number, int (*fn)(int group))
{
	int leaf = open_leaf(leaves, number), result, error;

	if (leaf < 0)
		return -1;
	result = fn(leaf);
	error = errno;
	close(leaf);
	errno = error;
	return result;
}

int
leaves_count(const struct leaves *leaves, unsigned number)
{
	return of_leaf(leaves, number, cgroup_count);
}

int
leaves_kill(const struct leaves *leaves, unsigned number)
{
	return of_leaf(leaves, number, cgroup_kill);
}

void
leaves_end(struct leaves *leaves, unsigned number)
{
	unsigned *ending;

	if (number == 0 || remove_leaf(leaves, number))
		return;
	leaves_kill(leaves, number);
	ending = reallocarray(leaves->ending, leaves->nending + 1,
	    sizeof(*ending));
	if (ending == NULL)
		return; /* the next daemon removes it */
	leaves->ending = ending;
	leaves->ending[leaves->nending++] = number;
	leaves->looks = 0;
	loop_timer_set(leaves->loop, &leaves->timer, LOOK_FIRST);
}
