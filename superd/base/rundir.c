/* Find the run-time directory by user and environment. */
#include "superd/base/rundir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *
rundir_path(const char *path, char *buf, size_t size)
{
	const char *directory = getenv("XDG_RUNTIME_DIR");
	int length;

	/* the specification has relative paths ignored */
	if (geteuid() == 0 || directory == NULL || directory[0] != '/')
		return path;
	length = snprintf(buf, size, "%s%s", directory, strrchr(path, '/'));
	return length < 0 || (size_t)length >= size ? path : buf;
}

const char *
rundir_control(void)
{
	const char *path = getenv("SUPERD_CONTROL");

	return path != NULL && path[0] != '\0' ? path : NULL;
}
