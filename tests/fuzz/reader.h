/*
 * One reader on any text: no crash, no leak, and whatever it understands can
 * be checked and printed.  Nothing on the host is asked, no include followed.
 */
#ifndef TESTS_FUZZ_READER_H
#define TESTS_FUZZ_READER_H

#include <stdio.h>

#include "conf/check.h"
#include "conf/print.h"
#include "conf/readers.h"
#include "conf/service.h"
#include "tests/unit/fake_names.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
fuzz_reader(const uint8_t *data, size_t size,
    void (*read)(struct loader *, struct source *))
{
	static FILE *null;
	struct load_context context;
	struct reports reports;
	struct source source;
	struct loader loader;

	if (null == NULL)
		null = fopen("/dev/null", "w");
	fake_context(&context);
	reports_init(&reports);
	memset(&loader, 0, sizeof(loader));
	loader.context = &context;
	loader.conf = conf_new();
	loader.reports = &reports;
	loader.depth = LOAD_DEPTH;
	if (source_memory(&source, "f", (const char *)data, size, &reports) ==
	    0) {
		read(&loader, &source);
		conf_check(loader.conf, &reports);
		conf_print(loader.conf, null);
		source_free(&source);
	}
	reports_sort(&reports);
	conf_free(loader.conf);
	reports_free(&reports);
	names_free(context.names);
	return 0;
}

#endif
