/* Prepared commands: their generations and references. */
#include "superd/spawn/command.h"

#include <stdlib.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/generation.h"
#include "superd/spawn/variables.h"

/* For superd's own processes, whose command is in no configuration. */
struct internal {
	struct prepared_command prepared;
	struct command command;
};

static struct prepared_command *
make(struct generations *generations, const struct command *command,
    struct variables *variables)
{
	struct prepared_command *prepared = xcalloc(1, sizeof(*prepared));

	prepared->refs = 1;
	prepared->generation = generation_use(generations, command,
	    sizeof(*command));
	prepared->command = command;
	prepared->variables = variables;
	prepared->error_fd = -1;
	return prepared;
}

struct prepared_command *
command_new(struct generations *generations, const struct command *command)
{
	return make(generations, command, variables_of(command));
}

struct prepared_command *
command_move(struct generations *generations, struct prepared_command *prepared,
    const struct command *command)
{
	struct prepared_command *copy;

	if (prepared->refs > 1) {
		copy = make(generations, command,
		    variables_ref(prepared->variables));
		command_unref(prepared);
		return copy;
	}
	generation_leave(prepared->generation);
	prepared->generation = generation_use(generations, command,
	    sizeof(*command));
	prepared->command = command;
	return prepared;
}

struct prepared_command *
command_internal(uid_t uid, gid_t gid)
{
	struct internal *internal = xcalloc(1, sizeof(*internal));
	struct prepared_command *prepared = &internal->prepared;

	internal->command = (struct command){ .uid = uid,
		.gid = gid,
		.change_user = uid != 0 && geteuid() == 0,
		.stderr_to = STDERR_LOG,
		.umask = 022 };
	prepared->refs = 1;
	prepared->command = &internal->command;
	prepared->unprivileged = true;
	prepared->error_fd = -1;
	return prepared;
}

struct prepared_command *
command_ref(struct prepared_command *prepared)
{
	prepared->refs++;
	return prepared;
}

void
command_unref(struct prepared_command *prepared)
{
	if (prepared == NULL || --prepared->refs > 0)
		return;
	generation_leave(prepared->generation);
	variables_unref(prepared->variables);
	/* it is the first member of struct internal */
	free(prepared);
}
