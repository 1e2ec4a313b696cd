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
print_yes(const struct output *out, const struct attribute *attribute,
    const void *value)
{
	if (*(const bool *)value)
		print_word(out, attribute->name, "yes");
}

const struct type type_bool = { &store_plain, type_set_parsed, print_yes,
	parse_yes, "yes or no", NULL };

/* Worth to be said either way. */
static void
print_yes_or_no(const struct output *out, const struct attribute *attribute,
    const void *value)
{
	print_word(out, attribute->name, *(const bool *)value ? "yes" : "no");
}

const struct type type_wait = { &store_plain, type_set_parsed, print_yes_or_no,
	parse_yes, "yes or no", NULL };

const struct type type_libwrap = { &store_plain, NULL, print_yes, NULL, NULL,
	NULL };

/* Whose groups: it goes with user. */
static void
print_groups(const struct output *out, const struct attribute *attribute,
    const void *value)
{
	const struct command *command = &out->service->command;

	if (command->user != NULL && command->ngroups == 0)
		print_word(out, attribute->name, "no");
	else if (*(const bool *)value)
		print_word(out, attribute->name, "all");
}

const struct type type_own_group = { &store_plain, NULL, print_groups, NULL,
	NULL, NULL };

/* Words. */

const struct choice type_words[] = { { "INTERNAL", TYPE_INTERNAL, LACK_NONE },
	{ "RPC", TYPE_RPC, LACK_NONE },
	{ "UNLISTED", TYPE_UNLISTED, LACK_NONE },
	{ "TCPMUX", TYPE_TCPMUX, LACK_NONE },
	{ "TCPMUXPLUS", TYPE_TCPMUXPLUS, LACK_NONE }, { NULL, 0, LACK_NONE } };

static void
set_type(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	(void)target;
	build->type = choice_take_all(build, attribute, setting, type_words);
}

static void
print_type(const struct output *out, const struct attribute *attribute,
    const void *value)
{
	const struct service *service = out->service;

	(void)value;
	if (service->mux == MUX_PLAIN)
		print_word(out, attribute->name, "TCPMUX");
	else if (service->mux == MUX_PLUS)
		print_word(out, attribute->name, "TCPMUXPLUS");
	else if (service->rpc.enabled &&
	    strncmp(service->proto, "rpc/", 4) != 0)
		print_word(out, attribute->name, "RPC");
}

const struct type type_type = { NULL, set_type, print_type, NULL, NULL, NULL };

const struct choice flag_words[] = { { "IPv4", FLAG_IPV4, LACK_NONE },
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
set_flags(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	struct service *service = build->service;
	unsigned bits = choice_take_all(build, attribute, setting, flag_words);

	(void)target;
	build->flags = bits;
	service->nodelay = (bits & FLAG_NODELAY) != 0;
	service->keepalive = (bits & FLAG_KEEPALIVE) != 0;
	service->idonly = (bits & FLAG_IDONLY) != 0;
	service->sensor = (bits & FLAG_SENSOR) != 0;
}

static void
print_flags(const struct output *out, const struct attribute *attribute,
    const void *value)
{
	const struct service *service = out->service;
	unsigned bits = 0;

	(void)value;
	bits |= command_names_itself(&service->command) ? FLAG_NAMEINARGS : 0;
	bits |= service->nodelay ? FLAG_NODELAY : 0;
	bits |= service->keepalive ? FLAG_KEEPALIVE : 0;
	bits |= service->idonly ? FLAG_IDONLY : 0;
	bits |= service->sensor ? FLAG_SENSOR : 0;
	choice_print_all(out, attribute->name, bits, flag_words);
}

const struct type type_flags = { NULL, set_flags, print_flags, NULL, NULL,
	NULL };

const struct choice log_words[] = { { "PID", LOGS_PID, LACK_NONE },
	{ "HOST", LOGS_HOST, LACK_NONE }, { "USERID", LOGS_USERID, LACK_NONE },
	{ "EXIT", LOGS_EXIT, LACK_NONE },
	{ "DURATION", LOGS_DURATION, LACK_NONE },
	{ "TRAFFIC", LOGS_TRAFFIC, LACK_NONE },
	{ "ATTEMPT", LOGS_ATTEMPT, LACK_NONE }, { NULL, 0, LACK_NONE } };

static void
set_log_on(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	*(unsigned *)target = choice_take_all(build, attribute, setting,
	    log_words);
}

static void
print_log_on(const struct output *out, const struct attribute *attribute,
    const void *value)
{
	choice_print_all(out, attribute->name, *(const unsigned *)value,
	    log_words);
}

const struct type type_log_on = { &store_plain, set_log_on, print_log_on, NULL,
	NULL, NULL };

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

static void
set_choice(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	choice_take(build, attribute, setting, attribute->type->choices,
	    target);
}

static void
print_choice(const struct output *out, const struct attribute *attribute,
    const void *value)
{
	const struct choice *choices = attribute->type->choices;
	size_t i;

	for (i = 0; choices[i].value != *(const unsigned *)value; i++)
		continue;
	if (i > 0)
		print_word(out, attribute->name, choices[i].name);
}

const struct type type_excess = { &store_plain, set_choice, print_choice, NULL,
	NULL, excess_words };
const struct type type_stderr = { &store_plain, set_choice, print_choice, NULL,
	NULL, stderr_words };
