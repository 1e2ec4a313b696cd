/*
 * The control socket: unix stream, one request line, one answer.  Requests
 * are read and answers written without ever waiting for the client.
 */
#ifndef SUPERD_CONTROL_CONTROL_H
#define SUPERD_CONTROL_CONTROL_H

#include "superd/base/text.h"
#include "superd/control/command_words.h"
#include "superd/control/protocol.h"
#include "superd/running/superd.h"

struct control;
struct client;

/* A request, taken apart: its words, and its options (request.h). */
struct request {
	struct superd *superd;
	struct client *client;
	enum command_right right; /* what its client may ask for */
	bool json, header;
	char *words[CONTROL_WORDS_MAX];
	size_t count;
	const char *options[COMMAND_OPTIONS]; /* "": without a value; NULL */
	bool garbled; /* too many words, or an option that nothing has */
	/* What is to be answered, or, with error, why there is no answer. */
	struct text text;
	bool error;
	/* One that is answered later, and whom to tell that nobody waits for
	 * that any more.  NULL: at once. */
	void *later;
	void (*unwanted)(struct request *);
	bool while_there; /* which is so as soon as the client has gone */
};

typedef enum control_exit control_fn(struct request *);

/* run answers requests, or will: see later. */
struct control *control_new(struct superd *, control_fn *run);
/* The answer to one that had to wait is there; the request is gone then. */
void control_answer(struct request *, enum control_exit);
void control_free(struct control *);
/* Open the socket where options and configuration say; -1 after logging. */
int control_open(struct superd *);
/* Where it is; NULL: there is none. */
const char *control_path(const struct control *);
/* A reload may have moved the socket, or given it another group. */
void control_configure(struct superd *);

#endif
