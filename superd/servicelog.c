/* From a service to the log that its lines belong to. */
#include "superd/servicelog.h"

#include <stdarg.h>
#include <stdio.h>

#include "superd/log.h"

enum { LINE = 2048 };

void
log_service(const struct live *live, int priority, const char *fmt, ...)
{
	char line[LINE];
	va_list ap;

	(void)live;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	log_at(priority, "%s", line);
}
