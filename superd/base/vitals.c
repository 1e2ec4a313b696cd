/* getrusage(2) and proc(5). */
#include "superd/base/vitals.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "superd/base/clock.h"

static int64_t
microseconds(const struct timeval *tv)
{
	return (int64_t)tv->tv_sec * SECOND + tv->tv_usec;
}

static int64_t
resident(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char line[128];
	ssize_t length;
	long pages;

	if (fd < 0)
		return -1;
	length = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (length <= 0)
		return -1;
	line[length] = '\0';
	return sscanf(line, "%*s %ld", &pages) == 1 ?
	    (int64_t)pages * sysconf(_SC_PAGESIZE) :
	    -1;
}

/* Since Linux 6.2 the size of the directory is their number; before, it is 0,
 * and to count them would take too long. */
static int64_t
files(void)
{
	struct stat st;

	return stat("/proc/self/fd", &st) == 0 && st.st_size > 0 ?
	    st.st_size :
	    -1;
}

void
vitals_read(struct vitals *vitals)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	vitals->cpu = microseconds(&usage.ru_utime) +
	    microseconds(&usage.ru_stime);
	vitals->resident = resident();
	vitals->files = files();
}
