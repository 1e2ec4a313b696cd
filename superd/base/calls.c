/* The system calls that an internal process needs. */
#include "superd/base/calls.h"

#ifdef HAVE_SECCOMP

#include <errno.h>
#include <stddef.h>

#include "superd/base/seccomp_library.h"
#include "superd/base/watched.h"

static const char *const names[] = {
	/* connections */
	"accept4", "close", "connect", "fcntl", "fcntl64", "getpeername",
	"getsockname", "getsockopt", "pipe2", "read", "recv", "recvfrom",
	"recvmmsg", "recvmmsg_time64", "recvmsg", "send", "pread64", "sendfile",
	"sendfile64", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown",
	"socket", "socketcall", "splice", "write",
	/* the loop, and time */
	"clock_gettime", "clock_gettime64", "epoll_ctl", "epoll_pwait",
	"epoll_wait", "gettimeofday", "poll", "ppoll", "ppoll_time64", "time",
	"sysinfo",
	/* memory */
	"brk", "futex", "futex_time64", "madvise", "mmap", "mmap2", "mprotect",
	"mremap", "munmap",
	/* limits, signals, the end */
	"exit", "exit_group", "getpid", "getrandom", "getrlimit", "gettid",
	"prlimit64", "restart_syscall", "rt_sigaction", "rt_sigprocmask",
	"rt_sigreturn", "sigreturn", "tgkill", "ugetrlimit"
};

static const struct seccomp_library *library; /* NULL: there is none */

bool
calls_known(void)
{
	return true;
}

void
calls_prepare(void)
{
	if (!memory_is_watched())
		library = seccomp_library();
}

/* Calls that this architecture lacks are left out. */
static void
load_filter(void)
{
	scmp_filter_ctx filter;

	filter = library->init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int call = library->resolve(names[i]);

		if (call != __NR_SCMP_ERROR)
			library->add(filter, SCMP_ACT_ALLOW, call, 0, NULL);
	}
	/* use a binary search tree if the library can, and no speculation
	 * barriers: the process runs no code but our own */
	library->set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	library->set(filter, SCMP_FLTATR_CTL_SSB, 1);
	library->load(filter);
	library->release(filter);
}

/* The kernel has the filter now: the library is only memory. */
void
calls_confine(void)
{
	if (library == NULL)
		return;
	load_filter();
	seccomp_library_close();
	library = NULL;
}

#else

bool
calls_known(void)
{
	return false;
}

void
calls_prepare(void)
{
}

void
calls_confine(void)
{
}

#endif
