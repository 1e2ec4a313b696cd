/*
 * The commands that superctl has, in rows: how they are called, what goes
 * with them, and what its help says.  superd answers those that are asked of
 * it (commands.c); completions and superctl(8) are held to these by tests.
 */
#ifndef SUPERD_CONTROL_COMMAND_WORDS_H
#define SUPERD_CONTROL_COMMAND_WORDS_H

#include <stdbool.h>

/* In the order of the help. */
enum command_id {
	COMMAND_PING,
	COMMAND_STATUS,
	COMMAND_LIST,
	COMMAND_SHOW,
	COMMAND_RELOAD,
	COMMAND_HELP, /* superctl's own */
	COMMANDS
};

struct command_word {
	const char *word;
	const char *argument; /* its name in the help; NULL: it has none */
	const char *expected; /* what is said where it is missing */
	bool dry_run;	      /* it may be a dry run */
	bool slow;	      /* its answer may take its time */
	bool table;	      /* the answer is one: lines may be cut */
	const char *help;
};

extern const struct command_word command_words[COMMANDS];

/* COMMANDS: it is none. */
enum command_id command_find(const char *word);

#endif
