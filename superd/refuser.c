/* Processes that refuse. */
#include "superd/refuser.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "superd/confine.h"
#include "superd/fds.h"
#include "superd/listen.h"
#include "superd/refusal.h"
#include "superd/spawn.h"

/* How many one process refuses, in its exit status above those of others;
 * and how long it may take. */
enum { CLIENTS_MAX = 100, EXIT_REFUSED = 100, SECONDS = 2,
	PAUSE = 100 * 1000 /* microseconds */ };

/* Of all services together: a process for each client of a flood is what a
 * flood wants. */
static const struct rate start_rate = { 64, 4 };

/* In the child. */

static void
end_in_time(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	alarm(SECONDS);
}

static void
refuse_all(const void *arg)
{
	int count = 0;

	(void)arg;
	end_in_time();
	confine_alone();
	while (count < CLIENTS_MAX) {
		int client;

		fd_nonblocking(STDIN_FILENO, 1);
		client = accept4(STDIN_FILENO, NULL, NULL, SOCK_CLOEXEC);
		if (client < 0)
			break;
		close_politely(client);
		count++;
	}
	_exit(EXIT_REFUSED + count);
}

/* In superd. */

static void
pause_over(void *arg)
{
	listener_unblock(arg, BLOCK_BACKOFF);
}

static void
pause_for_a_moment(struct listener *listener)
{
	listener_block(listener, BLOCK_BACKOFF);
	listener->timer.fn = pause_over;
	loop_timer_set(listener->live->superd->loop, &listener->timer, PAUSE);
}

void
refuser_start(struct listener *listener, enum refusal why)
{
	struct superd *superd = listener->live->superd;
	const struct spawn_inside inside = { .image = superd->internal_image,
		.fd = listener->fd, .beside = -1, .run = refuse_all,
		.title = listener->live->id };
	pid_t pid = -1;

	if (bucket_try(&superd->refusers, &start_rate,
	    loop_now(superd->loop)))
		pid = spawn_inside(&inside);
	if (pid <= 0) {
		pause_for_a_moment(listener);
		return;
	}
	listener->refuser = pid;
	listener->refused_for = why;
	TAILQ_INSERT_TAIL(&superd->refusing, listener, refusing);
	listener_block(listener, BLOCK_BUSY);
}

static void
count_refused(struct listener *listener, int status)
{
	int count = WIFEXITED(status) ? WEXITSTATUS(status) - EXIT_REFUSED :
	    0;

	for (int i = 0; i < count && i < CLIENTS_MAX; i++)
		live_refuse(listener->live, NULL, listener->refused_for);
}

static struct listener *
find(struct superd *superd, pid_t pid)
{
	struct listener *listener;

	TAILQ_FOREACH(listener, &superd->refusing, refusing)
		if (listener->refuser == pid)
			return listener;
	return NULL;
}

bool
refuser_ended(struct superd *superd, pid_t pid, int status)
{
	struct listener *listener = find(superd, pid);

	if (listener == NULL)
		return false;
	TAILQ_REMOVE(&superd->refusing, listener, refusing);
	listener->refuser = 0;
	count_refused(listener, status);
	pause_for_a_moment(listener);
	listener_unblock(listener, BLOCK_BUSY);
	return true;
}

void
refuser_forget(struct listener *listener)
{
	if (listener->refuser == 0)
		return;
	kill(listener->refuser, SIGKILL);
	TAILQ_REMOVE(&listener->live->superd->refusing, listener, refusing);
	listener->refuser = 0;
}
