/*
 * Each child runs on a small stack of its own until exec.  Its first system
 * call, close_range(2), gives it a descriptor table of its own with only those
 * below FD_HIGH: the listeners are not copied, however many there are.  Until
 * the child has marked that in its slot, the table is shared, and its
 * connection must not be closed here.  When the child execs or ends, the
 * kernel clears the slot's tid (CLONE_CHILD_CLEARTID), and its stack is free
 * again.
 *
 * A child uses only its slot and its command, which has a reference; its
 * system calls do not set errno.  A child that its user has stopped before
 * exec keeps its slot, and holds up nothing else.
 */
#include "superd/spawn/spawn_shared.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/backoff.h"
#include "superd/base/clock.h"
#include "superd/base/descriptors.h"
#include "superd/base/watched.h"
#include "superd/spawn/child_steps.h"
#include "superd/spawn/environment.h"
#include "superd/spawn/identity.h"
#include "superd/spawn/rawsys.h"

/* After how long the slots are looked at: at first, and at most. */
enum { LOOK_FIRST = 5 * MILLISECOND, LOOK_LAST = 100 * MILLISECOND };
enum { SLOTS = 32, STACK = 32 * 1024, GUARD = 4096 };

struct slot {
	pid_t tid;		/* 0: free; cleared by the kernel */
	atomic_bool apart;	/* it has a descriptor table of its own */
	int fd, error;		/* the socket, stderr: below FD_HIGH */
	int close, close_error; /* to be closed once it is apart, or -1 */
	struct prepared_command *prepared;
	char **envp;
	struct identity *identity; /* or NULL */
	struct environment environment;
	char *stack;
	bool used; /* prepared, close and close_error are to be released */
};

struct shared_spawner {
	struct loop *loop;
	struct loop_timer timer;
	struct slot slots[SLOTS];
	unsigned pending; /* slots with something to close */
	unsigned looks;	  /* of the timer, in a row */
};

static bool
is_unwanted(void)
{
	const char *backend = getenv("SUPERD_SPAWN");

	return backend != NULL && strcmp(backend, "fork") == 0;
}

