/* Why clients are refused, in the words of superd and of xinetd. */
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
	REFUSED_SHARE,	     /* others shall have what is left */
	REFUSED_ACCESS,
	REFUSED_TIME,
	REFUSED_LOAD,
	REFUSED_LIBWRAP,
	REFUSED_SENSOR,	  /* denied: it has set off a sensor */
	REFUSED_USER,	  /* IDONLY: nobody says who it is */
	REFUSED_SHORTAGE, /* descriptors, processes, memory */
	REFUSED_LOOP,	  /* datagram that would answer itself */
	REFUSED_ANSWERS,  /* too many datagram answers to a source */
	REFUSAL_COUNT
};

/* "per_source" */
const char *refusal_name(enum refusal);
/* "per_source_limit" */
const char *refusal_name_xinetd(enum refusal);

/* Was it closed by hand? */
enum closed {
	CLOSED_NOT,
	CLOSED_DISABLED, /* until it is enabled, or a reload */
	CLOSED_STOPPED	 /* until it is enabled */
};

/* "disabled", "stopped"; NULL: it was not. */
const char *closed_name(enum closed);

#endif
