/* Processes that refuse. */
#include "superd/serve/refuser.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/base/confine.h"
#include "superd/base/descriptors.h"
#include "superd/running/aside.h"
#include "superd/running/blocked.h"
#include "superd/running/listener_more.h"
#include "superd/running/records.h"
#include "superd/running/refusal.h"

/* How many one process refuses, in its exit status above those of others;
 * and how long it may take. */
enum {
	CLIENTS_MAX = 100,
	EXIT_REFUSED = 100,
	SECONDS = 2,
	PAUSE = 100 * MILLISECOND
};

/* Of all services together: a process for each client of a flood is what a
 * flood wants. */
static const struct rate start_rate = { 64, 4 };

struct refusers {
	struct bucket starts;
};

struct refusers *
refusers_new(void)
{
	return xcalloc(1, sizeof(struct refusers));
}

void
refusers_free(struct refusers *refusers)
{
	free(refusers);
}

/* In the child. */

static volatile sig_atomic_t refused;

/* Whoever has the socket too may have made accept(2) wait; those who came
 * before have been refused. */
static void
time_is_over(int signo)
{
	(void)signo;
	_exit(EXIT_REFUSED + (int)refused);
}

static void
end_in_time(void)
{
	sigset_t set;

	signal(SIGALRM, time_is_over);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	alarm(SECONDS);
}

static void
refuse_all(const void *arg)
{
	(void)arg;
	end_in_time();
	confine_alone();
	while (refused < CLIENTS_MAX) {
		int client;

		fd_nonblocking(STDIN_FILENO, 1);
		client = accept4(STDIN_FILENO, NULL, NULL, SOCK_CLOEXEC);
		if (client < 0)
			break;
		close_politely(client);
		refused++;
	}
	_exit(EXIT_REFUSED + (int)refused);
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
	loop_timer_init(&listener->more->timer, pause_over, listener);
	loop_timer_set(listener->running->superd->loop, &listener->more->timer,
	    PAUSE);
}

static void
all_refused(struct listener *listener, int status)
{
	int count = WIFEXITED(status) ? WEXITSTATUS(status) - EXIT_REFUSED : 0;

	for (int i = 0; i < count && i < CLIENTS_MAX; i++)
		running_refuse(listener->running, NULL,
		    listener->more->refused_for);
	pause_for_a_moment(listener);
}

void
refuser_start(struct listener *listener, enum refusal why)
{
	struct superd *superd = listener->running->superd;

	listener->more->refused_for = why;
	if (!bucket_try(&superd->refusers->starts, &start_rate,
		loop_now(superd->loop)) ||
	    !aside_start(listener, refuse_all, NULL, all_refused))
		pause_for_a_moment(listener);
}
