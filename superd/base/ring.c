/*
 * Both positions count all octets so far; they wrap around at 2^32, and the
 * offset in the buffer is the position modulo its size.
 */
#include "superd/base/ring.h"

#include <sys/mman.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct shared {
	uint32_t written, read;
	bool closed;
	char octets[RING_SIZE];
};

/* Each process keeps its own position here and reads the other's from
 * shared. */
struct ring {
	struct shared *shared;
	uint32_t written, read;
};

struct ring *
ring_new(void)
{
	struct ring *ring = calloc(1, sizeof(*ring));

	if (ring == NULL)
		return NULL;
	ring->shared = mmap(NULL, sizeof(*ring->shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ring->shared != MAP_FAILED)
		return ring;
	free(ring);
	return NULL;
}

void
ring_free(struct ring *ring)
{
	if (ring == NULL)
		return;
	munmap(ring->shared, sizeof(*ring->shared));
	free(ring);
}

static size_t
piece(uint32_t at, size_t length)
{
	size_t to_end = RING_SIZE - at % RING_SIZE;

	return length < to_end ? length : to_end;
}

static void
write_at(struct ring *ring, const void *bytes, size_t length)
{
	size_t first = piece(ring->written, length);

	memcpy(ring->shared->octets + ring->written % RING_SIZE, bytes, first);
	memcpy(ring->shared->octets, (const char *)bytes + first,
	    length - first);
	ring->written += (uint32_t)length;
}

bool
ring_put(struct ring *ring, const void *head, size_t nhead, const void *body,
    size_t nbody)
{
	uint32_t read = __atomic_load_n(&ring->shared->read, __ATOMIC_ACQUIRE);

	if (RING_SIZE - (ring->written - read) < nhead + nbody)
		return false;
	write_at(ring, head, nhead);
	if (nbody > 0)
		write_at(ring, body, nbody);
	__atomic_store_n(&ring->shared->written, ring->written,
	    __ATOMIC_RELEASE);
	return true;
}

long
ring_filled(const struct ring *ring)
{
	uint32_t written = __atomic_load_n(&ring->shared->written,
	    __ATOMIC_ACQUIRE);
	uint32_t filled = written - ring->read;

	return filled <= RING_SIZE ? (long)filled : -1;
}

void
ring_get(struct ring *ring, void *bytes, size_t length)
{
	size_t first = piece(ring->read, length);

	memcpy(bytes, ring->shared->octets + ring->read % RING_SIZE, first);
	memcpy((char *)bytes + first, ring->shared->octets, length - first);
	ring->read += (uint32_t)length;
	__atomic_store_n(&ring->shared->read, ring->read, __ATOMIC_RELEASE);
}

void
ring_close(struct ring *ring)
{
	__atomic_store_n(&ring->shared->closed, true, __ATOMIC_RELEASE);
}

bool
ring_closed(const struct ring *ring)
{
	return __atomic_load_n(&ring->shared->closed, __ATOMIC_ACQUIRE);
}
