/* Reserve addresses, and map sealed memory there.  mmap(2), fcntl(2). */
#include "superd/base/region.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "superd/base/memory_file.h"

/* A smaller region is of no use. */
static const size_t least = (size_t)4 << 20;

enum {
	SEALS = F_SEAL_GROW | F_SEAL_WRITE,
	LAST_SEALS = F_SEAL_SHRINK | F_SEAL_SEAL
};

/* If RLIMIT_AS is set, use at most a quarter of it. */
static size_t
affordable(size_t size)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY && size > limit.rlim_cur / 4)
		size = (size_t)limit.rlim_cur / 4;
	return size;
}

/* Will a child be able to write a file of this size, once it has raised its
 * RLIMIT_FSIZE as far as it may? */
static bool
may_be_file(size_t size)
{
	struct rlimit before, none = { RLIM_INFINITY, RLIM_INFINITY };

	if (getrlimit(RLIMIT_FSIZE, &before) != 0 || before.rlim_max >= size)
		return true;
	if (setrlimit(RLIMIT_FSIZE, &none) != 0)
		return false;
	/* it can be raised, which is all we need to know */
	setrlimit(RLIMIT_FSIZE, &before);
	return true;
}

static int
reserve(struct region *region, size_t size, bool file)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int flags = MAP_ANONYMOUS | MAP_NORESERVE;
	void *base = MAP_FAILED;

	*region = (struct region){ .fd = file ? memory_file() : -1 };
	if (file && region->fd < 0)
		return -1;
	for (; base == MAP_FAILED && size >= least;
	     size = size / 2 & ~(page - 1)) {
		base = mmap(NULL, size, PROT_NONE,
		    flags | (file ? MAP_PRIVATE : MAP_SHARED), -1, 0);
		region->size = size;
	}
	if (base != MAP_FAILED) {
		region->base = base;
		return 0;
	}
	region_free(region);
	errno = ENOMEM;
	return -1;
}

int
region_reserve(struct region *region, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	size = affordable(size) & ~(page - 1);
	if (may_be_file(size) && reserve(region, size, true) == 0)
		return 0;
	return reserve(region, size, false);
}

static int
write_to_file(struct region *region)
{
	struct rlimit limit, none = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_FSIZE, &none) != 0 &&
	    getrlimit(RLIMIT_FSIZE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_FSIZE, &limit);
	}
	if (ftruncate(region->fd, (off_t)region->size) != 0)
		return -1;
	return mmap(region->base, region->size, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_FIXED | MAP_NORESERVE, region->fd, 0) ==
		MAP_FAILED ?
	    -1 :
	    0;
}

int
region_write(struct region *region, struct arena *arena)
{
	int error = region->fd >= 0 ?
	    write_to_file(region) :
	    mprotect(region->base, region->size, PROT_READ | PROT_WRITE);

	if (error != 0)
		return error;
	/* processes forked from here must not be able to write to it, nor
	 * keep it from being sealed */
	madvise(region->base, region->size, MADV_DONTFORK);
	arena_init(arena, region->base, region->size);
	return 0;
}

size_t
region_lasting_ends(struct arena *arena)
{
	arena_align(arena, (size_t)sysconf(_SC_PAGESIZE));
	/* what follows must not be shared with what came before */
	arena_done(arena);
	return arena->used;
}

int
region_seal(struct region *region, size_t length)
{
	if (munmap(region->base, region->size) != 0)
		return -1;
	if (region->fd < 0)
		return 0;
	if (ftruncate(region->fd, (off_t)length) != 0)
		return -1;
	return fcntl(region->fd, F_ADD_SEALS, SEALS);
}

int
region_peek(const struct region *region, void *bytes, size_t size)
{
	ssize_t n;

	if (region->fd < 0) {
		if (mprotect(region->base, size, PROT_READ) != 0)
			return -1;
		memcpy(bytes, region->base, size);
		return 0;
	}
	n = pread(region->fd, bytes, size, 0);
	if (n >= 0)
		errno = EPROTO;
	return n == (ssize_t)size ? 0 : -1;
}

static bool
is_sealed(const struct region *region, size_t length)
{
	int seals = fcntl(region->fd, F_GET_SEALS);
	struct stat st;

	return seals >= 0 && (seals & SEALS) == SEALS &&
	    fstat(region->fd, &st) == 0 && st.st_size >= 0 &&
	    (size_t)st.st_size == length;
}

/* Map a part of the memory with this protection. */
static int
map_part(const struct region *region, size_t from, size_t to, int protection)
{
	char *at = region->base + from;

	if (from == to)
		return 0;
	if (region->fd < 0)
		return mprotect(at, to - from, protection);
	return mmap(at, to - from, protection,
		   MAP_FIXED |
		       (protection & PROT_WRITE ? MAP_PRIVATE : MAP_SHARED),
		   region->fd, (off_t)from) == MAP_FAILED ?
	    -1 :
	    0;
}

static void
give_back(struct region *region, size_t size)
{
	if (size < region->size)
		munmap(region->base + size, region->size - size);
	region->size = size;
}

int
region_map(struct region *region, size_t lasting, size_t length)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (length > region->size || lasting > length || lasting == 0 ||
	    lasting % page != 0 ||
	    (region->fd >= 0 && !is_sealed(region, length))) {
		errno = EPROTO;
		return -1;
	}
	length = (length + page - 1) & ~(page - 1);
	if (map_part(region, 0, lasting, PROT_READ) != 0 ||
	    map_part(region, lasting, length, PROT_READ | PROT_WRITE) != 0)
		return -1;
	region->lasting = lasting;
	give_back(region, length);
	return 0;
}

void
region_trim(struct region *region)
{
	/* otherwise its pages are kept as long as the lasting part */
	if (region->fd < 0 && region->lasting < region->size)
		madvise(region->base + region->lasting,
		    region->size - region->lasting, MADV_REMOVE);
	give_back(region, region->lasting);
	if (region->fd < 0)
		return;
	if (ftruncate(region->fd, (off_t)region->lasting) == 0)
		fcntl(region->fd, F_ADD_SEALS, LAST_SEALS);
	close(region->fd);
	region->fd = -1;
}

bool
region_holds(const struct region *region, const void *at, size_t size)
{
	uintptr_t base = (uintptr_t)region->base, from = (uintptr_t)at;

	return from >= base && from - base <= region->lasting &&
	    size <= region->lasting - (from - base);
}

void
region_free(struct region *region)
{
	if (region->base != NULL)
		munmap(region->base, region->size);
	if (region->fd >= 0)
		close(region->fd);
	memset(region, 0, sizeof(*region));
	region->fd = -1;
}
