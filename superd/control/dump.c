/*
 * The dump file.  It is made under another name and put in the place of the
 * old one, so that it is whole, and no link that lies there is followed.
 */
#include "superd/control/dump.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "superd/base/file_replace.h"
#include "superd/base/paths.h"
#include "superd/control/status.h"
#include "superd/running/event_self.h"
#include "superd/running/superd.h"
#include "superd/serve/internal.h"
#include "superd/spawn/process.h"

struct dump {
	struct process process;
	struct superd *superd;
};

/* In the child; its exit status is an errno. */
static void
dump(struct superd *superd)
{
	struct text text = { 0 };

	process_unblock_signals();
	status_all_text(superd, &text);
	/* it may take its time: no port is to be taken meanwhile */
	closefrom(3);
	_exit(file_replace(XINETD_DUMP, &text));
}

void
dump_free(struct superd *superd)
{
	if (superd->dump == NULL)
		return;
	process_forget(&superd->dump->process);
	free(superd->dump);
	superd->dump = NULL;
}

static void
dump_ended(void *arg, int status)
{
	struct dump *dump = arg;

	dump_free(dump->superd);
	if (!WIFEXITED(status))
		event_dump_killed(WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		event_dump_failed(XINETD_DUMP, WEXITSTATUS(status));
	else
		event_dumped(XINETD_DUMP);
}

void
dump_on_signal(void *arg)
{
	struct superd *superd = arg;
	pid_t pid;

	if (superd->dump != NULL) {
		event_dump_runs();
		return;
	}
	internals_hear(superd);
	superd->dump = calloc(1, sizeof(*superd->dump));
	if (superd->dump == NULL) {
		event_dump_impossible(errno);
		return;
	}
	superd->dump->superd = superd;
	superd->dump->process.ended = dump_ended;
	superd->dump->process.arg = superd->dump;
	pid = process_fork(&superd->dump->process);
	if (pid == 0)
		dump(superd);
	if (pid < 0) {
		event_dump_impossible(errno);
		dump_free(superd);
	}
}
