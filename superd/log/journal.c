/* Datagrams to journald. */
#include "superd/log/journal.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "superd/base/descriptors.h"

static const struct sockaddr_un address = { .sun_family = AF_UNIX,
	.sun_path = "/run/systemd/journal/socket" };

static int journal = -1;

struct datagram {
	size_t used;
	char bytes[4 * RECORD_MAX];
};

bool
journal_open(void)
{
	if (access(address.sun_path, F_OK) != 0)
		return false;
	if (journal < 0)
		journal = fd_high(socket(AF_UNIX,
		    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	return journal >= 0;
}

void
journal_close(void)
{
	if (journal >= 0)
		close(journal);
	journal = -1;
}

bool
journal_is_open(void)
{
	return journal >= 0;
}

static void
add(struct datagram *datagram, const void *bytes, size_t length)
{
	memcpy(datagram->bytes + datagram->used, bytes, length);
	datagram->used += length;
}

/* NAME=value, or with its length where it has lines.  What does not fit is
 * left out. */
static void
add_field(struct datagram *datagram, const char *name, const char *value,
    size_t length)
{
	uint64_t size = htole64((uint64_t)length);
	size_t names = strlen(name);

	if (names + length + sizeof(size) + 2 >
	    sizeof(datagram->bytes) - datagram->used)
		return;
	add(datagram, name, names);
	if (memchr(value, '\n', length) != NULL) {
		add(datagram, "\n", 1);
		add(datagram, &size, sizeof(size));
	} else
		add(datagram, "=", 1);
	add(datagram, value, length);
	add(datagram, "\n", 1);
}

static void
add_text(struct datagram *datagram, const char *name, const char *value)
{
	if (value != NULL)
		add_field(datagram, name, value, strlen(value));
}

/* As the journal wants names: SUPERD_CLIENT_HOLDS. */
static void
add_fact(struct datagram *datagram, const struct record_fact *fact)
{
	char name[64] = "SUPERD_";
	size_t used = strlen(name);

	for (const char *c = fact->key; *c != '\0' && used + 1 < sizeof(name);
	     c++)
		name[used++] = *c >= 'a' && *c <= 'z' ?
		    (char)(*c - 'a' + 'A') :
		    *c;
	name[used] = '\0';
	add_field(datagram, name, fact->value, fact->length);
}

static void
add_event(struct datagram *datagram, const struct record_event *event)
{
	add_text(datagram, "MESSAGE_ID", event->message_id);
	add_text(datagram, "SUPERD_EVENT", event->name);
	add_text(datagram, "SUPERD_SERVICE", event->id);
	for (size_t i = 0; i < event->count; i++)
		add_fact(datagram, &event->facts[i]);
}

static enum log_result
send_datagram(const struct datagram *datagram)
{
	ssize_t sent;

	do
		sent = sendto(journal, datagram->bytes, datagram->used,
		    MSG_DONTWAIT | MSG_NOSIGNAL,
		    (const struct sockaddr *)&address, sizeof(address));
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return LOG_WRITTEN;
	return errno == EAGAIN || errno == ENOBUFS || errno == EMSGSIZE ?
	    LOG_DROPPED :
	    LOG_NOBODY;
}

enum log_result
journal_send(const struct record *record, const char *program,
    const char *message)
{
	struct datagram datagram;
	char priority[4];

	if (journal < 0)
		return LOG_NOBODY;
	datagram.used = 0;
	snprintf(priority, sizeof(priority), "%d", record->priority & 7);
	add_text(&datagram, "MESSAGE", message);
	add_text(&datagram, "PRIORITY", priority);
	add_text(&datagram, "SYSLOG_IDENTIFIER", program);
	if (record->event != NULL)
		add_event(&datagram, record->event);
	return send_datagram(&datagram);
}
