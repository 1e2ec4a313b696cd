/* The commands of superctl. */
#include "superd/control/command_words.h"

#include <string.h>

const struct command_word command_words[COMMANDS] = {
	[COMMAND_PING] = { "ping", .help = "ask whether superd answers" },
	[COMMAND_STATUS] = { "status", .table = true,
	    .help = "everything: superd, services, counters" },
	[COMMAND_LIST] = { "list", .table = true,
	    .help = "one line per service" },
	[COMMAND_SHOW] = { "show", "ID",
	    "a service's ID or how it begins (superctl list shows them)",
	    .help = "everything about one service" },
	[COMMAND_RELOAD] = { "reload", .dry_run = true, .slow = true,
	    .help = "reread the configuration" },
	[COMMAND_HELP] = { "help", .help = "print this" },
};

enum command_id
command_find(const char *word)
{
	enum command_id command = 0;

	while (command < COMMANDS &&
	    strcmp(command_words[command].word, word) != 0)
		command++;
	return command;
}
