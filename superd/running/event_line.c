/* Words, facts and prose, one behind the other. */
#include "superd/running/event_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "superd/log/peers.h"
#include "superd/running/service_log.h"

static void put(struct event_line *, const char *, va_list)
    __attribute__((format(printf, 2, 0)));

static void
put(struct event_line *line, const char *fmt, va_list ap)
{
	size_t room = sizeof(line->text) - line->used;
	int length = vsnprintf(line->text + line->used, room, fmt, ap);

	if (length > 0)
		line->used += (size_t)length < room ? (size_t)length : room - 1;
}

void
event_add(struct event_line *line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(line, fmt, ap);
	va_end(ap);
}

void
event_begin(struct event_line *line, const char *word, const char *id)
{
	line->used = 0;
	event_add(line, "%s", word);
	if (id != NULL)
		event_add(line, " %s", id);
}

void
event_fact(struct event_line *line, const char *key, const char *fmt, ...)
{
	va_list ap;

	event_add(line, " %s=", key);
	va_start(ap, fmt);
	put(line, fmt, ap);
	va_end(ap);
}

void
event_peer(struct event_line *line, const struct addr *peer)
{
	char text[ADDR_TEXT];

	event_fact(line, "peer", "%s", peers_text(peer, true, text));
}

void
event_say(struct event_line *line, const char *fmt, ...)
{
	va_list ap;

	event_add(line, ": ");
	va_start(ap, fmt);
	put(line, fmt, ap);
	va_end(ap);
}

void
event_error(struct event_line *line, int error)
{
	if (error != 0)
		event_say(line, "%s", strerror(error));
}

void
event_end(const struct event_line *line, struct sink *sink, int priority)
{
	service_log_put(sink, priority, line->text);
}
