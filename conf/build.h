/*
 * Build: a draft on its way into the model, for conf/make.c, the rules and
 * the types of options.  Nobody else includes this.
 */
#ifndef CONF_BUILD_H
#define CONF_BUILD_H

#include <stdlib.h>

#include "conf/draft.h"
#include "conf/manner.h"
#include "conf/readers.h"
#include "conf/xalloc.h"

struct build {
	struct loader *loader;
	const struct manner *manner;
	const struct draft *draft;
	struct service *service;
	struct globals *globals; /* one of these two is NULL */
	unsigned type, flags;	 /* option_type, option_flag */
	bool defaults;		 /* no service: they are checked alone */
	/* the value that is being applied; NULL afterwards, when it is known
	 * what all of them mean together */
	const struct attribute *attribute;
	const struct setting *setting;
	bool bad; /* a text in it has no meaning */
};

/* A text without meaning: a report, and build->bad. */
void build_refuse(struct build *, const struct place *, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* What is understood and cannot be served: retry: asking again later may
 * help. */
void build_fail(struct build *, bool retry, const struct place *, const char *,
    ...) __attribute__((format(printf, 4, 5)));
/* Taken as written, but probably not meant.  Not of one value of the defaults,
 * which is told where they are checked. */
void build_warn(struct build *, const struct place *, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* The same of one value: "umask 999: expected an octal number". */
void build_wants(struct build *, size_t value, const char *what);

static inline const struct setting *
setting(const struct build *build, enum option_id id)
{
	return &build->draft->settings[id];
}

/* The first value; NULL if there is none. */
static inline const char *
value(const struct build *build, enum option_id id)
{
	const struct setting *one = setting(build, id);

	return one->set && one->count > 0 ? one->values[0].text : NULL;
}

/* Of the first value, or of the service. */
static inline const struct place *
place_of(const struct build *build, enum option_id id)
{
	return value(build, id) != NULL ?
	    &setting(build, id)->values[0].place :
	    &build->service->place;
}

static inline const struct place *
place_of_either(const struct build *build, enum option_id id,
    enum option_id other)
{
	return place_of(build, setting(build, id)->set ? id : other);
}

static inline bool
says_itself(const struct build *build, enum option_id id)
{
	return setting(build, id)->set && !setting(build, id)->borrowed;
}

static inline void
set_text(char **text, const char *new)
{
	free(*text);
	*text = new != NULL ? xstrdup(new) : NULL;
}

static inline bool
is_path(const char *text)
{
	return text[0] == '/' || text[0] == '@';
}

#endif
