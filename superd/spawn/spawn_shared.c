/*
 * Each child runs on a small stack of its own until exec.  Its first call
 * gives it a descriptor table of its own, made of those below FD_HIGH alone:
 * however many listeners there are, they are not copied.  Until it has said
 * so, its connection must not be closed here, since the table is still one.
 * The kernel clears the slot's tid when the child execs or ends: then its
 * stack is free again (CLONE_CHILD_CLEARTID).
 *
 * A child touches nothing but its slot and its image, which is counted; its
 * system calls leave errno alone.  One that is stopped by the user it has
 * become keeps its slot, and nothing else waits for it.
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
#include "superd/base/descriptors.h"
#include "superd/base/watched.h"
#include "superd/spawn/child_steps.h"
#include "superd/spawn/environment.h"
#include "superd/spawn/rawsys.h"

/* Microseconds until what children have done is looked at: at first, and for
 * one that does not come along. */
enum { LOOK_FIRST = 5000, LOOK_LAST = 100 * 1000 };
enum { SLOTS = 32, STACK = 32 * 1024, GUARD = 4096 };

struct slot {
	pid_t tid;		/* 0: free; cleared by the kernel */
	atomic_bool apart;	/* has a descriptor table of its own */
	int fd, error;		/* the socket, stderr: below FD_HIGH */
	int close, close_error; /* to be closed once it is apart; -1 */
	struct command_image *image;
	char **envp;
	struct environment environment;
	char *stack;
	bool used; /* image and close still to be settled */
};

struct fast {
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

static pid_t
tid_of(const struct slot *slot)
{
	return __atomic_load_n(&slot->tid, __ATOMIC_ACQUIRE);
}

static void
settle_one(struct fast *fast, int *fd)
{
	if (*fd < 0)
		return;
	close(*fd);
	*fd = -1;
	fast->pending--;
}

static void
settle_close(struct fast *fast, struct slot *slot)
{
	if (!atomic_load(&slot->apart) && tid_of(slot) != 0)
		return;
	settle_one(fast, &slot->close);
	settle_one(fast, &slot->close_error);
}

void
fast_settle(struct fast *fast)
{
	for (int i = 0; i < SLOTS; i++) {
		struct slot *slot = &fast->slots[i];

		if (!slot->used)
			continue;
		settle_close(fast, slot);
		if (tid_of(slot) != 0 || slot->close >= 0 ||
		    slot->close_error >= 0)
			continue;
		image_unref(slot->image);
		slot->image = NULL;
		slot->used = false;
	}
}

static void
look_again(void *arg)
{
	struct fast *fast = arg;

	fast_settle(fast);
	if (fast->pending == 0)
		return;
	loop_timer_set(fast->loop, &fast->timer,
	    backoff(++fast->looks, LOOK_FIRST, LOOK_LAST));
}

struct fast *
fast_new(struct loop *loop)
{
	struct fast *fast;

	if (!RAWSYS_NATIVE || memory_is_watched() || is_unwanted())
		return NULL;
	fast = xcalloc(1, sizeof(*fast));
	fast->loop = loop;
	fast->timer.fn = look_again;
	fast->timer.arg = fast;
	return fast;
}

/* Stacks of children that have not come to their program yet are left to
 * them: the daemon is about to end. */
void
fast_free(struct fast *fast)
{
	if (fast == NULL)
		return;
	loop_timer_stop(fast->loop, &fast->timer);
	fast_settle(fast);
	for (int i = 0; i < SLOTS; i++) {
		struct slot *slot = &fast->slots[i];

		if (slot->used)
			return;
		if (slot->stack != NULL)
			munmap(slot->stack, STACK + GUARD);
		environment_free(&slot->environment);
	}
	free(fast);
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
	become_program(slot->image, slot->envp, slot->fd, slot->error);
}

static struct slot *
free_slot(struct fast *fast)
{
	for (int i = 0; i < SLOTS; i++) {
		struct slot *slot = &fast->slots[i];

		if (!slot->used && (slot->stack != NULL || make_stack(slot)))
			return slot;
	}
	return NULL;
}

/* What lives high, as listeners do, its child gets a copy of that does not.
 * False: there is no room. */
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
expect_close(struct fast *fast, int *slot, int fd)
{
	*slot = fd;
	fast->pending++;
	if (loop_timer_running(&fast->timer))
		return;
	fast->looks = 0;
	loop_timer_set(fast->loop, &fast->timer, LOOK_FIRST);
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
	image_ref(slot->image);
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

/* A copy is closed here when the child has its own, or at once if there is
 * no child. */
static void
settle_copy(struct fast *fast, int *slot, int copy, int original, pid_t pid)
{
	if (copy == original)
		return;
	if (pid > 0)
		expect_close(fast, slot, copy);
	else
		close(copy);
}

pid_t
fast_spawn(struct fast *fast, const struct spawn_request *request)
{
	struct command_image *image = request->image;
	struct slot *slot;
	int fd = request->fd;
	pid_t pid;

	fast_settle(fast);
	slot = free_slot(fast);
	if (slot == NULL)
		return 0;
	slot->fd = fd;
	slot->error = image->error_fd;
	slot->close = slot->close_error = -1;
	slot->image = image;
	if (!lower_both(slot, fd))
		return 0;
	slot->envp = environment_make(&slot->environment, request);
	pid = slot->envp != NULL ? start(slot) : -1;
	settle_copy(fast, &slot->close, slot->fd, fd, pid);
	settle_copy(fast, &slot->close_error, slot->error, image->error_fd,
	    pid);
	return pid;
}

bool
fast_keep(struct fast *fast, int fd)
{
	for (int i = 0; i < SLOTS; i++) {
		struct slot *slot = &fast->slots[i];

		if (!slot->used || slot->fd != fd || slot->close >= 0 ||
		    atomic_load(&slot->apart) || tid_of(slot) == 0)
			continue;
		expect_close(fast, &slot->close, fd);
		return true;
	}
	return false;
}
