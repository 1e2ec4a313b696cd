/*
 * The requests and the header of a small HTTP server, RFC 9110 and 9112: GET
 * and HEAD, without bodies, one request for each connection.  Knows octets
 * only.
 */
#ifndef SERVICES_HTTP_H
#define SERVICES_HTTP_H

#include <stdbool.h>
#include <stddef.h>

enum {
	HTTP_REQUEST_MAX = 8192, /* octets of a request with its fields */
	HTTP_LINE_MAX = 512,	 /* of its first line */
	HTTP_HEADER_MAX = 1024	 /* room for the header of a response */
};

/* All zero at first. */
struct http_request {
	/* 0: not whole yet; 200: a request; otherwise what is to be said */
	unsigned status;
	bool head;  /* without the content */
	char *path; /* of a request, in line: without the query */
	char line[HTTP_LINE_MAX + 1];
	size_t length; /* of the line */
	size_t taken;  /* octets */
	size_t column; /* in the current line, without its end */
	char name[5];  /* its beginning */
	bool fields;   /* behind the first line */
	bool cr;       /* the last octet was one */
	bool host;     /* there was such a field, or none is needed */
};

/* Take what came, up to the end of the request.  Nothing once it has a
 * status. */
void http_take(struct http_request *, const char *, size_t);
/*
 * The header of a response: its length in buf.  type: media type; more: other
 * fields, each with its CR LF, or "".
 */
size_t http_header(char buf[HTTP_HEADER_MAX], unsigned status, const char *type,
    size_t content, const char *more);
/* A response that says no more than its status: its length. */
size_t http_refusal(char buf[HTTP_HEADER_MAX], unsigned status, bool head);

#endif
