/* Octet by octet, as slowly as they come. */
#include "services/http.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
	unsigned status;
	const char *phrase;
} phrases[] = {
	{ 200, "OK" },
	{ 400, "Bad Request" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 414, "URI Too Long" },
	{ 431, "Request Header Fields Too Large" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" },
};

static const char *
phrase_of(unsigned status)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "";
}

/* Requests. */

/* A word, which is ended; the rest, or NULL: there is none. */
static char *
next_word(char *line)
{
	char *blank = strchr(line, ' ');

	if (blank == NULL || blank == line)
		return NULL;
	*blank = '\0';
	return blank + 1;
}

static unsigned
check_version(const char *version)
{
	if (strncmp(version, "HTTP/", 5) != 0 ||
	    !isdigit((unsigned char)version[5]) || version[6] != '.' ||
	    !isdigit((unsigned char)version[7]) || version[8] != '\0')
		return 400;
	return version[5] == '1' ? 200 : 505;
}

static unsigned
check_method(struct http_request *request, const char *method)
{
	request->head = strcmp(method, "HEAD") == 0;
	if (request->head || strcmp(method, "GET") == 0)
		return 200;
	for (; *method != '\0'; method++)
		if (!isalpha((unsigned char)*method))
			return 400;
	return 405;
}

/* Of "/path?query", or of "http://host/path". */
static char *
path_of(char *target)
{
	if (strncasecmp(target, "http://", 7) == 0) {
		target = strchr(target + 7, '/');
		if (target == NULL)
			return NULL;
	}
	if (target[0] != '/')
		return NULL;
	target[strcspn(target, "?#")] = '\0';
	return target;
}

/* "GET /path HTTP/1.1" */
static unsigned
parse_line(struct http_request *request)
{
	char *method = request->line, *target = next_word(method);
	char *version = target != NULL ? next_word(target) : NULL;
	unsigned status;

	if (version == NULL)
		return 400;
	status = check_version(version);
	if (status == 200)
		status = check_method(request, method);
	if (status != 200)
		return status;
	request->path = path_of(target);
	/* who speaks 1.1 has to say which host is meant */
	request->host = version[7] == '0';
	return request->path != NULL ? 200 : 400;
}

static void
end_of_first(struct http_request *request)
{
	unsigned status;

	/* an empty line may come before it */
	if (request->column == 0)
		return;
	status = parse_line(request);
	if (status != 200)
		request->status = status;
	request->fields = true;
}

static void
end_of_line(struct http_request *request)
{
	if (!request->fields)
		end_of_first(request);
	else if (request->column == 0)
		request->status = request->host ? 200 : 400;
	else if (request->column >= sizeof(request->name) &&
	    strncasecmp(request->name, "host:", sizeof(request->name)) == 0)
		request->host = true;
	request->column = 0;
	request->cr = false;
}

static void
add(struct http_request *request, char c)
{
	if (request->cr || ((unsigned char)c < ' ' && c != '\t') || c == 0x7f) {
		request->status = 400;
		return;
	}
	if (request->fields) {
		if (request->column < sizeof(request->name))
			request->name[request->column] = c;
	} else if (request->length < HTTP_LINE_MAX)
		request->line[request->length++] = c;
	else
		request->status = 414;
	request->column++;
}

void
http_take(struct http_request *request, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length && request->status == 0; i++) {
		if (request->taken++ >= HTTP_REQUEST_MAX)
			request->status = 431;
		else if (bytes[i] == '\n')
			end_of_line(request);
		else if (bytes[i] == '\r' && !request->cr)
			request->cr = true;
		else
			add(request, bytes[i]);
	}
}

/* Responses. */

size_t
http_header(char buf[HTTP_HEADER_MAX], unsigned status, const char *type,
    size_t content, const char *more)
{
	int length = snprintf(buf, HTTP_HEADER_MAX,
	    "HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\nCache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n%s\r\n",
	    status, phrase_of(status), type, content, more);

	return length < HTTP_HEADER_MAX ? (size_t)length : HTTP_HEADER_MAX - 1;
}

size_t
http_refusal(char buf[HTTP_HEADER_MAX], unsigned status, bool head)
{
	const char *phrase = phrase_of(status);
	size_t content = strlen(phrase) + 1;
	size_t length = http_header(buf, status, "text/plain; charset=utf-8",
	    content, status == 405 ? "Allow: GET, HEAD\r\n" : "");

	if (head)
		return length;
	return length +
	    (size_t)snprintf(buf + length, HTTP_HEADER_MAX - length, "%s\n",
		phrase);
}
