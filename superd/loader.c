/* The child that loads, its limits, and how its end is understood. */
#include "superd/loader.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "conf/xalloc.h"
#include "superd/base/clock.h"
#include "superd/base/descriptors.h"
#include "superd/base/linebuf.h"
#include "superd/base/watched.h"
#include "superd/log/log.h"
#include "superd/running/event_self.h"
#include "superd/spawn/process.h"

enum { WORDS_LINES = 100, MEBI = 1 << 20 };
/* For what the child needs besides where that cannot be measured. */
static const size_t slack = (size_t)256 << 20;
static const size_t memory_least = sizeof(void *) < 8 ?
    (size_t)256 << 20 :
    (size_t)1 << 30;
static const uint64_t magic = 0x5355504552444c31;

/* At the front of the memory that comes back. */
struct header {
	uint64_t magic;
	size_t lasting, length; /* bytes: as for region_map() */
	size_t memory;		/* ... of addresses that the load took */
	const void *built;
	void *told;
};

struct loader {
	struct loop *loop;
	loader_fn *fn;
	void *arg;
	struct process process;
	struct region region;
	int words;     /* what it writes to stdout and stderr */
	size_t memory; /* what it may use */
	size_t last;   /* what the last one used */
	unsigned seconds;
	struct loop_timer timer;
};

/* In the child. */

/* The size of our address space; 0 where /proc is not mounted. */
static size_t
address_space(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char text[64];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtoul(text, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

static void
limit_memory(const struct loader *loader, size_t before)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)loader->memory +
	    (before > 0 ? before : loader->region.size + slack);

	if (memory_is_watched() || getrlimit(RLIMIT_AS, &limit) != 0)
		return;
	if (wanted < limit.rlim_cur)
		limit.rlim_cur = wanted;
	setrlimit(RLIMIT_AS, &limit);
}

/* Of all processes, the one that can be done without. */
static void
volunteer(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "1000", 4) != 4)
		errno = 0;
	close(fd);
}

/* What is written goes to the daemon, which logs it; no port, lock or client
 * of the daemon is held. */
static void
keep_descriptors(struct region *region, int words)
{
	int null = open("/dev/null", O_RDONLY);

	if (null >= 0)
		dup2(null, STDIN_FILENO);
	dup2(words, STDOUT_FILENO);
	dup2(words, STDERR_FILENO);
	if (region->fd > 3 && dup3(region->fd, 3, O_CLOEXEC) == 3)
		region->fd = 3;
	closefrom(4);
}

static int
run_job(struct loader *loader, const struct loader_job *job)
{
	size_t before = address_space(), after;
	struct header *header;
	struct arena arena;

	limit_memory(loader, before);
	if (region_write(&loader->region, &arena) != 0)
		return errno;
	header = arena_take(&arena, sizeof(*header));
	header->magic = magic;
	header->built = job->build(job->arg, &arena);
	header->lasting = region_lasting_ends(&arena);
	header->told = job->tell(job->arg, &arena);
	after = address_space();
	header->memory = after > before ? after - before : 0;
	header->length = arena.used;
	return region_seal(&loader->region, arena.used) != 0 ? errno : 0;
}

static void
run_child(struct loader *loader, const struct loader_job *job, pid_t parent,
    int words)
{
	int error;

	/* signals to its group are not the daemon's */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	setproctitle("loading");
	keep_descriptors(&loader->region, words);
	volunteer();
	process_unblock_signals();
	error = run_job(loader, job);
	if (error != 0)
		dprintf(STDERR_FILENO, "%s\n", strerror(error));
	_exit(error != 0);
}

/* In the daemon: how it ended. */

struct words {
	char last[128];
	int count;
};

static void
take_line(void *arg, const char *text, size_t length, bool cut)
{
	struct words *words = arg;

	(void)cut;
	log_printable(words->last, sizeof(words->last), text, length);
	if (words->count++ < WORDS_LINES)
		event_load_wrote(words->last);
}

/* The last of its lines, which says why it ended. */
static void
read_words(int fd, struct words *words)
{
	struct linebuf lines = { .used = 0 };
	char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		linebuf_feed(&lines, bytes, (size_t)n, take_line, words);
	linebuf_flush(&lines, take_line, words);
}

