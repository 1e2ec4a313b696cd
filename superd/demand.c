/* Descriptors that a configuration wants. */
#include "superd/demand.h"

#include "superd/base/descriptors.h"

/* Besides what services want: for clients, and the daemon itself. */
enum { SPARE = 256, PIPES_MAX = 1024 };

/* The pipe of each child whose stderr is logged.  More of them wait for
 * descriptors, as they do for processes. */
static size_t
count_pipes(const struct conf *conf)
{
	size_t count = 0;

	for (size_t i = 0; i < conf->count; i++) {
		const struct service *service = conf->services[i];
		unsigned instances = service->limits.instances;

		if (!service->disabled && !service->unservable &&
		    service->command.stderr_to == STDERR_LOG)
			count += instances == LIMIT_NONE ||
				instances > PIPES_MAX ?
			    PIPES_MAX :
			    instances;
	}
	return count < PIPES_MAX ? count : PIPES_MAX;
}

size_t
demand_descriptors(const struct conf *conf)
{
	size_t need = SPARE + count_pipes(conf);

	/* its sockets and its log */
	for (size_t i = 0; i < conf->count; i++) {
		const struct service *service = conf->services[i];

		if (service->disabled || service->unservable)
			continue;
		need += service->nendpoints;
		need += service->log.kind == LOG_TO_FILE;
	}
	return need;
}

void
demand_reserve(size_t descriptors, const char *file, struct reports *reports)
{
	const struct place place = { .file = file };
	struct rlimit limit;

	if (fds_reserve(descriptors) == 0 ||
	    getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	report_add(reports, REPORT_WARNING, &place,
	    "%zu descriptors are needed, but only %llu are allowed (ulimit "
	    "-Hn, LimitNOFILE): some sockets may fail to bind",
	    descriptors, (unsigned long long)limit.rlim_max);
}