static bool
make_stack(struct slot *slot)
{
	char *memory = mmap(NULL, STACK + GUARD, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	mprotect(memory, GUARD, PROT_NONE);
	slot->stack = memory;
	return true;
}

static void
drop_identity(struct slot *slot)
{
	free(slot->identity);
	slot->identity = NULL;
}

static pid_t
tid_of(const struct slot *slot)
{
	return __atomic_load_n(&slot->tid, __ATOMIC_ACQUIRE);
}

static void
settle_one(struct shared_spawner *shared, int *fd)
{
	if (*fd < 0)
		return;
	close_shared(*fd);
	*fd = -1;
	if (--shared->pending == 0)
		loop_timer_stop(shared->loop, &shared->timer);
}

static void
settle_close(struct shared_spawner *shared, struct slot *slot)
{
	if (!atomic_load(&slot->apart) && tid_of(slot) != 0)
		return;
	settle_one(shared, &slot->close);
	settle_one(shared, &slot->close_error);
}

void
shared_settle(struct shared_spawner *shared)
{
	for (int i = 0; i < SLOTS; i++) {
		struct slot *slot = &shared->slots[i];

		if (!slot->used)
			continue;
		settle_close(shared, slot);
		if (tid_of(slot) != 0 || slot->close >= 0 ||
		    slot->close_error >= 0)
			continue;
		command_unref(slot->prepared);
		slot->prepared = NULL;
		drop_identity(slot);
		slot->used = false;
	}
}

static void
look_again(void *arg)
{
	struct shared_spawner *shared = arg;

	shared_settle(shared);
	if (shared->pending == 0)
		return;
	loop_timer_set(shared->loop, &shared->timer,
	    backoff(++shared->looks, LOOK_FIRST, LOOK_LAST));
}

struct shared_spawner *
shared_new(struct loop *loop)
{
	struct shared_spawner *shared;

	if (!RAWSYS_NATIVE || memory_is_watched() || is_unwanted())
		return NULL;
	shared = xcalloc(1, sizeof(*shared));
	shared->loop = loop;
	loop_timer_init(&shared->timer, look_again, shared);
	return shared;
}

void
shared_free(struct shared_spawner *shared)
{
	if (shared == NULL)
		return;
	loop_timer_stop(shared->loop, &shared->timer);
	shared_settle(shared);
	for (int i = 0; i < SLOTS; i++) {
		struct slot *slot = &shared->slots[i];

		if (slot->used)
			return;
		if (slot->stack != NULL)
			munmap(slot->stack, STACK + GUARD);
		environment_free(&slot->environment);
	}
	free(shared);
}

/* In the child, on the slot's stack. */
static int
run(void *arg)
{
	struct slot *slot = arg;

	if (rawsys(SYS_close_range, FD_HIGH, ~0u, CLOSE_RANGE_UNSHARE, 0, 0) !=
	    0)
		rawsys(SYS_exit_group, 126, 0, 0, 0, 0);
	atomic_store(&slot->apart, true);
	become_program(slot->prepared, slot->envp, slot->identity, slot->fd,
	    slot->error);
}

static struct slot *
free_slot(struct shared_spawner *shared)
{
	for (int i = 0; i < SLOTS; i++) {
		struct slot *slot = &shared->slots[i];

		if (!slot->used && (slot->stack != NULL || make_stack(slot)))
			return slot;
	}
	return NULL;
}

/* Replace a descriptor that is not below FD_HIGH, such as a listener, by a copy
 * that is.  False: no number below is free. */
static bool
lower(int *fd)
{
	int low;

	if (*fd < FD_HIGH)
		return true;
	low = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
	if (low < 0)
		return false;
	if (low >= FD_HIGH) {
		close(low);
		return false;
	}
	*fd = low;
	return true;
}

static void
expect_close(struct shared_spawner *shared, int *slot, int fd)
{
	*slot = fd;
	shared->pending++;
	if (loop_timer_running(&shared->timer))
		return;
	shared->looks = 0;
	loop_timer_set(shared->loop, &shared->timer, LOOK_FIRST);
}

static pid_t
start(struct slot *slot)
{
	pid_t pid;

	atomic_store(&slot->apart, false);
	__atomic_store_n(&slot->tid, -1, __ATOMIC_RELEASE);
	pid = clone(run, slot->stack + GUARD + STACK,
	    CLONE_VM | CLONE_FILES | CLONE_CHILD_CLEARTID | SIGCHLD, slot, NULL,
	    NULL, &slot->tid);
	if (pid < 0) {
		__atomic_store_n(&slot->tid, 0, __ATOMIC_RELEASE);
		return -1;
	}
	slot->used = true;
	command_ref(slot->prepared);
	return pid;
}

static bool
lower_both(struct slot *slot, int fd)
{
	if (!lower(&slot->fd))
		return false;
	if (lower(&slot->error))
		return true;
	if (slot->fd != fd)
		close(slot->fd);
	return false;
}

/* Close a copy once the child has its own table, or at once if there is no
 * child. */
static void
settle_copy(struct shared_spawner *shared, int *slot, int copy, int original,
    pid_t pid)
{
	if (copy == original)
		return;
	if (pid > 0)
		expect_close(shared, slot, copy);
	else
		close(copy);
}

/* The child reads ours.  False: no memory. */
static bool
keep_identity(struct slot *slot, const struct spawn_request *request)
{
	if (request->identity == NULL)
		return true;
	slot->identity = identity_copy(request->identity);
	return slot->identity != NULL;
}

pid_t
shared_spawn(struct shared_spawner *shared, const struct spawn_request *request)
{
	struct prepared_command *prepared = request->prepared;
	struct slot *slot;
	int fd = request->fd;
	pid_t pid;

	shared_settle(shared);
	slot = free_slot(shared);
	if (slot == NULL)
		return 0;
	slot->fd = fd;
	slot->error = prepared->error_fd;
	slot->close = slot->close_error = -1;
	slot->prepared = prepared;
	if (!lower_both(slot, fd))
		return 0;
	slot->envp = environment_make(&slot->environment, request);
	pid = slot->envp != NULL && keep_identity(slot, request) ?
	    start(slot) :
	    -1;
	if (pid < 0)
		drop_identity(slot);
	settle_copy(shared, &slot->close, slot->fd, fd, pid);
	settle_copy(shared, &slot->close_error, slot->error, prepared->error_fd,
	    pid);
	return pid;
}

bool
shared_keep(struct shared_spawner *shared, int fd)
{
	for (int i = 0; i < SLOTS; i++) {
		struct slot *slot = &shared->slots[i];

		if (!slot->used || slot->fd != fd || slot->close >= 0 ||
		    atomic_load(&slot->apart) || tid_of(slot) == 0)
			continue;
		expect_close(shared, &slot->close, fd);
		return true;
	}
	return false;
}