static void
explain(const struct loader *loader, int status, const struct words *words,
    char *reason)
{
	char how[96];

	if (WIFSIGNALED(status))
		snprintf(how, sizeof(how),
		    "the loader was killed by signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == XALLOC_STATUS)
		snprintf(how, sizeof(how),
		    "out of memory: the limit is %zu MiB (load_memory)",
		    loader->memory / MEBI);
	else
		snprintf(how, sizeof(how), "the loader ended with status %d",
		    WEXITSTATUS(status));
	snprintf(reason, LOADER_REASON, "%s%s%s", how,
	    words->last[0] != '\0' ? ": " : "", words->last);
}

static bool
is_usable(const struct region *region, const struct header *header)
{
	uintptr_t told = (uintptr_t)header->told;
	uintptr_t end = (uintptr_t)region->base + region->size;

	return region_holds(region, header->built, 1) &&
	    told >= (uintptr_t)region->base + region->lasting && told < end;
}

/* Map what it has built; 0 or an errno. */
static int
take_result(struct loader *loader, struct loaded *loaded)
{
	struct header header;

	if (region_peek(&loader->region, &header, sizeof(header)) != 0)
		return errno;
	if (header.magic != magic)
		return EPROTO;
	if (region_map(&loader->region, header.lasting, header.length) != 0)
		return errno;
	if (!is_usable(&loader->region, &header))
		return EPROTO;
	loader->last = header.memory;
	loaded->built = header.built;
	loaded->told = header.told;
	loaded->region = loader->region;
	memset(&loader->region, 0, sizeof(loader->region));
	loader->region.fd = -1;
	return 0;
}

static void
forget(struct loader *loader)
{
	loop_timer_stop(loader->loop, &loader->timer);
	region_free(&loader->region);
	if (loader->words >= 0)
		close(loader->words);
	loader->words = -1;
	process_forget(&loader->process);
}

static void
finish(struct loader *loader, struct loaded *loaded)
{
	forget(loader);
	loader->fn(loader->arg, loaded);
}

static void
loader_ended(void *arg, int status)
{
	struct loader *loader = arg;
	struct loaded loaded = { .region = { .fd = -1 } };
	struct words words = { .count = 0 };
	int error = 0;

	read_words(loader->words, &words);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		explain(loader, status, &words, loaded.reason);
	else
		error = take_result(loader, &loaded);
	if (error != 0)
		snprintf(loaded.reason, sizeof(loaded.reason),
		    "the loader's result cannot be used: %s", strerror(error));
	finish(loader, &loaded);
}

/* Whatever it waits for; and what it has started. */
static void
end_child(const struct loader *loader)
{
	kill(-loader->process.pid, SIGKILL);
	kill(loader->process.pid, SIGKILL);
}

static void
loader_late(void *arg)
{
	struct loader *loader = arg;
	struct loaded loaded = { .region = { .fd = -1 } };

	snprintf(loaded.reason, sizeof(loaded.reason),
	    "not finished within %u second%s (load_timeout)", loader->seconds,
	    loader->seconds == 1 ? "" : "s");
	end_child(loader);
	finish(loader, &loaded);
}

void
loader_cancel(struct loader *loader)
{
	if (loader->process.pid == 0)
		return;
	end_child(loader);
	forget(loader);
}

bool
loader_running(const struct loader *loader)
{
	return loader->process.pid != 0;
}

/* Starting. */

static size_t
memory_for(const struct loader *loader, const struct loader_job *job)
{
	if (job->memory > 0)
		return job->memory;
	return loader->last > memory_least / 4 ?
	    loader->last * 4 :
	    memory_least;
}

static pid_t
fork_child(struct loader *loader, const struct loader_job *job)
{
	pid_t parent = getpid(), pid;
	int words[2];

	/* never blocked by what it has to say */
	if (pipe2(words, O_CLOEXEC | O_NONBLOCK) != 0)
		return -1;
	loader->words = fd_high(words[0]);
	pid = process_fork(&loader->process);
	if (pid == 0)
		run_child(loader, job, parent, words[1]);
	close(words[1]);
	return pid;
}

int
loader_start(struct loader *loader, const struct loader_job *job)
{
	int error;
	pid_t pid;

	loader->memory = memory_for(loader, job);
	loader->seconds = job->seconds;
	if (region_reserve(&loader->region, loader->memory) != 0)
		return -1;
	pid = fork_child(loader, job);
	if (pid < 0) {
		error = errno;
		forget(loader);
		errno = error;
		return -1;
	}
	/* both of us: whoever comes first */
	setpgid(pid, pid);
	loop_timer_set(loader->loop, &loader->timer,
	    (int64_t)job->seconds * SECOND);
	return 0;
}

struct loader *
loader_new(struct loop *loop, loader_fn *fn, void *arg)
{
	struct loader *loader = xcalloc(1, sizeof(*loader));

	loader->loop = loop;
	loader->fn = fn;
	loader->arg = arg;
	loader->words = loader->region.fd = -1;
	loop_timer_init(&loader->timer, loader_late, loader);
	loader->process.ended = loader_ended;
	loader->process.arg = loader;
	return loader;
}

void
loader_free(struct loader *loader)
{
	if (loader == NULL)
		return;
	loader_cancel(loader);
	free(loader);
}
