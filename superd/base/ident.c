/* The RFC 1413 client. */
#include "superd/base/ident.h"

#include <sys/socket.h>

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "services/io.h"

/* RFC 1413, section 6: at most 1000 characters precede the CR LF. */
enum { ANSWER_MAX = 1000, QUERY_MAX = 32, PORT_DIGITS = 5 };

static const char *const whys[IDENT_RESULTS] = {
	[IDENT_OK] = "no error",
	[IDENT_NO_SERVER] = "no server",
	[IDENT_TIMEOUT] = "timeout",
	[IDENT_FAILED] = "system error",
	[IDENT_CUT] = "error while receiving response",
	[IDENT_BAD] = "bad response",
	[IDENT_UNTOLD] = "user not told",
};

const char *
ident_why(enum ident_result result)
{
	return whys[result];
}

/* The answer: "6193, 23 : USERID : UNIX : stjohns". */

static const char *
skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/* Skip the wanted character and the blanks around it; NULL: it is not there. */
static const char *
take_char(const char *p, char wanted)
{
	p = skip_blanks(p);
	return *p == wanted ? skip_blanks(p + 1) : NULL;
}

static const char *
take_port(const char *p, uint16_t wanted)
{
	size_t digits;
	unsigned value = 0;

	p = skip_blanks(p);
	digits = strspn(p, "0123456789");
	if (digits == 0 || digits > PORT_DIGITS)
		return NULL;
	for (size_t i = 0; i < digits; i++)
		value = value * 10 + (unsigned)(p[i] - '0');
	return value == wanted ? p + digits : NULL;
}

static const char *
take_word(const char *p, const char *word)
{
	size_t length = strlen(word);

	return strncmp(p, word, length) == 0 ? p + length : NULL;
}

/* Skip both ports and the colon behind them; NULL: they are other ports. */
static const char *
take_ports(const char *p, uint16_t theirs, uint16_t ours)
{
	p = take_port(p, theirs);
	if (p != NULL)
		p = take_char(p, ',');
	if (p != NULL)
		p = take_port(p, ours);
	return p != NULL ? take_char(p, ':') : NULL;
}

/* No control characters, which could steer a terminal that shows the log.
 * Other octets are made printable by the log. */
static bool
is_plain(const char *p)
{
	for (; *p != '\0'; p++)
		if (iscntrl((unsigned char)*p) && *p != '\t')
			return false;
	return true;
}

/* "UNIX : stjohns", "UNIX,UTF-8 : ..."; both parts are required. */
static bool
names_somebody(const char *p)
{
	const char *colon = strchr(p, ':');

	return colon != NULL && colon != p && *skip_blanks(colon + 1) != '\0';
}

bool
ident_is_user(const char *text)
{
	return is_plain(text) && names_somebody(text);
}

enum ident_result
ident_parse(const char *line, uint16_t theirs, uint16_t ours, char *text,
    size_t size)
{
	const char *kind = take_ports(line, theirs, ours), *rest;

	if (kind == NULL || !is_plain(kind))
		return IDENT_BAD;
	rest = take_word(kind, "ERROR");
	if (rest != NULL)
		return take_char(rest, ':') != NULL ? IDENT_UNTOLD : IDENT_BAD;
	rest = take_word(kind, "USERID");
	if (rest != NULL)
		rest = take_char(rest, ':');
	if (rest == NULL || !names_somebody(rest) ||
	    strlcpy(text, rest, size) >= size)
		return IDENT_BAD;
	return IDENT_OK;
}

/* The conversation. */

static bool
is_inet(const struct addr *addr)
{
	return addr->u.sa.sa_family == AF_INET ||
	    addr->u.sa.sa_family == AF_INET6;
}

int
ident_ends(int fd, struct ident_ends *ends)
{
	socklen_t length = sizeof(ends->device);

	memset(ends, 0, sizeof(*ends));
	ends->ours.len = ends->theirs.len = sizeof(ends->ours.u);
	if (getsockname(fd, &ends->ours.u.sa, &ends->ours.len) != 0 ||
	    getpeername(fd, &ends->theirs.u.sa, &ends->theirs.len) != 0)
		memset(ends, 0, sizeof(*ends));
	getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ends->device, &length);
	addr_unmap(&ends->ours);
	addr_unmap(&ends->theirs);
	if (is_inet(&ends->theirs))
		return 0;
	memset(ends, 0, sizeof(*ends));
	return -1;
}

/* Send the query over the network device that the connection is bound to. */
static void
use_device(int s, const char *device)
{
	if (device[0] != '\0')
		setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, device,
		    (socklen_t)strlen(device) + 1);
}

/* The server identifies a connection by our address, too, so the query must
 * come from the same one.  -1 with errno. */
static int
make_socket(const struct ident_ends *ends)
{
	struct addr from = ends->ours;
	int s = socket(from.u.sa.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (s < 0)
		return -1;
	use_device(s, ends->device);
	addr_set_port(&from, 0);
	if (bind(s, &from.u.sa, from.len) == 0)
		return s;
	close(s);
	return -1;
}

static enum ident_result
connect_to(int s, const struct addr *server, int timeout)
{
	struct pollfd pfd = { .fd = s, .events = POLLOUT };
	int error = 0, n;
	socklen_t length = sizeof(error);

	if (connect(s, &server->u.sa, server->len) == 0)
		return IDENT_OK;
	if (errno != EINPROGRESS)
		return IDENT_NO_SERVER;
	n = poll(&pfd, 1, timeout);
	if (n == 0)
		return IDENT_TIMEOUT;
	if (n < 0 || getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
		return IDENT_FAILED;
	return error == 0 ? IDENT_OK : IDENT_NO_SERVER;
}

static enum ident_result
why_no_answer(void)
{
	switch (errno) {
	case ETIMEDOUT:
		return IDENT_TIMEOUT;
	case EMSGSIZE:
	case EPROTO:
		return IDENT_BAD;
	default:
		return IDENT_CUT;
	}
}

static int
time_left(long long deadline)
{
	long long left = deadline - monotonic_ms();

	return left > 0 ? (int)left : 0;
}

static enum ident_result
talk(int s, const struct ident_ends *ends, uint16_t port, int timeout,
    char *text, size_t size)
{
	long long deadline = monotonic_ms() + timeout;
	char query[QUERY_MAX], answer[ANSWER_MAX + 3];
	uint16_t theirs = addr_port(&ends->theirs);
	uint16_t ours = addr_port(&ends->ours);
	struct addr server = ends->theirs;
	enum ident_result result;

	addr_set_port(&server, port);
	result = connect_to(s, &server, timeout);
	if (result != IDENT_OK)
		return result;
	snprintf(query, sizeof(query), "%u, %u\r\n", theirs, ours);
	if (write_all(s, query, strlen(query), time_left(deadline)) != 0 ||
	    read_line(s, answer, sizeof(answer), time_left(deadline)) < 0)
		return why_no_answer();
	return ident_parse(answer, theirs, ours, text, size);
}

enum ident_result
ident_ask(const struct ident_ends *ends, uint16_t port, int timeout, char *text,
    size_t size)
{
	int s = ends->theirs.len > 0 ? make_socket(ends) : -1;
	enum ident_result result;

	if (s < 0)
		return IDENT_FAILED;
	result = talk(s, ends, port, timeout, text, size);
	close(s);
	return result;
}
