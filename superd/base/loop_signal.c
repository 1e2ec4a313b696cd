/*
 * Signals come through signalfd(2): a loop whose descriptors are always ready
 * would never get one delivered inside pselect(), because the kernel looks at
 * signals only when it would sleep.
 */
#include "superd/base/loop_signal.h"

#include <sys/signalfd.h>

#include <signal.h>
#include <unistd.h>

#include "superd/base/descriptors.h"
#include "superd/base/loop_state.h"

static void
signals_ready(void *arg)
{
	struct loop *loop = arg;
	struct signalfd_siginfo info[16];
	bool came[NSIG] = { false };
	ssize_t n;

	do {
		n = read(loop->signals, info, sizeof(info));
		for (ssize_t i = 0; i < n / (ssize_t)sizeof(info[0]); i++)
			if (info[i].ssi_signo < NSIG)
				came[info[i].ssi_signo] = true;
	} while (n == (ssize_t)sizeof(info)); /* there may be more */
	for (int signo = 1; signo < NSIG; signo++)
		if (came[signo] && loop->signal_fn[signo] != NULL)
			loop->signal_fn[signo](loop->signal_arg[signo]);
}

int
loop_signal(struct loop *loop, int signo, loop_fn *fn, void *arg)
{
	bool first = loop->signals < 0;

	loop->signal_fn[signo] = fn;
	loop->signal_arg[signo] = arg;
	sigaddset(&loop->mask, signo);
	if (sigprocmask(SIG_BLOCK, &loop->mask, NULL) != 0 ||
	    signal(signo, SIG_DFL) == SIG_ERR)
		return -1;
	loop->signals = signalfd(loop->signals, &loop->mask,
	    SFD_NONBLOCK | SFD_CLOEXEC);
	if (loop->signals < 0)
		return -1;
	if (first) {
		loop->signals = fd_high(loop->signals);
		return loop_watch(loop, loop->signals, signals_ready, loop);
	}
	return 0;
}

void
loop_signal_open(struct loop *loop, int signo)
{
	if (sigismember(&loop->mask, signo) != 1)
		sigaddset(&loop->open, signo);
}

void
loop_signals_only(struct loop *loop)
{
	sigset_t mask = loop->mask;

	sigaddset(&mask, SIGPIPE);
	sigaddset(&mask, SIGXFSZ);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}
