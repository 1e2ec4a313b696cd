/* Resource limits, Landlock and chroot(2) for confined processes. */
#include "superd/base/confine.h"

#include <sys/resource.h>
#include <sys/syscall.h>

#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "superd/base/calls.h"

/* landlock(7), ABI version 1.  The system call numbers are the same on all
 * architectures, and older headers do not define them. */
enum { CREATE_RULESET = 444, RESTRICT_SELF = 446 };
enum { ALL_RIGHTS = (1 << 13) - 1 };

/* A ruleset that handles every right and has no rule denies them all. */
static void
confine_files(void)
{
	const struct {
		uint64_t handled_access_fs;
	} none = { ALL_RIGHTS };
	long ruleset = syscall(CREATE_RULESET, &none, sizeof(none), 0);

	if (ruleset < 0)
		return;
	syscall(RESTRICT_SELF, ruleset, 0);
	close((int)ruleset);
}

void
confine_asking(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_NPROC, &none);
	setrlimit(RLIMIT_FSIZE, &none);
}

/* Nothing in there can be opened, and it disappears with the process. */
static void
leave_files(void)
{
	if (chroot("/proc/self/fdinfo") == 0 && chdir("/") != 0)
		_exit(1);
}

void
confine_prepare(void)
{
	tzset();
	calls_prepare();
	leave_files();
}

void
confine_serving(void)
{
	confine_alone();
	calls_confine();
}

void
confine_alone(void)
{
	confine_asking();
	confine_files();
}
