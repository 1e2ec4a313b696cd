/* Options of sockets: parsed, kept as a list in the order of rows, printed. */
#include "conf/socket_options.h"

#include <netinet/in.h>

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "conf/build.h"
#include "conf/output.h"
#include "conf/store.h"
#include "conf/type.h"
#include "conf/units.h"

enum {
	OCTET_MAX = 255,
	HOPS_MAX = 255,
	PROBES_MAX = 127,
	KEEPALIVE_MAX = 32767,
	SECONDS_MAX = INT_MAX / 1000
};

/* The class selectors of RFC 2474, the groups of RFC 2597 and the class of RFC
 * 3246, in the upper six bits. */
static bool
parse_class(const char *text, unsigned *tos)
{
	if (strcasecmp(text, "ef") == 0)
		*tos = 46 << 2;
	else if (strncasecmp(text, "cs", 2) == 0 && text[2] >= '0' &&
	    text[2] <= '7' && text[3] == '\0')
		*tos = (unsigned)(text[2] - '0') << 5;
	else if (strncasecmp(text, "af", 2) == 0 && text[2] >= '1' &&
	    text[2] <= '4' && text[3] >= '1' && text[3] <= '3' &&
	    text[4] == '\0')
		*tos = (unsigned)(text[2] - '0') << 5 |
		    (unsigned)(text[3] - '0') << 3;
	else
		return false;
	return true;
}

static bool
parse_range(const char *text, unsigned least, unsigned most, unsigned *number)
{
	unsigned long long value;

	if (parse_number(text, least, most, &value) != 0)
		return false;
	*number = (unsigned)value;
	return true;
}

static bool
parse_tos(const char *text, unsigned *value)
{
	return parse_class(text, value) ||
	    parse_range(text, 0, OCTET_MAX, value);
}

static bool
parse_hops(const char *text, unsigned *value)
{
	return parse_range(text, 1, HOPS_MAX, value);
}

static bool
parse_mark(const char *text, unsigned *value)
{
	return parse_range(text, 1, UINT_MAX, value);
}

static bool
parse_probes(const char *text, unsigned *value)
{
	return parse_range(text, 1, PROBES_MAX, value);
}

static bool
parse_time(const char *text, unsigned most, unsigned *value)
{
	return parse_duration(text, value) == 0 && *value >= 1 &&
	    *value <= most;
}

static bool
parse_wait(const char *text, unsigned *value)
{
	return parse_time(text, SECONDS_MAX, value);
}

static bool
parse_keepalive(const char *text, unsigned *value)
{
	return parse_time(text, KEEPALIVE_MAX, value);
}

static bool
parse_switch(const char *text, unsigned *value)
{
	bool on;

	if (parse_bool(text, &on) != 0)
		return false;
	*value = on;
	return true;
}

static const struct kind {
	enum option_id option;
	bool (*parse)(const char *text, unsigned *value);
	const char *wants;
	const char *unit; /* "", or of time; NULL: yes or no */
	bool tcp;	  /* of TCP only */
} kinds[] = {
	{ OPTION_MARK, parse_mark, "a number from 1 to 4294967295", "", false },
	{ OPTION_TOS, parse_tos,
	    "a number up to 255, or a class such as cs1, af21 or ef", "",
	    false },
	{ OPTION_TTL, parse_hops, "a number from 1 to 255", "", false },
	{ OPTION_FREEBIND, parse_switch, "yes or no", NULL, false },
	{ OPTION_TRANSPARENT, parse_switch, "yes or no", NULL, false },
	{ OPTION_DEFER_ACCEPT, parse_wait, "a time such as 10s", "s", true },
	{ OPTION_KEEPALIVE_TIME, parse_keepalive,
	    "a time from 1s to 32767s, such as 10m", "s", true },
	{ OPTION_KEEPALIVE_INTERVAL, parse_keepalive,
	    "a time from 1s to 32767s, such as 75s", "s", true },
	{ OPTION_KEEPALIVE_PROBES, parse_probes, "a number from 1 to 127", "",
	    true },
	{ OPTION_USER_TIMEOUT, parse_wait, "a time such as 30s", "s", true },
};

static const struct kind *
kind_of(enum option_id option)
{
	const struct kind *kind = kinds;

	while (kind->option != option)
		kind++;
	return kind;
}

const struct socket_option *
socket_option_find(const struct socket_option *list, size_t count,
    enum option_id option)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].option == option)
			return &list[i];
	return NULL;
}

/* Off is as if it was not said. */
static void
set_option(struct build *build, enum option_id id)
{
	struct service *service = build->service;
	const struct kind *kind = kind_of(id);
	unsigned value;

	if (!kind->parse(build->setting->values[0].text, &value)) {
		build_wants(build, 0, kind->wants);
		return;
	}
	if (kind->unit == NULL && value == 0)
		return;
	service->options = xreallocarray(service->options,
	    service->noptions + 1, sizeof(*service->options));
	service->options[service->noptions++] = (struct socket_option){
		.option = id,
		.value = value
	};
}

static void
print_option(const struct output *out, enum option_id id)
{
	const struct service *service = out->service;
	const struct socket_option *option =
	    socket_option_find(service->options, service->noptions, id);
	const char *unit = kind_of(id)->unit;

	if (option != NULL && unit == NULL)
		print_word(out, "yes");
	else if (option != NULL)
		print_line(out, "%u%s", option->value, unit);
}

#define TYPE(which, id)                                                        \
	static void set_##which(struct build *build, void *target)             \
	{                                                                      \
		(void)target;                                                  \
		set_option(build, id);                                         \
	}                                                                      \
	static void print_##which(const struct output *out, const void *value) \
	{                                                                      \
		(void)value;                                                   \
		print_option(out, id);                                         \
	}                                                                      \
	const struct type type_##which = SET(NULL, print_##which, set_##which)

TYPE(mark, OPTION_MARK);
TYPE(tos, OPTION_TOS);
TYPE(ttl, OPTION_TTL);
TYPE(freebind, OPTION_FREEBIND);
TYPE(transparent, OPTION_TRANSPARENT);
TYPE(defer_accept, OPTION_DEFER_ACCEPT);
TYPE(keepalive_time, OPTION_KEEPALIVE_TIME);
TYPE(keepalive_interval, OPTION_KEEPALIVE_INTERVAL);
TYPE(keepalive_probes, OPTION_KEEPALIVE_PROBES);
TYPE(user_timeout, OPTION_USER_TIMEOUT);

/* The list of them, printed one by one. */
const struct type type_socket_options = KEPT(&store_options, NULL);

const char *
socket_option_wants(const struct socket_option *option,
    const struct service *service)
{
	if (kind_of(option->option)->tcp && service->protocol != IPPROTO_TCP)
		return "a TCP service";
	if (service->family == FAMILY_UNIX)
		return "a service with IP addresses";
	return "";
}

void
socket_option_remove(struct service *service, size_t i)
{
	service->noptions--;
	memmove(&service->options[i], &service->options[i + 1],
	    (service->noptions - i) * sizeof(service->options[0]));
}
