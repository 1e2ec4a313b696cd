/*
 * Builds: making a service, or the globals, from a draft; for conf/make.h, the
 * rules and the types of options, and private to them.
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
	bool defaults;		 /* only defaults are checked */
	/* the option that is being set; NULL once options are considered
	 * together */
	const struct attribute *attribute;
	const struct setting *setting;
	bool bad; /* it has an invalid value */
};

/* Report an invalid value, and set build->bad. */
void build_refuse(struct build *, const struct place *, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* Report that the service is valid but cannot be served; retry: a later load
 * may succeed. */
void build_fail(struct build *, bool retry, const struct place *, const char *,
    ...) __attribute__((format(printf, 4, 5)));
/* Warn of something probably not meant.  For single values of defaults, only
 * when the defaults are checked. */
void build_warn(struct build *, const struct place *, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* build_refuse() a value of the current option: "umask 999: expected WHAT". */
void build_wants(struct build *, size_t value, const char *what);

static inline const struct setting *
setting(const struct build *build, enum option_id id)
{
	return &build->draft->settings[id];
}

/* The first value of an option, or NULL. */
static inline const char *
value(const struct build *build, enum option_id id)
{
	const struct setting *one = setting(build, id);

	return one->set && one->count > 0 ? one->values[0].text : NULL;
}

/* The place of the first value, or else of the service. */
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
