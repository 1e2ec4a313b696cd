/*
 * What services write on stderr: the lines do not depend on how the bytes
 * come in, are of bounded length, and printable when they are logged.
 */
#include "superd/base/linebuf.h"

#include <stdio.h>

#include "superd/log/log.h"
#include "tests/fuzz/input.h"

static void
check_printable(const char *text, size_t length, size_t size)
{
	char *dst = malloc(size + 1);

	must(dst != NULL);
	log_printable(dst, size, text, length);
	must(size == 0 || strlen(dst) < size);
	for (const char *p = dst; size > 0 && *p != '\0'; p++)
		must(*p >= ' ' && *p <= '~');
	free(dst);
}

static void
one_line(void *arg, const char *text, size_t length, bool cut)
{
	must(length > 0 && length <= LINES_LENGTH);
	must(memchr(text, '\n', length) == NULL);
	check_printable(text, length, 1200);
	check_printable(text, length, length % 16);
	fwrite(text, 1, length, arg);
	fputs(cut ? "...\n" : "\n", arg);
}

/* All lines, of bytes that come in pieces of this size.  malloc'd. */
static char *
lines_of(const struct input *input, size_t piece)
{
	struct linebuf lines = { .used = 0 };
	struct input rest = *input;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	must(file != NULL);
	while (rest.left > 0) {
		size_t n = piece < rest.left ? piece : rest.left;

		linebuf_feed(&lines, (const char *)rest.at, n, one_line, file);
		rest.at += n;
		rest.left -= n;
	}
	linebuf_flush(&lines, one_line, file);
	must(!linebuf_pending(&lines));
	fclose(file);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	size_t piece = (size_t)input_byte(&input) + 1;
	char *whole = lines_of(&input, size + 1);
	char *pieces = lines_of(&input, piece);

	must(strcmp(whole, pieces) == 0);
	free(whole);
	free(pieces);
	return 0;
}
