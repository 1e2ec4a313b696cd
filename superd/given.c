/* Configurations on standard input and in the environment. */
#include "superd/given.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/report.h"

/* Nothing later is to wait for it, or to take what is left. */
static void
leave_input(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	if (null != STDIN_FILENO)
		close(null);
}

static int
print_first(const struct reports *reports)
{
	char text[1024];

	if (reports->count > 0)
		fprintf(stderr, "%s\n",
		    report_format(&reports->list[0], text, sizeof(text)));
	return reports->count > 0 ? -1 : 0;
}

static void
take(struct options *options, struct source *source)
{
	options->given = source;
	options->file = source->name;
}

int
given_take(struct options *options)
{
	static struct source source;
	const char *variable = getenv(GIVEN_VARIABLE);
	struct reports reports;
	int result;

	reports_init(&reports);
	if (options->file != NULL && strcmp(options->file, "-") == 0) {
		if (source_stream(&source, "<stdin>", STDIN_FILENO, &reports) ==
		    0)
			take(options, &source);
		leave_input();
	} else if (options->file == NULL && variable != NULL &&
	    options->started_as == STARTED_AS_SUPERD) {
		if (source_memory(&source, "$" GIVEN_VARIABLE, variable,
			strlen(variable), &reports) == 0)
			take(options, &source);
	}
	result = print_first(&reports);
	reports_free(&reports);
	return result;
}
