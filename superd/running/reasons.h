/* Why clients are refused, and why services are closed. */
#ifndef SUPERD_RUNNING_REASONS_H
#define SUPERD_RUNNING_REASONS_H

/* Why a client was not served, or has to wait. */
enum refusal {
	ADMITTED,
	REFUSED_RATE, /* limits.rate */
	REFUSED_SOURCE_RATE,
	REFUSED_INSTANCES,
	REFUSED_PER_SOURCE,
	REFUSED_TOTAL,	     /* --max-children */
	REFUSED_CONNECTIONS, /* max_connections */
	REFUSED_TALKS,	     /* with tcpmux */
	REFUSED_SHARE,	     /* the rest is for other services, or clients */
	REFUSED_ACCESS,
	REFUSED_TIME,
	REFUSED_LOAD,
	REFUSED_LIBWRAP,
	REFUSED_PROXY,	       /* it comes from none of proxy_from */
	REFUSED_PROXY_HEADER,  /* what came is none, or no more came */
	REFUSED_PROXY_TIMEOUT, /* none in time, or too many waited for one */
	REFUSED_SENSOR,	       /* on the deny list */
	REFUSED_USER,	       /* IDONLY, and no ident server names its user */
	REFUSED_SHORTAGE,      /* descriptors, processes, memory */
	REFUSED_LOOP,	       /* datagram that would answer itself */
	REFUSED_ANSWERS,       /* too many datagram answers to a source */
	REFUSAL_COUNT
};

/* A reason in superd's words, such as "per_source". */
const char *refusal_name(enum refusal);
/* A reason in xinetd's words, such as "per_source_limit". */
const char *refusal_name_xinetd(enum refusal);

/* Whether, and how, a service was closed by hand. */
enum closed {
	CLOSED_NOT,
	CLOSED_DISABLED, /* until it is enabled, or a reload */
	CLOSED_STOPPED	 /* until it is enabled */
};

/* "disabled" or "stopped"; NULL for CLOSED_NOT. */
const char *closed_name(enum closed);

#endif
