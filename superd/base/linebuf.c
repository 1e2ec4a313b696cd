/* Split a stream into lines. */
#include "superd/base/linebuf.h"

#include <string.h>

bool
linebuf_pending(const struct linebuf *lines)
{
	return lines->used > 0;
}

void
linebuf_flush(struct linebuf *lines, linebuf_fn *fn, void *arg)
{
	size_t length = lines->used;

	if (length > 0 && !lines->cut && lines->text[length - 1] == '\r')
		length--;
	if (length > 0)
		fn(arg, lines->text, length, lines->cut);
	lines->used = 0;
	lines->cut = false;
}

static void
keep(struct linebuf *lines, const char *data, size_t length)
{
	size_t room = sizeof(lines->text) - lines->used;

	if (length > room) {
		length = room;
		lines->cut = true;
	}
	memcpy(lines->text + lines->used, data, length);
	lines->used += length;
}

void
linebuf_feed(struct linebuf *lines, const char *data, size_t length,
    linebuf_fn *fn, void *arg)
{
	while (length > 0) {
		const char *end = memchr(data, '\n', length);
		size_t n = end == NULL ? length : (size_t)(end - data);

		keep(lines, data, n);
		if (end == NULL)
			break;
		linebuf_flush(lines, fn, arg);
		data += n + 1;
		length -= n + 1;
	}
}
