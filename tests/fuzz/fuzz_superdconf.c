/*
 * The reader of superd.conf on any text, with its printer: what is understood
 * without an error is printed, and reads back to the same.  libconfuse never
 * finds fault with what the passes before it let through.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/print.h"
#include "tests/fuzz/reader.h"
#include "tests/unit/same_conf.h"

static struct conf *
read_text(const char *text, size_t size, struct load_context *context,
    struct reports *reports)
{
	struct loader loader = { .context = context,
		.conf = conf_new(),
		.reports = reports,
		.depth = LOAD_DEPTH };
	struct source source;

	if (source_memory(&source, "f", text, size, reports) == 0) {
		superd_read(&loader, &source);
		source_free(&source);
	}
	return loader.conf;
}

/* What conf_load() does, so that "unlimited" and nothing are the same. */
static void
finish(struct conf *conf)
{
	for (size_t i = 0; i < conf->count; i++) {
		struct service *service = conf->services[i];

		limits_inherit(&service->limits, &conf->globals.limits);
		if (service->backlog == LIMIT_UNSET)
			service->backlog = conf->globals.backlog;
	}
}

static void
check_reports(const struct reports *reports)
{
	for (size_t i = 0; i < reports->count; i++)
		if (strcmp(reports->list[i].text,
			"libconfuse does not understand this section") == 0)
			abort();
}

static void
print_and_read(struct conf *conf, struct load_context *context)
{
	struct reports reports;
	struct conf *copy;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	conf_print(conf, file);
	fclose(file);
	reports_init(&reports);
	copy = read_text(text, size, context, &reports);
	finish(copy);
	if (reports_at_least(&reports, REPORT_UNSERVABLE) > 0 ||
	    !same_conf(conf, copy)) {
		fprintf(stderr, "%s", text);
		abort();
	}
	conf_free(copy);
	reports_free(&reports);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct load_context context;
	struct reports reports;
	struct conf *conf;

	fuzz_reader(data, size, superd_read);
	fake_context(&context);
	reports_init(&reports);
	conf = read_text((const char *)data, size, &context, &reports);
	check_reports(&reports);
	finish(conf);
	if (reports_at_least(&reports, REPORT_UNSERVABLE) == 0)
		print_and_read(conf, &context);
	conf_free(conf);
	reports_free(&reports);
	names_free(context.names);
	return 0;
}
