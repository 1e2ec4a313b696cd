/* Lists of names become programs for the kernel. */
#include "superd/base/call_filter.h"

#include <errno.h>

#ifdef HAVE_SECCOMP

#include <sys/mman.h>
#include <sys/stat.h>

#include <stdlib.h>
#include <unistd.h>

#include "superd/base/seccomp_library.h"

/* What is called from the filter on until the program runs, and to end. */
static const char *const needed[] = { "execve", "exit", "exit_group",
	"rt_sigreturn", "sigreturn", NULL };

bool
call_filter_knows(const char *name)
{
	const struct seccomp_library *library = seccomp_library();

	return library != NULL && library->resolve(name) != __NR_SCMP_ERROR;
}

static int
add_names(scmp_filter_ctx filter, uint32_t action, const char *const *names)
{
	const struct seccomp_library *library = seccomp_library();

	for (; names != NULL && *names != NULL; names++) {
		int call = library->resolve(*names);
		int error = call == __NR_SCMP_ERROR ?
		    0 :
		    library->add(filter, action, call, 0, NULL);

		if (error != 0 && error != -EDOM)
			return error;
	}
	return 0;
}

static uint64_t *
read_program(int fd, size_t *count)
{
	uint64_t *program;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return NULL;
	*count = (size_t)st.st_size / sizeof(*program);
	program = calloc(*count, sizeof(*program));
	if (program != NULL &&
	    pread(fd, program, (size_t)st.st_size, 0) == st.st_size)
		return program;
	free(program);
	return NULL;
}

static uint64_t *
export_program(scmp_filter_ctx filter, size_t *count)
{
	int fd = memfd_create("filter", MFD_CLOEXEC), error;
	uint64_t *program = NULL;

	if (fd < 0)
		return NULL;
	error = seccomp_library()->bytes(filter, fd);
	errno = -error;
	if (error == 0)
		program = read_program(fd, count);
	close(fd);
	return program;
}

uint64_t *
call_filter_make(char *const *names, bool denies, size_t *count)
{
	const uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
	const char *const *list = (const char *const *)names;
	const struct seccomp_library *library = seccomp_library();
	scmp_filter_ctx filter = NULL;
	uint64_t *program = NULL;
	int error;

	errno = ENOSYS;
	if (library != NULL)
		filter = library->init(denies ? SCMP_ACT_ALLOW : refuse);
	if (filter == NULL)
		return NULL;
	library->set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	error = add_names(filter, denies ? refuse : SCMP_ACT_ALLOW, list);
	if (error == 0 && !denies)
		error = add_names(filter, SCMP_ACT_ALLOW, needed);
	errno = -error;
	if (error == 0)
		program = export_program(filter, count);
	library->release(filter);
	return program;
}

#else

bool
call_filter_knows(const char *name)
{
	(void)name;
	return false;
}

uint64_t *
call_filter_make(char *const *names, bool denies, size_t *count)
{
	(void)names;
	(void)denies;
	*count = 0;
	errno = ENOSYS;
	return NULL;
}

#endif
