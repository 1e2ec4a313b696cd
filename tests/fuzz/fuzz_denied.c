/*
 * The state file of the deny list: no more is taken from it than the list may
 * have, and what was taken is there again when it was written and read: but for
 * entries whose time is over meanwhile.
 */
/* the source: reading is its own affair, but for the file */
#include "superd/running/denied_file.c"

#include "superd/log/log.h"
#include "tests/fuzz/input.h"

static size_t count, lasting;

static bool
hear_line(void *arg, int priority, const char *text)
{
	(void)arg;
	(void)priority;
	(void)text;
	return true;
}

static void
count_one(void *arg, const struct denied *denied)
{
	(void)arg;
	must(denied->until == DENIED_FOR_EVER || denied->until > 0);
	count++;
	lasting += denied->until == DENIED_FOR_EVER;
}

static size_t
read_text(struct superd *superd, const char *text, size_t length)
{
	FILE *stream = fmemopen((void *)(uintptr_t)text, length, "r");

	must(stream != NULL);
	superd->denylist = denylist_new(DENIED_MAX);
	read_lines(superd, stream, "f");
	fclose(stream);
	count = lasting = 0;
	denylist_each(superd->denylist, count_one, NULL);
	must(count <= DENIED_MAX);
	return lasting;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct superd superd;
	struct writing writing = { .now = loop_clock(), .clock = time(NULL) };
	size_t taken;

	if (size == 0)
		return 0;
	log_divert(hear_line, NULL);
	taken = read_text(&superd, (const char *)data, size);
	denylist_each(superd.denylist, add_line, &writing);
	denylist_free(superd.denylist);
	must(!writing.text.failed);
	if (taken > 0) {
		must(read_text(&superd, writing.text.bytes,
			 writing.text.length) == taken);
		denylist_free(superd.denylist);
	}
	text_free(&writing.text);
	return 0;
}
