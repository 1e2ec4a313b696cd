/* Tables of a loop that grow with the largest descriptor. */
#include "superd/base/loop_state.h"

#include <stdlib.h>
#include <string.h>

#include "conf/xalloc.h"

enum {
	ROOM_FIRST = 256,
	ROOM_DOUBLES = 4096 /* descriptors; beyond, by an eighth */
};

/* Room for count elements of so many octets.  -1: what was there stays. */
static int
grow(void *array, size_t count, size_t size)
{
	void **place = array;
	void *larger = reallocarray(*place, count, size);

	if (larger == NULL)
		return -1;
	*place = larger;
	return 0;
}

static int
set_grow(unsigned long **set, size_t from, size_t to)
{
	if (grow(set, words(to), sizeof(**set)) != 0)
		return -1;
	memset(*set + words(from), 0,
	    (words(to) - words(from)) * sizeof(**set));
	return 0;
}

/* Nothing that is larger already is in the way of another try. */
int
loop_room_grow(struct loop *loop, int fd)
{
	size_t room = loop->room, need = (size_t)fd + 1;

	if (need <= room)
		return 0;
	while (room < need)
		room += room < ROOM_DOUBLES ? room : room / 8;
	if (grow(&loop->watches, room, sizeof(*loop->watches)) != 0 ||
	    grow(&loop->ready, room + EVENTS, sizeof(*loop->ready)) != 0)
		return -1;
	memset(loop->watches + loop->room, 0,
	    (room - loop->room) * sizeof(*loop->watches));
	for (int i = 0; i < 2; i++)
		if (set_grow(&loop->want[i], loop->room, room) != 0 ||
		    set_grow(&loop->got[i], loop->room, room) != 0)
			return -1;
	loop->room = room;
	return 0;
}

void
loop_room_new(struct loop *loop)
{
	loop->room = ROOM_FIRST;
	loop->watches = xcalloc(loop->room, sizeof(*loop->watches));
	loop->ready = xcalloc(loop->room + EVENTS, sizeof(*loop->ready));
	for (int i = 0; i < 2; i++) {
		loop->want[i] = xcalloc(words(loop->room),
		    sizeof(unsigned long));
		loop->got[i] = xcalloc(words(loop->room),
		    sizeof(unsigned long));
	}
}

void
loop_room_free(struct loop *loop)
{
	for (int i = 0; i < 2; i++) {
		free(loop->want[i]);
		free(loop->got[i]);
	}
	free(loop->ready);
	free(loop->watches);
}
