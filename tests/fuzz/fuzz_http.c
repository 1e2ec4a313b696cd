/*
 * Requests of HTTP: they mean the same in pieces as in whole, have a status in
 * the end, and a path only if that is 200.
 */
#include "services/http.h"

#include "tests/fuzz/input.h"

static void
check(const struct http_request *request)
{
	if (request->status == 0)
		must(request->taken <= HTTP_REQUEST_MAX);
	else
		must(request->status >= 200 && request->status <= 505);
	if (request->status != 200)
		return;
	must(request->path >= request->line && request->path[0] == '/');
	must(request->path + strlen(request->path) <
	    request->line + sizeof(request->line));
	must(strpbrk(request->path, " \r\n?#") == NULL);
}

static void
check_same(const struct http_request *a, const struct http_request *b)
{
	must(a->status == b->status);
	if (a->status == 200)
		must(a->head == b->head && strcmp(a->path, b->path) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_request whole = { 0 }, parts = { 0 };
	const char *bytes = (const char *)data;

	http_take(&whole, bytes, size);
	for (size_t i = 0; i < size; i++)
		http_take(&parts, bytes + i, 1);
	check(&whole);
	check(&parts);
	check_same(&whole, &parts);
	must(size <= HTTP_REQUEST_MAX || whole.status != 0);
	return 0;
}
