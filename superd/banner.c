/* Banners. */
#include "superd/banner.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/xalloc.h"
#include "superd/log.h"

/* What a fresh socket's buffer takes at once. */
enum { BANNER_MAX = 8192 };

static void
read_banner(const struct live *live, const char *path,
    struct banner_text *text)
{
	char bytes[BANNER_MAX + 1];
	ssize_t n = -1;
	int fd;

	if (path == NULL)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0)
		n = read(fd, bytes, sizeof(bytes));
	if (n < 0)
		log_warn("error %s banner %s", live->id, path);
	if (fd >= 0)
		close(fd);
	if (n > BANNER_MAX) {
		log_warnx("error %s banner %s: cut after %d bytes", live->id,
		    path, BANNER_MAX);
		n = BANNER_MAX;
	}
	if (n <= 0)
		return;
	text->bytes = xreallocarray(NULL, (size_t)n, 1);
	memcpy(text->bytes, bytes, (size_t)n);
	text->length = (size_t)n;
}

void
banner_free(struct live *live)
{
	for (int i = 0; i < BANNERS; i++)
		free(live->banners[i].bytes);
	memset(live->banners, 0, sizeof(live->banners));
}

void
banner_load(struct live *live)
{
	const struct service *service = live->service;

	banner_free(live);
	read_banner(live, service->banner, &live->banners[BANNER_ALWAYS]);
	read_banner(live, service->banner_success,
	    &live->banners[BANNER_SUCCESS]);
	read_banner(live, service->banner_fail,
	    &live->banners[BANNER_FAIL]);
}

void
banner_send(const struct live *live, enum banner which, int fd)
{
	const struct banner_text *text = &live->banners[which];

	if (text->length > 0)
		send(fd, text->bytes, text->length, MSG_DONTWAIT |
		    MSG_NOSIGNAL);
}
