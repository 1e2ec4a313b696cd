/* Fields of inetd.conf. */
#include "conf/dialect.h"

#include <stdlib.h>
#include <string.h>

#include "conf/units.h"
#include "conf/xalloc.h"

enum { COUNT_MAX = 1000000000, MINUTE = 60 };

static const char *const bad_wait =
    "wait or nowait was expected, then nothing, .N, :N or "
    "/children[/per-address-per-minute[/per-address]]";

static const char *
take_count(const char **text, unsigned *count)
{
	size_t length = strspn(*text, "0123456789");
	char *digits = xstrndup(*text, length);
	unsigned long long value = 0;
	const char *why = NULL;
	int result = parse_number(digits, 0, COUNT_MAX, &value, &why);

	free(digits);
	*text += length;
	if (result != 0)
		return length == 0 ? bad_wait : why;
	*count = (unsigned)value; /* 0 is LIMIT_NONE */
	return NULL;
}

static const char *
take_rate(const char **text, struct rate *rate)
{
	rate->seconds = MINUTE;
	return take_count(text, &rate->count);
}

/* "/10/60/3": children, starts per minute and address, children per
 * address. */
static const char *
take_slashes(const char *text, struct limits *limits)
{
	const char *why = NULL;

	text++;
	why = take_count(&text, &limits->instances);
	if (why == NULL && *text == '/') {
		text++;
		why = take_rate(&text, &limits->source_rate);
	}
	if (why == NULL && *text == '/') {
		text++;
		why = take_count(&text, &limits->per_source);
	}
	return why == NULL && *text != '\0' ? bad_wait : why;
}

const char *
dialect_wait(const char *text, bool *wait, struct limits *limits)
{
	const char *why = NULL;

	*wait = strncmp(text, "wait", 4) == 0;
	if (!*wait && strncmp(text, "nowait", 6) != 0)
		return bad_wait;
	text += *wait ? 4 : 6;
	if (*text == '.' || *text == ':') {
		text++;
		why = take_rate(&text, &limits->rate);
		return why == NULL && *text != '\0' ? bad_wait : why;
	}
	if (*text == '/')
		return take_slashes(text, limits);
	return *text == '\0' ? NULL : bad_wait;
}

void
dialect_user(const char *text, char **user, char **group, char **class)
{
	char *copy = xstrdup(text), *slash = strchr(copy, '/'), *split;

	*class = *group = NULL;
	if (slash != NULL) {
		*slash = '\0';
		*class = xstrdup(slash + 1);
	}
	split = strchr(copy, ':');
	if (split == NULL)
		split = strchr(copy, '.');
	if (split != NULL) {
		*split = '\0';
		*group = xstrdup(split + 1);
	}
	*user = copy;
}

static const char *
set_buffer(struct service *service, const char *option)
{
	const char *value = strchr(option, '=');
	size_t length = value == NULL ? 0 : (size_t)(value - option);
	uint64_t size;

	if (length != 6 ||
	    (strncmp(option, "rcvbuf", 6) != 0 &&
		strncmp(option, "sndbuf", 6) != 0))
		return "unknown option of a protocol: rcvbuf=SIZE or "
		       "sndbuf=SIZE was expected";
	if (parse_size(value + 1, &size) != 0 || size == 0 ||
	    size > INT_MAX / 2)
		return "a size in bytes was expected, with k or m";
	if (option[0] == 'r')
		service->rcvbuf = (unsigned)size;
	else
		service->sndbuf = (unsigned)size;
	return NULL;
}

const char *
dialect_protocol(const char *text, char **name, struct service *service)
{
	char *copy = xstrdup(text), *rest = copy, *option;
	const char *why = NULL;

	*name = xstrdup(strsep(&rest, ","));
	while (why == NULL && (option = strsep(&rest, ",")) != NULL)
		why = set_buffer(service, option);
	free(copy);
	return why;
}

const char *
dialect_socktype(const char *text, char **name, struct limits *limits)
{
	const char *comma = strchr(text, ','), *why;

	if (comma == NULL) {
		*name = xstrdup(text);
		return NULL;
	}
	*name = xstrndup(text, (size_t)(comma - text));
	text = comma + 1;
	why = take_count(&text, &limits->instances);
	if (why == NULL && *text == '\0')
		return NULL;
	return *text == ':' ?
	    "accept filters are not supported" :
	    "a number of children was expected after the comma";
}

const char *
dialect_address(const char *text, char **address)
{
	const char *colon = strrchr(text, ':');

	*address = NULL;
	if (colon == NULL)
		return text;
	*address = xstrndup(text, (size_t)(colon - text));
	return colon + 1;
}

bool
dialect_unix_path(const char *text, char **user, char **group, char **mode,
    char **path)
{
	char **const parts[] = { user, group, mode };
	const char *p = text;
	size_t i;

	*user = *group = *mode = *path = NULL;
	if (*p != ':')
		return false;
	for (i = 0; i < 3; i++) {
		const char *end = strchr(p + 1, ':');

		if (end == NULL)
			break;
		*parts[i] = xstrndup(p + 1, (size_t)(end - p) - 1);
		p = end;
	}
	if (i == 3 && p[1] == '/') {
		*path = xstrdup(p + 1);
		return true;
	}
	for (i = 0; i < 3; i++)
		free(*parts[i]);
	return false;
}
