/* Descriptors that a configuration wants. */
#include "superd/demand.h"

#include "superd/fds.h"

/* Besides what services want: for clients, and the daemon itself. */
enum { SPARE = 256 };

size_t
demand_descriptors(const struct conf *conf)
{
	size_t need = SPARE;

	/* its sockets, its log, a pipe for what its children write, and the
	 * channel of a worker of its own */
	for (size_t i = 0; i < conf->count; i++) {
		const struct service *service = conf->services[i];

		if (service->disabled || service->unservable)
			continue;
		need += service->nendpoints;
		need += service->log.kind == LOG_TO_FILE;
		need += service->command.stderr_to == STDERR_LOG ? 2 : 0;
		need += service->redirect.host != NULL;
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
	report_add(reports, REPORT_WARNING, &place, "%zu descriptors are "
	    "wanted, and %llu are allowed (ulimit -Hn, LimitNOFILE): not all "
	    "sockets may be bound", descriptors,
	    (unsigned long long)limit.rlim_max);
}
