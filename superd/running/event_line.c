/* Words, facts and prose, one behind the other. */
#include "superd/running/event_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "superd/log/log.h"
#include "superd/log/peers.h"
#include "superd/running/event_words.h"
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

static void
put_text(struct event_line *line, const char *text)
{
	size_t room = sizeof(line->text) - line->used - 1;
	size_t length = strnlen(text, room);

	memcpy(line->text + line->used, text, length);
	line->used += length;
	line->text[line->used] = '\0';
}

void
event_begin(struct event_line *line, const char *word, const char *id)
{
	line->word = word;
	line->id = id;
	line->id_key = NULL;
	line->used = line->hidden_used = line->message = 0;
	line->count = 0;
	put_text(line, word);
	if (id != NULL) {
		put_text(line, " ");
		put_text(line, id);
	}
}

void
event_begin_process(struct event_line *line, const char *word,
    const char *title)
{
	event_begin(line, word, title);
	line->id_key = "process";
}

/* Facts. */

static void
record_fact(struct event_line *line, const char *key, const char *fmt,
    size_t start, bool hidden)
{
	size_t end = hidden ? line->hidden_used : line->used;

	if (line->count < EVENT_FACTS)
		line->facts[line->count++] = (struct event_fact){ .key = key,
			.fmt = fmt,
			.start = start,
			.length = end - start,
			.hidden = hidden };
}

#define FACT(key)                                          \
	do {                                               \
		size_t start = line->used;                 \
		va_list ap;                                \
                                                           \
		va_start(ap, fmt);                         \
		put(line, fmt, ap);                        \
		va_end(ap);                                \
		record_fact(line, key, fmt, start, false); \
	} while (0)

void
event_fact(struct event_line *line, const char *key, const char *fmt, ...)
{
	put_text(line, " ");
	put_text(line, key);
	put_text(line, "=");
	FACT(key);
}

void
event_fact_as(struct event_line *line, const char *shown, const char *key,
    const char *fmt, ...)
{
	put_text(line, " ");
	put_text(line, shown);
	put_text(line, "=");
	FACT(key);
}

void
event_value(struct event_line *line, const char *key, const char *fmt, ...)
{
	put_text(line, " ");
	FACT(key);
}

void
event_hidden(struct event_line *line, const char *key, const char *fmt, ...)
{
	size_t room = sizeof(line->hidden) - line->hidden_used;
	size_t start = line->hidden_used;
	va_list ap;
	int length;

	va_start(ap, fmt);
	length = vsnprintf(line->hidden + start, room, fmt, ap);
	va_end(ap);
	if (length < 0 || (size_t)length >= room)
		return;
	line->hidden_used += (size_t)length;
	record_fact(line, key, fmt, start, true);
}

void
event_peer(struct event_line *line, const struct addr *peer)
{
	char text[ADDR_TEXT];

	event_fact(line, "peer", "%s", peers_text(peer, true, text));
}

/* Words. */

void
event_unit(struct event_line *line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(line, fmt, ap);
	va_end(ap);
}

/* Behind a separator, which the message starts without if it is the first. */
static void
separate(struct event_line *line, const char *separator)
{
	put_text(line, separator);
	if (line->message == 0)
		line->message = line->used;
}

void
event_add(struct event_line *line, const char *fmt, ...)
{
	va_list ap;

	separate(line, line->used > 0 ? " " : "");
	va_start(ap, fmt);
	put(line, fmt, ap);
	va_end(ap);
}

void
event_say(struct event_line *line, const char *fmt, ...)
{
	va_list ap;

	separate(line, ": ");
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

/* Writing. */

/* Is all of it one number? */
static bool
is_number(const char *fmt)
{
	const char *end = fmt + 1 + strspn(fmt + 1, ".0123456789hjlz");

	return fmt[0] == '%' && strchr("duf", *end) != NULL && *end != '\0' &&
	    end[1] == '\0';
}

static struct record_fact
fact_of(const struct event_line *line, const struct event_fact *fact)
{
	const char *text = fact->hidden ? line->hidden : line->text;

	return (struct record_fact){ .key = fact->key,
		.value = text + fact->start,
		.length = fact->length,
		.number = is_number(fact->fmt) };
}

typedef void put_fn(struct sink *, const struct record *);

/* Take the line apart, and pass it on. */
static void
end(const struct event_line *line, int priority, put_fn *fn, struct sink *sink)
{
	const struct event_word *word = event_word(line->word);
	struct record_fact facts[EVENT_FACTS + 1] = { { .key = NULL } };
	const char *message = "";
	size_t count = 0;

	if (line->id_key != NULL)
		facts[count++] = (struct record_fact){ .key = line->id_key,
			.value = line->id,
			.length = strlen(line->id) };
	for (unsigned i = 0; i < line->count; i++)
		facts[count++] = fact_of(line, &line->facts[i]);
	/* where there is no text, this is the first word */
	if (line->message > 0 || line->word[0] == '\0')
		message = line->text + line->message;
	fn(sink,
	    &(struct record){ .priority = priority,
		.text = line->text,
		.event = &(struct record_event){ .name = word->name,
		    .message_id = word->message_id,
		    .id = line->id_key == NULL ? line->id : NULL,
		    .facts = facts,
		    .count = count,
		    .message = message } });
}

static void
only_take(struct sink *sink, const struct record *record)
{
	(void)sink;
	log_take(record);
}

void
event_end(const struct event_line *line, struct sink *sink, int priority)
{
	if (log_structured())
		end(line, priority, service_log_put, sink);
	else
		service_log_put(sink,
		    &(struct record){ .priority = priority,
			.text = line->text });
}

void
event_end_unlogged(const struct event_line *line)
{
	end(line, LOG_INFO, only_take, NULL);
}
