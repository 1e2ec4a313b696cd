/*
 * One section of superd.conf that becomes a service: between its two halves,
 * superd_socket.c (where it listens) and superd_service.c (what serves it and
 * whom).  Nobody else includes this.
 */
#ifndef CONF_SUPERD_SECTION_H
#define CONF_SUPERD_SECTION_H

#include <stdlib.h>

#include "conf/rules.h"
#include "conf/superd_options.h"
#include "conf/xalloc.h"

static inline const struct setting *
setting(const struct build *build, enum option_id id)
{
	return &build->settings[id];
}

/* The first value; NULL if there is none. */
static inline const char *
value(const struct build *build, enum option_id id)
{
	const struct setting *one = setting(build, id);

	return one->set && one->count > 0 ? one->values[0] : NULL;
}

/* Of the first value, or of the section. */
static inline const struct place *
place_of(const struct build *build, enum option_id id)
{
	return value(build, id) != NULL ?
	    &setting(build, id)->places[0] :
	    &build->service->place;
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
	*text = xstrdup(new);
}

static inline bool
is_path(const char *text)
{
	return text[0] == '/' || text[0] == '@';
}

/* For rules.c. */
const struct rules *build_rules(struct build *, struct rules *);
/* A yes or no that has another default than no. */
bool build_decide(struct build *, enum option_id, bool otherwise);
/* The value of the option is none of these names: refused. */
void build_unknown(struct build *, enum option_id, const char *what,
    const char *text, const char *const *names);

/* Protocol, family and type, and where it listens. */
void socket_complete(struct build *);

#endif
