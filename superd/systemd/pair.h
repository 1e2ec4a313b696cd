/* A socket unit of a directory with the service that it starts, and the
 * drop-ins of both, as lines.  Knows nothing of superd.conf. */
#ifndef SUPERD_SYSTEMD_PAIR_H
#define SUPERD_SYSTEMD_PAIR_H

#include "conf/unit_file.h"
#include "superd/systemd/keys.h"

struct pair {
	const char *directory;
	struct reports reports;
	const char *name; /* of the socket unit, without its end */
	struct unit socket, service;
	bool accepts;
};

/* Read NAME.socket and its service.  False: one of both is missing, as is told
 * on stderr.  The caller has to pair_free() anyway. */
bool pair_read(struct pair *, const char *name);
void pair_free(struct pair *);

/* The unit that a key is of. */
struct unit *pair_unit(struct pair *, enum key);
/* The line that counts, the last one; NULL: there is none. */
struct unit_line *pair_find(struct pair *, enum key);
/* Its value, and it is used; NULL: there is none. */
const char *pair_value(struct pair *, enum key);
/* Undo specifiers, systemd.unit(5), those of the file's own name: malloc'd.
 * NULL: another one is in the text. */
char *pair_specify(const struct pair *, const char *text);
bool pair_is_line(const struct unit_line *, enum key);
bool unit_is_yes(const char *text);

#endif
