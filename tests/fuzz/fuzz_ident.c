/*
 * The answer of an ident server: whatever it says, a user that is taken from
 * it is one that superd believes of an asker, too.
 */
#include "superd/base/ident.h"
#include "tests/fuzz/input.h"

enum { THEIRS = 6193, OURS = 23 };

static void
parse(const char *line, size_t size)
{
	char *text = malloc(size);

	must(text != NULL);
	if (ident_parse(line, THEIRS, OURS, text, size) == IDENT_OK)
		must(memchr(text, '\0', size) != NULL && ident_is_user(text) &&
		    strstr(line, text) != NULL);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	char *line = input_text(&input);

	parse(line, IDENT_TEXT);
	parse(line, 8);
	ident_is_user(line);
	free(line);
	return 0;
}
