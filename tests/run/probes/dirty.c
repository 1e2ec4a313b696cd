/*
 * dirty OPTION... -- PROGRAM ARG...: start a program in a deliberately bad
 * state.  ignore, block, umask=N, groups, fds, nofile=S/H, close=012,
 * nproc=N, core=S/H, nice=N, oom=N, tty=PATH, env, cwd=PATH, uid=N, all,
 * fail=CALL/ERRNO, nodiag (no sock_diag(7)): for good; these need root.
 */
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
ignore_signals(void)
{
	static const int list[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGUSR1,
		SIGCHLD };
	unsigned long ignore[16] = { 0 };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		signal(list[i], SIG_IGN);
	/* those that the C library keeps to itself: {SIG_IGN, 0...} */
	ignore[0] = 1;
	for (int signo = 32; signo <= 33; signo++)
		syscall(SYS_rt_sigaction, signo, ignore, NULL, 8);
}

static void
block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void
bad_environment(void)
{
	static char big[100000];

	memset(big, 'x', sizeof(big) - 1);
	setenv("BIG", big, 1);
	setenv("LD_PRELOAD_X", "x", 1);
	setenv("IFS", "x", 1);
	setenv("LISTEN_FDS", "3", 1);
	setenv("LISTEN_PID", "1", 1);
	setenv("MAINPID", "1", 1);
	setenv("SECRET", "secret", 1);
}

static void
set_limit(int resource, unsigned soft, unsigned hard)
{
	struct rlimit l = { soft, hard };

	if (setrlimit(resource, &l) != 0)
		perror("setrlimit");
}

static void
set_oom(const char *value)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (write(fd, value, strlen(value)) < 0)
		perror("oom_score_adj");
	close(fd);
}

/* A session of our own, which that terminal controls. */
static void
take_terminal(const char *path)
{
	int fd;

	setsid();
	fd = open(path, O_RDWR);
	if (ioctl(fd, TIOCSCTTY, 0) != 0)
		perror("TIOCSCTTY");
	close(fd);
}

/* From now on this call of ours, and of all who come from us, fails. */
static void
fail(const char *call, unsigned error)
{
	static const struct {
		const char *name;
		unsigned number;
	} calls[] = {
		{ "accept4", SYS_accept4 },
		{ "pselect6", SYS_pselect6 },
	};
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), /* its number */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, filter };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(calls[i].name, call) != 0)
			continue;
		filter[1].k = calls[i].number;
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
			return;
	}
	perror(call);
	_exit(3);
}

/* As on a kernel that was built without it. */
static void
fail_diag(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NETLINK_SOCK_DIAG, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPROTONOSUPPORT),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 8, filter };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
		return;
	perror("nodiag");
	_exit(3);
}

static void
one(const char *option)
{
	static const gid_t groups[] = { 0, 4, 27, 100 };
	int all = strcmp(option, "all") == 0;
	unsigned a, b;
	char word[16];

	if (all || strcmp(option, "ignore") == 0)
		ignore_signals();
	if (all || strcmp(option, "block") == 0)
		block_signals();
	if (all || strcmp(option, "groups") == 0)
		if (setgroups(4, groups) != 0)
			perror("setgroups");
	if (all || strcmp(option, "fds") == 0) {
		int fd = open("/etc/shadow", O_RDONLY);

		dup2(fd, 9);
		dup2(fd, 77);
		close(fd);
	}
	if (all || strcmp(option, "env") == 0)
		bad_environment();
	if (sscanf(option, "umask=%o", &a) == 1)
		umask(a);
	if (sscanf(option, "nofile=%u/%u", &a, &b) == 2)
		set_limit(RLIMIT_NOFILE, a, b);
	if (sscanf(option, "core=%u/%u", &a, &b) == 2)
		set_limit(RLIMIT_CORE, a, b);
	if (sscanf(option, "nproc=%u", &a) == 1)
		set_limit(RLIMIT_NPROC, a, a);
	if (sscanf(option, "nice=%u", &a) == 1)
		setpriority(PRIO_PROCESS, 0, (int)a);
	if (sscanf(option, "fail=%15[a-z0-9]/%u", word, &a) == 2)
		fail(word, a);
	if (strcmp(option, "nodiag") == 0)
		fail_diag();
	if (strncmp(option, "oom=", 4) == 0)
		set_oom(option + 4);
	if (strncmp(option, "tty=", 4) == 0)
		take_terminal(option + 4);
	if (sscanf(option, "uid=%u", &a) == 1 &&
	    (setgroups(0, NULL) != 0 || setgid(a) != 0 || setuid(a) != 0))
		_exit(3);
	if (strncmp(option, "cwd=", 4) == 0 && chdir(option + 4) != 0)
		perror("chdir");
	if (strncmp(option, "close=", 6) == 0)
		for (const char *p = option + 6; *p != '\0'; p++)
			close(*p - '0');
}

int
main(int argc, char *argv[])
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		one(argv[i]);
	execv(argv[i + 1], argv + i + 1);
	return 127;
}
