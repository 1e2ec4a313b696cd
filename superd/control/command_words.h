/*
 * The table of superctl's commands: their words, arguments, options and help.
 * superctl sends them to superd, which answers them in commands.c.  Tests hold
 * the shell completions and superctl(8) to this table.
 */
#ifndef SUPERD_CONTROL_COMMAND_WORDS_H
#define SUPERD_CONTROL_COMMAND_WORDS_H

#include <stdbool.h>

/* In the order of the help. */
enum command_id {
	COMMAND_PING,
	COMMAND_STATUS,
	COMMAND_LIST,
	COMMAND_WATCH, /* superctl's own, of list */
	COMMAND_SHOW,
	COMMAND_EXPLAIN,
	COMMAND_SESSIONS,
	COMMAND_WHY,
	COMMAND_DENIED,
	COMMAND_EVENTS,
	COMMAND_METRICS,
	COMMAND_RELOAD,
	COMMAND_ENABLE,
	COMMAND_DISABLE,
	COMMAND_STOP,
	COMMAND_DRAIN,
	COMMAND_KILL,
	COMMAND_SET,
	COMMAND_DENY,
	COMMAND_ALLOW,
	COMMAND_LOG_LEVEL,
	COMMAND_UPGRADE,
	COMMAND_HELP, /* not sent to superd */
	COMMANDS
};

/* Options of commands, "--all" or "--for=1h" behind the words of a request. */
enum command_option {
	WITH_DRY_RUN,
	WITH_ALL,
	WITH_TIMEOUT,
	WITH_SIGNAL,
	WITH_FOR,
	WITH_AT,
	WITH_SAVE,
	COMMAND_OPTIONS
};

extern const char *const command_options[COMMAND_OPTIONS];

/* What a client may do: root and superd's own user all, others by group. */
enum command_right {
	RIGHT_NONE,
	RIGHT_ASK, /* control_group or control_admin */
	RIGHT_ACT  /* control_admin */
};

struct command_word {
	const char *word;
	const char *argument; /* its name in the help; NULL: none */
	const char *expected; /* the error message if it is missing */
	bool optional;	      /* the argument may be missing */
	bool more;	      /* followed by at least one word more */
	bool slow;	      /* superctl waits for the answer without limit */
	bool table;	      /* the lines of the answer may be cut */
	bool acts;	      /* needs RIGHT_ACT instead of RIGHT_ASK */
	unsigned options;     /* bits of enum command_option */
	const char *help;
};

extern const struct command_word command_words[COMMANDS];

/* The command with this word; COMMANDS: none. */
enum command_id command_find(const char *word);
/* How many words a request of it has, itself among them. */
void command_counts(const struct command_word *, int *least, int *most);

#endif
