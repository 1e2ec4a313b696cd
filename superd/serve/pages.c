/* The table of pages. */
#include "superd/serve/pages.h"

#include <string.h>

#include "services/http.h"
#include "superd/running/superd.h"

static bool
has_path(const struct page *page, const char *path)
{
	return page->path == NULL ||
	    (path != NULL && strcmp(page->path, path) == 0);
}

int
page_find(const struct superd *superd, const char *service, const char *path)
{
	for (unsigned i = 0; i < superd->npages; i++)
		if (page_is_of(superd, i, service) &&
		    has_path(&superd->pages[i], path))
			return (int)i;
	return -1;
}

bool
page_is_of(const struct superd *superd, unsigned page, const char *service)
{
	return page < superd->npages && service != NULL &&
	    strcmp(superd->pages[page].service, service) == 0;
}

void
page_write(struct superd *superd, unsigned number, struct text *text)
{
	const struct page *page = &superd->pages[number];
	struct text content = { 0 };
	char header[HTTP_HEADER_MAX];
	unsigned status = page->write(superd, &content);
	size_t length;

	if (page->path != NULL) {
		length = http_header(header, status, page->type, content.length,
		    page->fields);
		text_put(text, header, length);
	}
	if (content.length > 0)
		text_put(text, content.bytes, content.length);
	text->failed |= content.failed;
	text_free(&content);
}
