/* Namespaces, processors and capabilities of a box. */
#include "superd/spawn/box.h"

#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "superd/spawn/box_mounts.h"
#include "superd/spawn/child_report.h"
#include "superd/spawn/rawsys.h"

enum { NUMBERS = 48 }; /* characters */

/* Who we are outside of a user namespace: of the process that forks. */
static uid_t outer_uid;
static gid_t outer_gid;
static bool inside_user; /* set in the child */

/* Forking. */

static bool
wants(const struct box *box, bool asked, enum box_part part)
{
	return asked && !box_lacks(box, part);
}

static bool
has_namespaces(const struct box *box)
{
	return wants(box, box_mounts(box), BOX_MOUNTS) ||
	    wants(box, box->private_net, BOX_NET) ||
	    wants(box, box->private_ipc, BOX_IPC) || box_has_init(box);
}

bool
box_forks(const struct box *box)
{
	/* processes that share memory share their oom_score_adj */
	return box != NULL && (has_namespaces(box) || box->oom.set);
}

bool
box_has_init(const struct box *box)
{
	return wants(box, box->private_pid, BOX_PID);
}

static bool
may_mount(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return rawsys(SYS_capget, (long)&header, (long)data, 0, 0, 0) == 0 &&
	    (data[0].effective & 1u << CAP_SYS_ADMIN) != 0;
}

static bool
needs_user(const struct box *box)
{
	return has_namespaces(box) && !box_lacks(box, BOX_USER) && !may_mount();
}

enum box_part
box_fork_part(const struct box *box)
{
	return needs_user(box) ? BOX_USER : BOX_PID;
}

pid_t
box_fork(const struct box *box)
{
	unsigned long flags = SIGCHLD;
	bool user;
	pid_t pid;

	if (box == NULL)
		return fork();
	user = needs_user(box);
	flags |= user ? CLONE_NEWUSER : 0;
	flags |= box_has_init(box) ? CLONE_NEWPID : 0;
	if (flags == SIGCHLD)
		return fork();
	outer_uid = geteuid();
	outer_gid = getegid();
	pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	inside_user = pid == 0 && user;
	return pid;
}

/* The process itself. */

static void
write_file(enum box_part part, const char *path, const char *text)
{
	long fd = rawsys(SYS_openat, AT_FDCWD, (long)path, O_WRONLY | O_CLOEXEC,
	    0, 0);

	must_box(part, fd);
	must_box(part,
	    rawsys(SYS_write, fd, (long)text, (long)strlen(text), 0, 0));
	rawsys(SYS_close, fd, 0, 0, 0, 0);
}

/* Nobody but our own user exists in it. */
static void
map_user(void)
{
	char text[NUMBERS];

	write_file(BOX_USER, "/proc/self/setgroups", "deny");
	snprintf(text, sizeof(text), "%u %u 1", outer_uid, outer_uid);
	write_file(BOX_USER, "/proc/self/uid_map", text);
	snprintf(text, sizeof(text), "%u %u 1", outer_gid, outer_gid);
	write_file(BOX_USER, "/proc/self/gid_map", text);
}

static void
set_oom(int adjust)
{
	char text[NUMBERS];

	snprintf(text, sizeof(text), "%d", adjust);
	write_file(BOX_OOM, "/proc/self/oom_score_adj", text);
}

static bool
has_cpus(const struct box_cpus *cpus)
{
	for (size_t i = 0; i < BOX_CPU_WORDS; i++)
		if (cpus->bits[i] != 0)
			return true;
	return false;
}

/* A network of its own has a loopback device, which is down. */
static void
raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	long fd = rawsys(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0, 0,
	    0);

	must_box(BOX_NET, fd);
	request.ifr_flags = IFF_UP;
	must_box(BOX_NET,
	    rawsys(SYS_ioctl, fd, SIOCSIFFLAGS, (long)&request, 0, 0));
	rawsys(SYS_close, fd, 0, 0, 0, 0);
}

static void
leave(enum box_part part, long namespace)
{
	must_box(part, rawsys(SYS_unshare, namespace, 0, 0, 0, 0));
}

void
box_isolate(const struct box *box)
{
	if (inside_user)
		map_user();
	if (wants(box, box->oom.set, BOX_OOM))
		set_oom(box->oom.adjust);
	if (wants(box, has_cpus(&box->cpus), BOX_CPUS))
		must_box(BOX_CPUS,
		    rawsys(SYS_sched_setaffinity, 0, sizeof(box->cpus.bits),
			(long)box->cpus.bits, 0, 0));
	if (wants(box, box->private_ipc, BOX_IPC))
		leave(BOX_IPC, CLONE_NEWIPC);
	if (wants(box, box->private_net, BOX_NET)) {
		leave(BOX_NET, CLONE_NEWNET);
		raise_loopback();
	}
	if (wants(box, box_mounts(box), BOX_MOUNTS)) {
		leave(BOX_MOUNTS, CLONE_NEWNS);
		box_mount(box);
	}
}

/* Capabilities. */

/* The kernel says where they end. */
void
box_bound(const struct box *box)
{
	uint64_t bits = box->capabilities.bits;
	long error = 0;

	if (!wants(box, box->capabilities.set, BOX_CAPABILITIES))
		return;
	for (unsigned i = 0; error == 0 && i < 64; i++)
		if ((bits & UINT64_C(1) << i) == 0)
			error = rawsys(SYS_prctl, PR_CAPBSET_DROP, i, 0, 0, 0);
	if (error != -EINVAL)
		must_box(BOX_CAPABILITIES, error);
	must_box(BOX_CAPABILITIES,
	    rawsys(SYS_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0));
}

static void
raise_ambient(uint64_t bits)
{
	for (unsigned i = 0; i < 64; i++)
		if (bits & UINT64_C(1) << i)
			must_box(BOX_CAPABILITIES,
			    rawsys(SYS_prctl, PR_CAP_AMBIENT,
				PR_CAP_AMBIENT_RAISE, i, 0, 0));
}

void
box_grant(const struct box *box)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	uint64_t bits = box->capabilities.bits;

	if (!wants(box, box->capabilities.set, BOX_CAPABILITIES))
		return;
	for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		__u32 word = (__u32)(bits >> i * 32);

		data[i].effective = word;
		data[i].permitted = word;
		data[i].inheritable = word;
	}
	must_box(BOX_CAPABILITIES,
	    rawsys(SYS_capset, (long)&header, (long)data, 0, 0, 0));
	raise_ambient(bits);
	rawsys(SYS_prctl, PR_SET_KEEPCAPS, 0, 0, 0, 0);
	/* changes of them make it traceable */
	rawsys(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static bool
has_filter(const struct box *box)
{
	return wants(box, box->nfilter > 0, BOX_SYSCALLS);
}

/* A filter needs it: seccomp(2). */
void
box_seal(const struct box *box)
{
	if (wants(box, box->no_new_privs, BOX_NO_NEW_PRIVS) || has_filter(box))
		must_box(BOX_NO_NEW_PRIVS,
		    rawsys(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

void
box_filter(const struct box *box)
{
	const struct sock_fprog program = { .len = (unsigned short)box->nfilter,
		.filter = (struct sock_filter *)(uintptr_t)box->filter };

	if (has_filter(box))
		must_box(BOX_SYSCALLS,
		    rawsys(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0,
			(long)&program, 0, 0));
}
