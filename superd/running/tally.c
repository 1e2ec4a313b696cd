/*
 * Who is a client's cannot be listed in memory that others may write to.  Each
 * page counts clients by two hashes of them instead; the smaller of the two
 * sums is what the client has, and more only where others fall on both.
 */
#include "superd/running/tally.h"

#include <sys/mman.h>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/xalloc.h"
#include "superd/base/siphash.h"

enum { CLIENTS = 500, WAYS = 2, PAGE = 4096, TRIES = 16 };

struct page {
	uint32_t used, holding, wants;
	uint32_t clients[WAYS][CLIENTS];
} __attribute__((aligned(PAGE)));

struct tally {
	struct page *pages;
	unsigned self;
	bool holds; /* what tally_hold() says counts */
	/* The slots in use are below this one.  A process that was forked
	 * does not learn of later ones otherwise. */
	uint32_t *top;
	uint8_t key[SIPHASH_KEY];
};

/* The size of what is shared: top is the last. */
static const size_t size = (TALLY_SLOTS + 1) * sizeof(struct page);

struct tally *
tally_new(void)
{
	struct tally *tally = xcalloc(1, sizeof(*tally));

	tally->pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (tally->pages == MAP_FAILED)
		xalloc_fail();
	tally->top = &tally->pages[TALLY_SLOTS].used;
	*tally->top = 1;
	arc4random_buf(tally->key, sizeof(tally->key));
	return tally;
}

void
tally_free(struct tally *tally)
{
	if (tally == NULL)
		return;
	munmap(tally->pages, size);
	free(tally);
}

void
tally_be(struct tally *tally, unsigned slot)
{
	tally->self = slot;
	tally->holds = true;
}

unsigned
tally_self(const struct tally *tally)
{
	return tally->self;
}

/* All are seen in one order: whoever gives a place back and then asks who
 * wants one, and whoever says that he wants one and then looks for it, do not
 * miss each other. */

static void
add(uint32_t *count, uint32_t n)
{
	__atomic_add_fetch(count, n, __ATOMIC_SEQ_CST);
}

static uint32_t
get(const uint32_t *count)
{
	return __atomic_load_n(count, __ATOMIC_SEQ_CST);
}

/* No two have the same octets; what pads them is left out. */
static uint64_t
hash_of(const struct tally *tally, const struct prefix *client)
{
	return siphash(tally->key, client,
	    offsetof(struct prefix, bytes) + sizeof(client->bytes));
}

static unsigned
top(const struct tally *tally)
{
	uint32_t top = get(tally->top);

	return top < TALLY_SLOTS ? top : TALLY_SLOTS;
}

/* In a page: where clients with this hash are counted, in the one way and in
 * the other. */
static size_t
client_offset(uint64_t hash, unsigned way)
{
	uint32_t half = (uint32_t)(way == 0 ? hash : hash >> 32);

	return offsetof(struct page, clients) +
	    (way * CLIENTS + half % CLIENTS) * sizeof(uint32_t);
}

static uint32_t *
count_at(const struct tally *tally, unsigned slot, size_t offset)
{
	void *count = (char *)&tally->pages[slot] + offset;

	return count;
}

static void
count_client(const struct tally *tally, unsigned slot,
    const struct prefix *client, uint32_t n)
{
	uint64_t hash;

	if (client == NULL)
		return;
	hash = hash_of(tally, client);
	for (unsigned way = 0; way < WAYS; way++)
		add(count_at(tally, slot, client_offset(hash, way)), n);
}

/* Of a count that every page has. */
static unsigned
sum(const struct tally *tally, size_t offset)
{
	unsigned most = top(tally);
	uint32_t total = 0;

	for (unsigned i = 0; i < most; i++)
		total += get(count_at(tally, i, offset));
	return total;
}

void
tally_add(struct tally *tally, unsigned slot, const struct prefix *client)
{
	add(&tally->pages[slot].used, 1);
	count_client(tally, slot, client, 1);
}

void
tally_drop(struct tally *tally, unsigned slot, const struct prefix *client)
{
	count_client(tally, slot, client, (uint32_t)-1);
	add(&tally->pages[slot].used, (uint32_t)-1);
}

/* Two that take the last place at once both give it back, and try again. */
bool
tally_take(struct tally *tally, const struct prefix *client, unsigned max)
{
	uint32_t *used = &tally->pages[tally->self].used;

	for (int i = 0; i < TRIES; i++) {
		add(used, 1);
		if (tally_used(tally) <= max) {
			count_client(tally, tally->self, client, 1);
			return true;
		}
		add(used, (uint32_t)-1);
		if (tally_used(tally) >= max)
			break;
	}
	return false;
}

unsigned
tally_used(const struct tally *tally)
{
	return sum(tally, offsetof(struct page, used));
}

unsigned
tally_client(const struct tally *tally, const struct prefix *client)
{
	uint64_t hash = hash_of(tally, client);
	unsigned first = sum(tally, client_offset(hash, 0));
	unsigned second = sum(tally, client_offset(hash, 1));

	return first < second ? first : second;
}

unsigned
tally_holding(const struct tally *tally)
{
	return sum(tally, offsetof(struct page, holding));
}

void
tally_hold(struct tally *tally, int change)
{
	if (tally->holds)
		add(&tally->pages[tally->self].holding, (uint32_t)change);
}

void
tally_retire(struct tally *tally)
{
	tally->holds = false;
	__atomic_store_n(&tally->pages[tally->self].holding, 0,
	    __ATOMIC_SEQ_CST);
}

bool
tally_want(struct tally *tally, bool wants)
{
	uint32_t before = __atomic_exchange_n(&tally->pages[tally->self].wants,
	    wants, __ATOMIC_SEQ_CST);

	return wants && before == 0;
}

bool
tally_wants(const struct tally *tally, unsigned slot)
{
	return get(&tally->pages[slot].wants) != 0;
}

void
tally_clear(struct tally *tally, unsigned slot)
{
	memset(&tally->pages[slot], 0, sizeof(tally->pages[slot]));
	if (slot >= get(tally->top))
		__atomic_store_n(tally->top, slot + 1, __ATOMIC_SEQ_CST);
}
