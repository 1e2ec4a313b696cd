/*
 * From the state of an upgrade to the records of superd.  All of it was read
 * before any is used.
 */
#include "superd/resume.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/base/descriptors.h"
#include "superd/base/loop_timer.h"
#include "superd/base/passed.h"
#include "superd/control/control.h"
#include "superd/instance.h"
#include "superd/log/log.h"
#include "superd/running/child.h"
#include "superd/running/closed.h"
#include "superd/running/denied_file.h"
#include "superd/running/denylist.h"
#include "superd/running/event_self.h"
#include "superd/running/override.h"
#include "superd/running/records.h"
#include "superd/running/running.h"
#include "superd/running/running_tree.h"
#include "superd/running/share.h"
#include "superd/running/stderr_pipe.h"
#include "superd/serve/wait.h"
#include "superd/spawn/daemon.h"
#include "superd/spawn/process.h"
#include "superd/upgrade_exec.h"

static struct {
	struct upgrade_state state;
	int memory, before;
	char why[128]; /* "": this is what was upgraded to */
	struct loop_timer timer;
} resumed = { .memory = -1, .before = -1 };

struct early {
	pid_t pid;
	int status;
	struct rusage usage;
};

static struct {
	struct early *list;
	size_t count;
} early;

/* Before main() does anything. */

static void
check_fd(struct kept_fd *kept)
{
	if (!kept_fd_is_there(kept))
		kept->fd = -1;
	else
		fcntl(kept->fd, F_SETFD, FD_CLOEXEC);
}

static int highest;

static void
find_highest(struct kept_fd *kept)
{
	if (kept->fd > highest)
		highest = kept->fd;
}

static void
take_descriptors(void)
{
	struct upgrade_state *state = &resumed.state;

	upgrade_state_each_fd(state, check_fd);
	upgrade_state_each_fd(state, find_highest);
	fcntl(resumed.memory, F_SETFD, FD_CLOEXEC);
	if (resumed.before >= 0)
		fcntl(resumed.before, F_SETFD, FD_CLOEXEC);
	fds_reserve((size_t)highest + FD_HIGH);
	instance_resume(state->self.lock.fd);
	pid_file_resume(state->self.pid_file.fd, state->self.pid_path);
	daemon_resume(state->self.detached);
	for (size_t i = 0; i < state->nlisteners; i++)
		if (state->listeners[i].socket.fd >= 0)
			passed_keep(state->listeners[i].socket.fd,
			    state->listeners[i].name, state->listeners[i].busy);
}

static bool
read_value(const char *value)
{
	return sscanf(value, "%d,%d,%127[^\n]", &resumed.memory,
		   &resumed.before, resumed.why) >= 2 &&
	    resumed.memory > STDERR_FILENO;
}

enum resume
resume_begin(void)
{
	const char *value = getenv(UPGRADE_VARIABLE), *expected;
	char *copy;
	bool usable;

	if (value == NULL)
		return RESUME_NOTHING;
	copy = xstrdup(value);
	unsetenv(UPGRADE_VARIABLE);
	usable = read_value(copy);
	if (!usable && strcmp(copy, UPGRADE_CHECK) == 0) {
		free(copy);
		return RESUME_CHECK;
	}
	free(copy);
	if (!usable)
		return RESUME_NOTHING;
	daemon_clean_resume();
	expected = upgrade_state_read(resumed.memory, &resumed.state);
	if (expected == NULL && resumed.state.self.pid != getpid())
		expected = "expected the state of this process";
	if (resumed.before >= 0)
		upgrade_guard(resumed.memory, resumed.before, &resumed.state);
	if (expected != NULL) {
		upgrade_fall_back(expected);
		fprintf(stderr, "superd: upgrade: %s\n", expected);
		_exit(1);
	}
	take_descriptors();
	return RESUME_STATE;
}

/* Services. */

/* Whatever was closed gets no socket. */
void
resume_prepare(struct superd *superd, const struct conf *conf)
{
	const struct upgrade_state *state = &resumed.state;

	superd->started = state->self.started;
	superd->reload_counts.applied = (uint64_t)state->self.applied;
	superd->reload_counts.refused = (uint64_t)state->self.refused;
	for (size_t i = 0; i < state->nservices; i++) {
		const struct service *service;

		if (state->services[i].closed == CLOSED_NOT)
			continue;
		service = conf_find(conf, state->services[i].id);
		if (service != NULL)
			running_get(superd, service->id)
			    ->closed = CLOSED_STOPPED;
	}
}

static void
set_limits(struct running *running, char *text)
{
	char *word, *value;

	while ((word = strsep(&text, " ")) != NULL) {
		value = strchr(word, '=');
		if (value == NULL)
			continue;
		*value++ = '\0';
		override_set(running, word, value);
	}
	running_limits_changed(running);
}

static void
restore_counters(struct counters *counters, const struct kept_service *kept)
{
	uint64_t *refused = counters->refused;

	counters->accepted = kept->counted[0];
	counters->started = kept->counted[1];
	counters->answered = kept->counted[2];
	counters->datagrams = kept->counted[3];
	counters->discarded = kept->counted[4];
	counters->failed = kept->counted[5];
	if (refused == NULL)
		refused = calloc(REFUSAL_COUNT, sizeof(*refused));
	if (refused != NULL)
		memcpy(refused, kept->refused, sizeof(kept->refused));
	counters->refused = refused;
}

