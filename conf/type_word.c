/* Yes and no, and words out of tables. */
#include "conf/type.h"

#include <string.h>

#include "conf/choice.h"
#include "conf/service.h"
#include "conf/store.h"
#include "conf/units.h"

static bool
parse_yes(const char *text, void *target)
{
	return parse_bool(text, target) == 0;
}

static void
print_yes(const struct output *out, const void *value)
{
	if (*(const bool *)value)
		print_word(out, "yes");
}

const struct type type_bool = PARSED(&store_plain, print_yes, parse_yes,
    "yes or no");

/* Worth to be said either way. */
static void
print_yes_or_no(const struct output *out, const void *value)
{
	print_word(out, *(const bool *)value ? "yes" : "no");
}

const struct type type_wait = PARSED(&store_plain, print_yes_or_no, parse_yes,
    "yes or no");

const struct type type_libwrap = KEPT(&store_plain, print_yes);

/* Whose groups: it goes with user. */
static void
print_groups(const struct output *out, const void *value)
{
	const struct command *command = &out->service->command;

	if (command->user != NULL && command->ngroups == 0 && !command->as_peer)
		print_word(out, "no");
	else if (*(const bool *)value)
		print_word(out, "all");
}

const struct type type_own_group = KEPT(&store_plain, print_groups);

/* Words. */

static const struct choice type_words[] = {
	{ "INTERNAL", TYPE_INTERNAL, LACK_NONE },
	{ "RPC", TYPE_RPC, LACK_NONE },
	{ "UNLISTED", TYPE_UNLISTED, LACK_NONE },
	{ "TCPMUX", TYPE_TCPMUX, LACK_NONE },
	{ "TCPMUXPLUS", TYPE_TCPMUXPLUS, LACK_NONE }, { NULL, 0, LACK_NONE }
};

static void
set_type(struct build *build, void *target)
{
	(void)target;
	build->type = choice_take_all(build, type_words);
}

static void
print_type(const struct output *out, const void *value)
{
	const struct service *service = out->service;

	(void)value;
	if (service->mux == MUX_PLAIN)
		print_word(out, "TCPMUX");
	else if (service->mux == MUX_PLUS)
		print_word(out, "TCPMUXPLUS");
	else if (service->rpc.enabled &&
	    strncmp(service->proto, "rpc/", 4) != 0)
		print_word(out, "RPC");
}

const struct type type_type = SET(NULL, print_type, set_type);

static const struct choice flag_words[] = { { "IPv4", FLAG_IPV4, LACK_NONE },
	{ "IPv6", FLAG_IPV6, LACK_NONE },
	{ "NAMEINARGS", FLAG_NAMEINARGS, LACK_NONE },
	{ "NOLIBWRAP", FLAG_NOLIBWRAP, LACK_NONE },
	{ "REUSE", FLAG_REUSE, LACK_NONE }, /* always so */
	{ "NODELAY", FLAG_NODELAY, LACK_NONE },
	{ "KEEPALIVE", FLAG_KEEPALIVE, LACK_NONE },
	{ "NORETRY", FLAG_NORETRY, LACK_EFFECT },
	{ "IDONLY", FLAG_IDONLY, LACK_NONE },
	{ "INTERCEPT", FLAG_INTERCEPT, LACK_ALL },
	{ "SENSOR", FLAG_SENSOR, LACK_NONE },
	{ "LABELED", FLAG_LABELED, LACK_ALL }, { NULL, 0, LACK_NONE } };

static void
set_flags(struct build *build, void *target)
{
	struct service *service = build->service;
	unsigned bits = choice_take_all(build, flag_words);

	(void)target;
	build->flags = bits;
	service->nodelay = (bits & FLAG_NODELAY) != 0;
	service->keepalive = (bits & FLAG_KEEPALIVE) != 0;
	service->idonly = (bits & FLAG_IDONLY) != 0;
	service->sensor = (bits & FLAG_SENSOR) != 0;
}

static void
print_flags(const struct output *out, const void *value)
{
	const struct service *service = out->service;
	unsigned bits = 0;

	(void)value;
	bits |= command_names_itself(&service->command) ? FLAG_NAMEINARGS : 0;
	bits |= service->nodelay ? FLAG_NODELAY : 0;
	bits |= service->keepalive ? FLAG_KEEPALIVE : 0;
	bits |= service->idonly ? FLAG_IDONLY : 0;
	bits |= service->sensor ? FLAG_SENSOR : 0;
	choice_print_all(out, bits, flag_words);
}

