/* The two names of each reason, side by side. */
#include "superd/running/reasons.h"

static const struct {
	const char *superd, *xinetd;
} names[REFUSAL_COUNT] = {
	[ADMITTED] = { "none", "none" },
	[REFUSED_RATE] = { "rate", "connections per second" },
	[REFUSED_SOURCE_RATE] = { "source_rate", "connections per second" },
	[REFUSED_INSTANCES] = { "instances", "service_limit" },
	[REFUSED_PER_SOURCE] = { "per_source", "per_source_limit" },
	[REFUSED_TOTAL] = { "max_children", "process_limit" },
	[REFUSED_CONNECTIONS] = { "max_connections", "process_limit" },
	[REFUSED_TALKS] = { "talks", "process_limit" },
	[REFUSED_SHARE] = { "share", "per_source_limit" },
	[REFUSED_ACCESS] = { "access", "address" },
	[REFUSED_TIME] = { "time", "time" },
	[REFUSED_LOAD] = { "load", "load" },
	[REFUSED_LIBWRAP] = { "libwrap", "libwrap" },
	[REFUSED_PROXY] = { "proxy_from", "address" },
	[REFUSED_PROXY_HEADER] = { "proxy_header", "address" },
	[REFUSED_PROXY_TIMEOUT] = { "proxy_timeout", "address" },
	[REFUSED_SENSOR] = { "sensor", "address" },
	[REFUSED_USER] = { "ident", "ident" },
	[REFUSED_SHORTAGE] = { "shortage", "fork" },
	[REFUSED_LOOP] = { "loop", "address" },
	[REFUSED_ANSWERS] = { "answers", "connections per second" },
};

const char *
refusal_name(enum refusal refusal)
{
	return names[refusal].superd;
}

const char *
refusal_name_xinetd(enum refusal refusal)
{
	return names[refusal].xinetd;
}

const char *
closed_name(enum closed closed)
{
	static const char *const words[] = { [CLOSED_DISABLED] = "disabled",
		[CLOSED_STOPPED] = "stopped" };

	return words[closed];
}