static void
restore_service(struct superd *superd, const struct kept_service *kept)
{
	struct running *running = running_find(superd, kept->id);

	if (running == NULL)
		return;
	restore_counters(&running->counters, kept);
	running->starts.full_at = kept->starts_full_at;
	if (running->removed)
		return;
	if (kept->closed != CLOSED_NOT)
		running->closed = (enum closed)kept->closed;
	if (kept->override != NULL)
		set_limits(running, kept->override);
}

/* Children. */

static struct listener *
find_listener(struct running *running, int fd)
{
	for (size_t i = 0; fd >= 0 && i < running->nlisteners; i++)
		if (running->listeners[i]->fd == fd)
			return running->listeners[i];
	return NULL;
}

/* One that the configuration does not have any more stays for its children. */
static struct running *
service_of(struct superd *superd, const char *id)
{
	struct running *running = running_find(superd, id);

	if (running != NULL)
		return running;
	running = running_get(superd, xstrdup(id));
	running->owns_id = true;
	return running;
}

static struct child *
restore_child(struct superd *superd, const struct kept_child *kept)
{
	struct running *running = service_of(superd, kept->id);
	struct listener *listener = find_listener(running, kept->listener);
	struct child *child;

	if (!children_prepare(superd->children))
		xalloc_fail();
	child = child_add(running, kept->pid,
	    kept->peer.len > 0 ? &kept->peer : NULL);
	child->started = kept->started;
	child->started_at = (time_t)kept->started_at;
	child->told = kept->told;
	child->killed = (uint8_t)kept->killed;
	if (kept->uncounted)
		share_uncount(child);
	if (kept->local.len > 0) {
		child->local = xcalloc(1, sizeof(kept->local));
		*child->local = kept->local;
	}
	child_runs(child);
	if (listener != NULL && listener->server == NULL)
		wait_resume(listener, child);
	return child;
}

static void
restore_pipes(struct superd *superd, const struct kept_child *kept,
    struct child *child)
{
	const struct upgrade_state *state = &resumed.state;

	for (size_t i = 0; i < state->npipes; i++) {
		struct kept_pipe *one = &state->pipes[i];
		const struct stderr_kept pipe = { one->pipe.fd, one->pid,
			&one->peer };
		struct running *running;

		if (one->pipe.fd < 0 || (kept != NULL && one->pid != kept->pid))
			continue;
		running = running_find(superd, one->id);
		if (running != NULL)
			stderr_resume(running,
			    child != NULL ? &child->own : NULL, &pipe);
		else
			close(one->pipe.fd);
		one->pipe.fd = -1;
	}
}

static void
restore_children(struct superd *superd)
{
	const struct upgrade_state *state = &resumed.state;

	for (size_t i = 0; i < state->nchildren; i++) {
		struct child *child;

		child = restore_child(superd, &state->children[i]);
		restore_pipes(superd, &state->children[i], child);
	}
	restore_pipes(superd, NULL, NULL);
}

void
resume_restore(void *arg, struct superd *superd)
{
	const struct upgrade_state *state = &resumed.state;

	(void)arg;
	restore_children(superd);
	for (size_t i = 0; i < state->nservices; i++)
		restore_service(superd, &state->services[i]);
	for (size_t i = 0; i < state->ndenied; i++)
		denylist_add(superd->denylist, &state->denied[i], loop_clock());
	denied_file_changed(superd);
}

void
resume_ended(pid_t pid, int status, const struct rusage *usage)
{
	early.list = xreallocarray(early.list, early.count + 1,
	    sizeof(*early.list));
	early.list[early.count++] = (struct early){ pid, status, *usage };
}

static void
end_early(void)
{
	for (size_t i = 0; i < early.count; i++)
		process_ended(early.list[i].pid, early.list[i].status,
		    &early.list[i].usage);
	free(early.list);
	early.list = NULL;
	early.count = 0;
}

/* The end of the start. */

void
resume_control(struct superd *superd)
{
	const struct kept_self *self = &resumed.state.self;

	if (control_resume(superd, self->control.fd, self->control_path) == 0)
		return;
	if (self->control.fd >= 0)
		close(self->control.fd);
	control_open(superd);
}

static void
answer(const struct kept_self *self)
{
	bool failed = resumed.why[0] != '\0';
	char *text;

	if (self->reply.fd < 0)
		return;
	if (failed)
		text = xasprintf(CONTROL_ERROR
		    "%d\nupgrade: the new program failed (%s); the old one "
		    "goes on\n",
		    CONTROL_FAILED, resumed.why);
	else if (self->json)
		text = xasprintf(CONTROL_EXIT
		    "%d\n{\"pid\":%d,\"version\":"
		    "\"%s\"}\n",
		    CONTROL_OK, (int)getpid(), SUPERD_VERSION);
	else
		text = xasprintf(CONTROL_EXIT "%d\nsuperd %s pid %d\n",
		    CONTROL_OK, SUPERD_VERSION, (int)getpid());
	send(self->reply.fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
	free(text);
	close(self->reply.fd);
}

static void
settled(void *arg)
{
	(void)arg;
	upgrade_unguard();
}

void
resume_done(struct superd *superd)
{
	if (resumed.why[0] != '\0')
		event_upgrade_failed(resumed.why);
	else
		event_upgraded(SUPERD_VERSION);
	end_early();
	answer(&resumed.state.self);
	if (resumed.before < 0)
		close(resumed.memory);
	upgrade_state_free(&resumed.state);
	loop_timer_init(&resumed.timer, settled, NULL);
	loop_timer_set(superd->loop, &resumed.timer, SECOND);
}
