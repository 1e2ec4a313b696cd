/* What a child becomes: where that stands, and for how long. */
#include "superd/spawn/command.h"

#include <stdlib.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/base/generation.h"
#include "superd/spawn/variables.h"

/* Of superd's own processes, whose command is in no configuration. */
struct internal {
	struct command_image image;
	struct command command;
};

static struct command_image *
make(struct generations *generations, const struct command *command,
    struct variables *variables)
{
	struct command_image *image = xcalloc(1, sizeof(*image));

	image->refs = 1;
	image->generation = generation_use(generations, command, sizeof(*command));
	image->command = command;
	image->variables = variables;
	image->error_fd = -1;
	return image;
}

struct command_image *
image_new(struct generations *generations, const struct command *command)
{
	return make(generations, command, variables_of(command));
}

struct command_image *
image_move(struct generations *generations, struct command_image *image,
    const struct command *command)
{
	struct command_image *copy;

	if (image->refs > 1) {
		copy = make(generations, command, variables_ref(image->variables));
		image_unref(image);
		return copy;
	}
	generation_leave(image->generation);
	image->generation = generation_use(generations, command, sizeof(*command));
	image->command = command;
	return image;
}

struct command_image *
image_internal(uid_t uid, gid_t gid)
{
	struct internal *internal = xcalloc(1, sizeof(*internal));
	struct command_image *image = &internal->image;

	internal->command = (struct command){ .uid = uid,
		.gid = gid,
		.change_user = uid != 0 && geteuid() == 0,
		.stderr_to = STDERR_LOG,
		.umask = 022 };
	image->refs = 1;
	image->command = &internal->command;
	image->unprivileged = true;
	image->error_fd = -1;
	return image;
}

struct command_image *
image_ref(struct command_image *image)
{
	image->refs++;
	return image;
}

void
image_unref(struct command_image *image)
{
	if (image == NULL || --image->refs > 0)
		return;
	generation_leave(image->generation);
	variables_unref(image->variables);
	/* the first member of an internal one, too */
	free(image);
}