const struct type type_flags = SET(NULL, print_flags, set_flags);

const struct choice log_words[] = { { "PID", LOGS_PID, LACK_NONE },
	{ "HOST", LOGS_HOST, LACK_NONE }, { "USERID", LOGS_USERID, LACK_NONE },
	{ "EXIT", LOGS_EXIT, LACK_NONE },
	{ "DURATION", LOGS_DURATION, LACK_NONE },
	{ "TRAFFIC", LOGS_TRAFFIC, LACK_NONE },
	{ "ATTEMPT", LOGS_ATTEMPT, LACK_NONE }, { NULL, 0, LACK_NONE } };

static void
set_log_on(struct build *build, void *target)
{
	*(unsigned *)target = choice_take_all(build, log_words);
}

static void
print_log_on(const struct output *out, const void *value)
{
	choice_print_all(out, *(const unsigned *)value, log_words);
}

const struct type type_log_on = {
	.store = &store_plain, .set = set_log_on, .print = print_log_on
};

/* Words of which one is meant; the first says what is so anyway. */
static const struct choice excess_words[] = {
	{ "queue", EXCESS_QUEUE, LACK_NONE },
	{ "refuse", EXCESS_REFUSE, LACK_NONE }, { NULL, 0, LACK_NONE }
};
static const struct choice stderr_words[] = {
	{ "socket", STDERR_SOCKET, LACK_NONE },
	{ "log", STDERR_LOG, LACK_NONE }, { "null", STDERR_NULL, LACK_NONE },
	{ NULL, 0, LACK_NONE }
};

static const struct choice log_peer_words[] = {
	{ "full", LOG_PEER_FULL, LACK_NONE },
	{ "prefix", LOG_PEER_PREFIX, LACK_NONE },
	{ "hash", LOG_PEER_HASH, LACK_NONE },
	{ "none", LOG_PEER_NONE, LACK_NONE }, { NULL, 0, LACK_NONE }
};

static const struct choice stop_words[] = { { "auto", STOP_AUTO, LACK_NONE },
	{ "leave", STOP_LEAVE, LACK_NONE }, { "drain", STOP_DRAIN, LACK_NONE },
	{ "kill", STOP_KILL, LACK_NONE }, { NULL, 0, LACK_NONE } };

static const struct choice process_words[] = {
	{ "shared", PROCESS_SHARED, LACK_NONE },
	{ "own", PROCESS_OWN, LACK_NONE }, { NULL, 0, LACK_NONE }
};

static const struct choice log_format_words[] = {
	{ "text", LOG_FORMAT_TEXT, LACK_NONE },
	{ "logfmt", LOG_FORMAT_LOGFMT, LACK_NONE },
	{ "json", LOG_FORMAT_JSON, LACK_NONE }, { NULL, 0, LACK_NONE }
};

static void
set_choice(struct build *build, void *target)
{
	choice_take(build, build->attribute->type->choices, target);
}

static void
print_choice(const struct output *out, const void *value)
{
	const struct choice *choices = out->attribute->type->choices;
	unsigned now = *(const unsigned *)value;

	if (now != choices[0].value)
		print_word(out, choice_name(choices, now));
}

const struct type type_excess = { .store = &store_plain,
	.set = set_choice,
	.print = print_choice,
	.choices = excess_words };
const struct type type_stderr = { .store = &store_plain,
	.set = set_choice,
	.print = print_choice,
	.choices = stderr_words };
const struct type type_log_peer = { .store = &store_plain,
	.set = set_choice,
	.print = print_choice,
	.choices = log_peer_words };
const struct type type_process = { .store = &store_plain,
	.set = set_choice,
	.print = print_choice,
	.choices = process_words };
const struct type type_log_format = { .store = &store_plain,
	.set = set_choice,
	.print = print_choice,
	.choices = log_format_words };

const struct type type_stop = { .store = &store_plain,
	.set = set_choice,
	.print = print_choice,
	.choices = stop_words };
