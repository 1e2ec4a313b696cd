/* Files that are replaced. */
#include "superd/base/file_replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "services/io.h"

static int
fill(int fd, const struct text *text)
{
	int error = 0;

	if (write_all(fd, text->bytes, text->length, -1) != 0 || fsync(fd) != 0)
		error = errno;
	if (close(fd) != 0 && error == 0)
		error = errno;
	return error;
}

int
file_replace(const char *path, const struct text *text)
{
	char name[PATH_MAX];
	int fd, error;

	if (text->failed)
		return ENOMEM;
	if ((size_t)snprintf(name, sizeof(name), "%s.XXXXXX", path) >=
	    sizeof(name))
		return ENAMETOOLONG;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return errno;
	error = fill(fd, text);
	if (error == 0 && rename(name, path) != 0)
		error = errno;
	if (error != 0)
		unlink(name);
	return error;
}
