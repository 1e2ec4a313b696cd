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
	COMMAND_SESSIONS,
	COMMAND_DENIED,
	COMMAND_RELOAD,
	COMMAND_ENABLE,
	COMMAND_DISABLE,
	COMMAND_STOP,
	COMMAND_DRAIN,
	COMMAND_KILL,
	COMMAND_SET,
	COMMAND_DENY,
	COMMAND_ALLOW,
	COMMAND_HELP, /* superctl's own */
	COMMANDS
};

/* Options of commands, "--all" or "--for=1h" behind the words of a request. */
enum command_option {
	WITH_DRY_RUN,
	WITH_ALL,
	WITH_TIMEOUT,
	WITH_SIGNAL,
	WITH_FOR,
	COMMAND_OPTIONS
};

extern const char *const command_options[COMMAND_OPTIONS];

/* Who may ask for it: root, superd's own user, and members of a group. */
enum command_right {
	RIGHT_NONE,
	RIGHT_ASK, /* control_group or control_admin */
	RIGHT_ACT  /* control_admin */
};

struct command_word {
	const char *word;
	const char *argument; /* its name in the help; NULL: it has none */
	const char *expected; /* what is said where it is missing */
	bool optional;	      /* it may be missing */
	bool more;	      /* one or more words stand behind it */
	bool slow;	      /* its answer may take its time */
	bool table;	      /* the answer is one: lines may be cut */
	bool acts;	      /* RIGHT_ACT; all others are RIGHT_ASK */
	unsigned options;     /* bits of enum command_option */
	const char *help;
};

extern const struct command_word command_words[COMMANDS];

/* COMMANDS: it is none. */
enum command_id command_find(const char *word);

#endif
