/*
 * The reader of systemd's units on any text: each line has a section and a
 * name, no value is empty, and words never have more octets than the text.
 */
#include "conf/unit_file.h"

#include "conf/service.h"
#include "tests/fuzz/input.h"

static void
check_words(const char *text)
{
	size_t octets = 0;
	bool bad;
	char **words = unit_words(text, &bad);

	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		octets += strlen(words[i]);
	must(octets <= strlen(text));
	strings_free(words);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unit unit = { NULL, 0 };
	struct reports reports;
	struct source source;

	reports_init(&reports);
	if (source_memory(&source, "f", (const char *)data, size, &reports) ==
	    0) {
		unit_read(&unit, &source, &reports);
		source_free(&source);
	}
	for (size_t i = 0; i < unit.count; i++) {
		must(unit.lines[i].name[0] != '\0');
		must(unit.lines[i].value[0] != '\0');
		must(unit.lines[i].line > 0);
		check_words(unit.lines[i].value);
	}
	unit_free(&unit);
	reports_free(&reports);
	return 0;
}
