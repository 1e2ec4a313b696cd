/*
 * The superd.conf of a command line: values of attributes, and where to listen,
 * as text with the word of the command line that each line of it comes from.
 */
#ifndef SUPERD_ONELINER_TEXT_H
#define SUPERD_ONELINER_TEXT_H

#include "conf/attribute.h"
#include "conf/source.h"

enum listen_kind { LISTEN_TCP, LISTEN_UDP, LISTEN_UNIX, LISTEN_KINDS };

struct oneliner;

struct oneliner *oneliner_new(void);
void oneliner_free(struct oneliner *);
/* Add a value to an attribute; texts are copied.  said: the word of the command
 * line that has it, which messages begin with. */
void oneliner_value(struct oneliner *, enum option_id, const char *said,
    const char *text);
bool oneliner_has(const struct oneliner *, enum option_id);
/* Add a place to listen at.  Port 0 becomes a free port, and is kept for it.
 * 0, or -1 with a message on stderr if there is none. */
int oneliner_listen(struct oneliner *, enum listen_kind, const char *said,
    const char *text);
/* Is there a place to listen at? */
bool oneliner_listens(const struct oneliner *);
/* Was there a port 0? */
bool oneliner_chose_port(const struct oneliner *);
/* The text, for the life of the process. */
const struct source *oneliner_source(const struct oneliner *);

#endif
