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

static char *
read_banner(const struct live *live, const char *path)
{
	char bytes[BANNER_MAX + 1];
	ssize_t n = -1;
	int fd;

	if (path == NULL)
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0)
		n = read(fd, bytes, BANNER_MAX);
	if (n < 0)
		log_warn("error %s banner %s", live->id, path);
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return NULL;
	bytes[n] = '\0';
	return xstrdup(bytes);
}

void
banner_free(struct live *live)
{
	for (int i = 0; i < BANNERS; i++) {
		free(live->banners[i]);
		live->banners[i] = NULL;
	}
}

void
banner_load(struct live *live)
{
	const struct service *service = live->service;

	banner_free(live);
	live->banners[BANNER_ALWAYS] = read_banner(live, service->banner);
	live->banners[BANNER_SUCCESS] = read_banner(live,
	    service->banner_success);
	live->banners[BANNER_FAIL] = read_banner(live, service->banner_fail);
}

void
banner_send(const struct live *live, enum banner which, int fd)
{
	const char *text = live->banners[which];

	if (text != NULL)
		send(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
}
