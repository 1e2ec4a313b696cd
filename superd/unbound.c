/* Reports of sockets that cannot be bound. */
#include "superd/unbound.h"

#include <errno.h>
#include <string.h>

#include "conf/units.h"

static bool
is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

void
unbound_add(struct unbound *unbound, const struct service *service,
    const struct endpoint *endpoint, int error, const char *then)
{
	char text[ADDR_TEXT];

	if (is_shortage(error)) {
		if (unbound->lacking++ == 0) {
			unbound->first = service;
			unbound->error = error;
		}
		return;
	}
	report_add(unbound->reports, REPORT_UNSERVABLE, &service->place,
	    "service %s: cannot bind %s%s%s: %s", service->id,
	    addr_print(&endpoint->addr, text, sizeof(text)),
	    then != NULL ? ", " : "", then != NULL ? then : "",
	    strerror(error));
}

void
unbound_end(struct unbound *unbound, const char *then)
{
	size_t count = unbound->lacking;

	if (count == 0)
		return;
	report_add(unbound->reports, REPORT_UNSERVABLE, &unbound->first->place,
	    "service %s and those that follow: "
	    "cannot bind %zu socket%s%s%s: %s",
	    unbound->first->id, count, plural(count), then != NULL ? ", " : "",
	    then != NULL ? then : "", strerror(unbound->error));
	unbound->lacking = 0;
}
