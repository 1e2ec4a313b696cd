/* Memory from the front of a block, and a hash of what is in it. */
#include "conf/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/xalloc.h"

enum { SHARES_FIRST = 256 };

struct share {
	const char *at; /* NULL: a free place */
	size_t size;
	uint64_t hash;
};

void
arena_init(struct arena *arena, void *memory, size_t size)
{
	memset(arena, 0, sizeof(*arena));
	arena->base = memory;
	arena->size = size;
}

void
arena_done(struct arena *arena)
{
	free(arena->shares);
	arena->shares = NULL;
	arena->nshares = arena->room = 0;
}

void
arena_align(struct arena *arena, size_t alignment)
{
	size_t used = (arena->used + alignment - 1) & ~(alignment - 1);

	if (used > arena->size)
		xalloc_fail();
	arena->used = used;
}

static void *
take(struct arena *arena, size_t size, size_t alignment)
{
	char *memory;

	arena_align(arena, alignment);
	if (size > arena->size - arena->used)
		xalloc_fail();
	memory = arena->base + arena->used;
	arena->used += size;
	return memory;
}

/* For whatever has this size, which is a multiple of its alignment: the
 * largest power of two in it, and no more than any type needs. */
static size_t
alignment_for(size_t size)
{
	size |= alignof(max_align_t);
	return size & -size;
}

void *
arena_take(struct arena *arena, size_t size)
{
	return take(arena, size, alignment_for(size));
}

/* FNV-1a: texts of the administrator's, who has nothing to attack here. */
static uint64_t
hash_of(const char *bytes, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3;
	return hash;
}

/* Where such bytes are, or would be. */
static struct share *
find(const struct arena *arena, const struct share *wanted)
{
	size_t i = (size_t)wanted->hash & (arena->room - 1);

	for (;; i = (i + 1) & (arena->room - 1)) {
		struct share *share = &arena->shares[i];

		if (share->at == NULL ||
		    (share->hash == wanted->hash &&
			share->size == wanted->size &&
			memcmp(share->at, wanted->at, wanted->size) == 0))
			return share;
	}
}

static void
grow(struct arena *arena)
{
	struct arena old = *arena;

	if (arena->room > 0 && arena->nshares < arena->room / 2)
		return;
	arena->room = old.room > 0 ? old.room * 2 : SHARES_FIRST;
	arena->shares = xcalloc(arena->room, sizeof(struct share));
	for (size_t i = 0; i < old.room; i++)
		if (old.shares[i].at != NULL)
			*find(arena, &old.shares[i]) = old.shares[i];
	free(old.shares);
}

static void *
share(struct arena *arena, const void *bytes, size_t size, size_t alignment)
{
	struct share wanted = { bytes, size, hash_of(bytes, size) }, *found;
	char *copy;

	grow(arena);
	found = find(arena, &wanted);
	/* a text is aligned to nothing, and may be the same as an array */
	if (found->at != NULL && ((uintptr_t)found->at & (alignment - 1)) == 0)
		return arena->base + (found->at - arena->base);
	copy = take(arena, size, alignment);
	memcpy(copy, bytes, size);
	if (found->at == NULL)
		arena->nshares++;
	*found = wanted;
	found->at = copy;
	return copy;
}

void *
arena_share(struct arena *arena, const void *bytes, size_t size)
{
	return size == 0 ?
	    NULL :
	    share(arena, bytes, size, alignment_for(size));
}

char *
arena_text(struct arena *arena, const char *text)
{
	return text == NULL ? NULL : share(arena, text, strlen(text) + 1, 1);
}
