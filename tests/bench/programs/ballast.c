/*
 * Preloaded into a daemon: 100 MiB of touched memory in small pages, as in
 * one with a huge configuration.  What it execs is static, and not touched.
 */
#include <sys/mman.h>

#include <string.h>

#define BALLAST (100ul << 20)

static void take(void) __attribute__((constructor));

static void
take(void)
{
	char *memory = mmap(NULL, BALLAST, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return;
	madvise(memory, BALLAST, MADV_NOHUGEPAGE);
	memset(memory, 1, BALLAST);
}
