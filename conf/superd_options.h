/*
 * The options of superd.conf: their names, where they may stand, how many
 * values they take, and what the values mean.  Knows texts with their places
 * and the model; not the syntax around them.
 */
#ifndef CONF_SUPERD_OPTIONS_H
#define CONF_SUPERD_OPTIONS_H

#include "conf/attribute.h"
#include "conf/readers.h"

/* What one section says of one option. */
struct setting {
	bool set;
	bool append;	    /* only "+=", "-=": to what the defaults say */
	bool borrowed;	    /* the defaults' own, which free it */
	struct place place; /* of the option's name */
	char **values;
	struct place *places; /* of the values */
	bool *removes;	      /* which are to be taken away from before */
	size_t count;
	unsigned sequence; /* in the order of lines, defaults first */
};

/* A section on its way into the model. */
struct build {
	struct loader *loader;
	const struct setting *settings; /* OPTIONS of them */
	struct service *service;
	struct globals *globals; /* one of these two is NULL */
	unsigned type, flags;	 /* option_type, option_flag */
	bool bad;		 /* a text in it has no meaning */
};

/* The places of values that are read later: superd_settings.c, as below. */
void setting_note(struct setting *, const struct place *, size_t count,
    bool remove);
/* Take away what is marked so, once the defaults' values are there, too.
 * False if something was not there: reported. */
bool settings_remove(struct setting *, struct reports *);
/* What a service does not say it takes from the defaults. */
void settings_inherit(struct setting *, const struct setting *defaults);
void settings_free(struct setting *);

/* Each option that stands for a member of the model. */
void options_apply(struct build *);
/* What options mean together: conf/superd_service.c. */
void service_complete(struct build *);

/* A text without meaning: a report, and build->bad. */
void build_refuse(struct build *, const struct place *, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* The same of one value: "umask 999: an octal number was expected". */
void build_wants(struct build *, const struct attribute *,
    const struct setting *, size_t value, const char *what);

#endif
