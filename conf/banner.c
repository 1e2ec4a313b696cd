/* Reading the files of banners, each of them once. */
#include "conf/banner.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/source.h"
#include "conf/xalloc.h"

/* The one that was read already, or NULL. */
static struct banner_text *
find(const struct conf *conf, const char *path)
{
	/* mostly the last one: it is in the defaults */
	for (size_t i = conf->nbanners; i-- > 0;)
		if (strcmp(conf->banners[i]->path, path) == 0)
			return conf->banners[i];
	return NULL;
}

/* At most one byte more than is sent: 0, or an errno. */
static int
read_file(struct conf *conf, struct banner_text *banner)
{
	int fd = open(banner->path,
	    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n = -1;
	int error;

	if (fd < 0)
		return errno;
	banner->bytes = xmalloc(BANNER_MAX + 1);
	if (fstat(fd, &st) == 0)
		n = read(fd, banner->bytes, BANNER_MAX + 1);
	error = n < 0 ? errno : 0;
	close(fd);
	if (n < 0)
		return error;
	conf->stamp = source_stamp(conf->stamp, &st);
	banner->length = (size_t)n;
	return 0;
}

static struct banner_text *
read_banner(struct conf *conf, const char *path, const struct place *place,
    struct reports *reports)
{
	struct banner_text *banner = xcalloc(1, sizeof(*banner));
	int error;

	conf->banners = xgrow(conf->banners, conf->nbanners,
	    sizeof(*conf->banners));
	conf->banners[conf->nbanners++] = banner;
	banner->path = xstrdup(path);
	error = read_file(conf, banner);
	if (error != 0)
		report_add(reports, REPORT_WARNING, place,
		    "banner %s: %s; not sent", path, strerror(error));
	else if (banner->length > BANNER_MAX)
		report_add(reports, REPORT_WARNING, place,
		    "banner %s: truncated to %d bytes", path, BANNER_MAX);
	if (banner->length > BANNER_MAX)
		banner->length = BANNER_MAX;
	return banner;
}

static const struct banner_text *
banner_of(struct conf *conf, const char *path, const struct place *place,
    struct reports *reports)
{
	const struct banner_text *banner;

	if (path == NULL)
		return NULL;
	banner = find(conf, path);
	if (banner == NULL)
		banner = read_banner(conf, path, place, reports);
	return banner->length > 0 ? banner : NULL;
}

void
conf_read_banners(struct conf *conf, struct reports *reports)
{
	for (size_t i = 0; i < conf->count; i++) {
		struct service *service = conf->services[i];
		const char *const paths[BANNERS] = {
			[BANNER_ALWAYS] = service->banner,
			[BANNER_SUCCESS] = service->banner_success,
			[BANNER_FAIL] = service->banner_fail
		};

		for (int b = 0; b < BANNERS && !service->disabled; b++)
			service->banners[b] = banner_of(conf, paths[b],
			    &service->place, reports);
	}
}
