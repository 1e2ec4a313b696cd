/* memfd_create(2), fcntl(2). */
#include "superd/base/memory_file.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>

#include "superd/base/descriptors.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U /* Linux 6.3 */
#endif

int
memory_file(void)
{
	/* newer kernels warn without the flag, older ones reject it */
	int fd = memfd_create("superd", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("superd", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd_high(fd);
}

int
memory_file_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS,
	    F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_SEAL);
}
