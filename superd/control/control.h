/*
 * The control socket, a unix stream socket: each client sends one request and
 * gets one answer, of protocol.h.  Reading and writing never block.
 */
#ifndef SUPERD_CONTROL_CONTROL_H
#define SUPERD_CONTROL_CONTROL_H

#include "superd/base/text.h"
#include "superd/control/command_words.h"
#include "superd/control/protocol.h"
#include "superd/running/superd.h"

struct control;
struct client;

/* A request and its answer; request.h has helpers. */
struct request {
	struct superd *superd;
	struct client *client;
	enum command_right right; /* of its client */
	bool json, header;
	char *words[CONTROL_WORDS_MAX];
	size_t count;
	const char *options[COMMAND_OPTIONS]; /* NULL: not given; "": given
					       * without a value */
	bool garbled; /* too many words, or an unknown option */
	/* The answer, or the error message if error is set. */
	struct text text;
	bool error;
	/* Set to answer later, with control_answer(); unwanted() is called if
	 * the answer is not wanted any more.  NULL: answer at once. */
	void *later;
	int file; /* sent behind the text, from its beginning; taken.  -1: none
		   */
	void (*unwanted)(struct request *);
	bool while_there; /* unwanted once the client has disconnected */
	bool follows;	  /* control_follow() was called */
};

/* Answer a request, or set later; returns the exit status of superctl. */
typedef enum control_exit control_fn(struct request *);

/* Make a control socket that is not open; run is called for each request.
 * Never NULL. */
struct control *control_new(struct superd *, control_fn *run);
/* Send the answer of a request with later set; the request is freed. */
void control_answer(struct request *, enum control_exit);
/* Begin an answer without an end, of a request with later set: it is unwanted
 * once the client has disconnected. */
void control_follow(struct request *);
/* Send text to who follows, when there is time.  False: too much waits for it
 * to be read, or there is no memory, and this was left out. */
bool control_say(struct request *, const char *);
/* Close and remove the socket, and free all requests.  Accepts NULL. */
void control_free(struct control *);
/* Open the socket at the path of the command line or the configuration.  0, or
 * -1 after logging why. */
int control_open(struct superd *);
/* After an upgrade: go on with this socket, if it is the one to be had at that
 * path.  -1: it is not, and is still the caller's. */
int control_resume(struct superd *, int fd, const char *path);
/* Its descriptor, or -1. */
int control_fd(const struct control *);
/* The descriptor of who has made a request. */
int control_client(const struct request *);
/* Is anybody else still to get the whole of an answer that has an end? */
bool control_is_busy(const struct control *, const struct request *but);
/* Send what waits for those who follow, as far as that does not block. */
void control_flush(struct control *);
/* The path of the socket, or NULL if there is none. */
const char *control_path(const struct control *);
/* After a reload: move the socket, or change its group, if that is needed. */
void control_configure(struct superd *);

#endif
