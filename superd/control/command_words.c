/* The commands of superctl. */
#include "superd/control/command_words.h"

#include <string.h>

#include "superd/control/protocol.h"

#define A_SERVICE \
	"ID", "a service's ID or how it begins (superctl list shows them)"

#define A_CLIENT "CLIENT", "an address or ADDRESS/BITS"

#define WITH(option) (1u << WITH_##option)

const char *const command_options[COMMAND_OPTIONS] = {
	[WITH_DRY_RUN] = "dry-run",
	[WITH_ALL] = "all",
	[WITH_TIMEOUT] = "timeout",
	[WITH_SIGNAL] = "signal",
	[WITH_FOR] = "for",
	[WITH_AT] = "at",
	[WITH_SAVE] = "save",
};

const struct command_word command_words[COMMANDS] = {
	[COMMAND_PING] = { "ping", .help = "ask whether superd answers" },
	[COMMAND_STATUS] = { "status", .table = true,
	    .help = "everything: superd, services, counters" },
	[COMMAND_LIST] = { "list", .table = true,
	    .help = "one line per service" },
	[COMMAND_WATCH] = { "watch", .table = true,
	    .help = "the list, again and again, on a terminal" },
	[COMMAND_SHOW] = { "show", A_SERVICE,
	    .help = "everything about one service" },
	[COMMAND_EXPLAIN] = { "explain", "ID[.OPTION]",
	    "a service's ID, or ID.OPTION", .table = true, .slow = true,
	    .help = "what its texts say of a service, and where" },
	[COMMAND_SESSIONS] = { "sessions", A_SERVICE, .optional = true,
	    .table = true, .help = "who is served now" },
	[COMMAND_WHY] = { "why", "ID ADDRESS",
	    "a service's ID and a client's address", .more = true,
	    .options = WITH(AT),
	    .help = "what a client would meet at a service" },
	[COMMAND_DENIED] = { "denied", .table = true,
	    .help = "who is denied, and for how long" },
	[COMMAND_EVENTS] = { "events", A_SERVICE, .optional = true,
	    .help = "each event of the log, as it comes" },
	[COMMAND_METRICS] = { "metrics",
	    .help = "counters and gauges, for Prometheus" },
	[COMMAND_RELOAD] = { "reload", .slow = true, .options = WITH(DRY_RUN),
	    .help = "reread the configuration" },
	[COMMAND_ENABLE] = { "enable", A_SERVICE, .acts = true,
	    .options = WITH(SAVE),
	    .help = "open a service that was disabled or stopped" },
	[COMMAND_DISABLE] = { "disable", A_SERVICE, .acts = true,
	    .options = WITH(SAVE),
	    .help = "close a service until the next reload" },
	[COMMAND_STOP] = { "stop", A_SERVICE, .acts = true,
	    .help = "close a service until it is enabled" },
	[COMMAND_DRAIN] = { "drain", A_SERVICE, .optional = true, .slow = true,
	    .acts = true, .options = WITH(ALL) | WITH(TIMEOUT),
	    .help = "stop a service, and wait for its sessions" },
	[COMMAND_KILL] = { "kill", "ID|PID",
	    "a service's ID or the pid of a session", .acts = true,
	    .options = WITH(SIGNAL),
	    .help = "end the sessions of a service, or one" },
	[COMMAND_SET] = { "set", "ID OPTION=VALUE",
	    "a service's ID and OPTION=VALUE, such as instances=50",
	    .more = true, .acts = true,
	    .help = "other limits until the next reload" },
	[COMMAND_DENY] = { "deny", A_CLIENT, .acts = true, .options = WITH(FOR),
	    .help = "refuse a client everywhere" },
	[COMMAND_ALLOW] = { "allow", A_CLIENT, .acts = true,
	    .help = "end that" },
	[COMMAND_LOG_LEVEL] = { "log-level", "LEVEL",
	    "debug, info, warning or error", .optional = true,
	    .help = "what is logged at least, until a restart" },
	[COMMAND_UPGRADE] = { "upgrade", "PATH", "the path of a superd",
	    .optional = true, .slow = true, .acts = true,
	    .help = "go on as another program, without closing a port" },
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

void
command_counts(const struct command_word *command, int *least, int *most)
{
	int words = command->argument != NULL ? 2 : 1;

	*least = command->optional ? 1 : words + command->more;
	*most = command->more ? CONTROL_WORDS_MAX : words;
}
