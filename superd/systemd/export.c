/* Which units a configuration becomes, and where they are written. */
#include "superd/systemd/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/service.h"
#include "conf/xalloc.h"
#include "superd/systemd/unit_out.h"

struct export
{
	const char *directory; /* NULL: stdout */
	char **names;	       /* of units */
	int status;
};

/* Names. */

static bool
is_taken(const struct export *export, const char *name)
{
	for (size_t i = 0; export->names != NULL && export->names[i] != NULL;
	     i++)
		if (strcmp(export->names[i], name) == 0)
			return true;
	return false;
}

/* Of the characters that may be in one, systemd.unit(5). */
static char *
unit_name(struct export *export, const char *id)
{
	char *base = xasprintf("%.200s", id), *name;
	unsigned number = 1;

	for (char *p = base; *p != '\0'; p++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
			   "xyz0123456789:_.",
			*p) == NULL)
			*p = '-';
	if (base[0] == '-' || base[0] == '.')
		base[0] = '_';
	name = xstrdup(base);
	while (is_taken(export, name)) {
		free(name);
		name = xasprintf("%s-%u", base, ++number);
	}
	free(base);
	strings_add(&export->names, name);
	return name;
}

/* Files. */

static void
fail(struct export *export, const char *path, const char *why)
{
	fprintf(stderr, "%s: %s\n", path, why);
	export->status = 1;
}

typedef void write_fn(const struct unit_out *, FILE *);

static void
write_file(struct export *export, const char *path, write_fn *fn,
    const struct unit_out *out)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool bad;

	if (file == NULL) {
		fail(export, path, strerror(errno));
		return;
	}
	fn(out, file);
	bad = ferror(file) != 0;
	if (fclose(file) != 0 || bad)
		fail(export, path, strerror(errno));
}

static void
write_unit(struct export *export, const char *file, write_fn *fn,
    const struct unit_out *out)
{
	char *path;

	if (export->directory == NULL) {
		printf("# %s\n", file);
		fn(out, stdout);
		putchar('\n');
		return;
	}
	path = xasprintf("%s/%s", export->directory, file);
	write_file(export, path, fn, out);
	free(path);
}

/* Services. */

static void
export_pair(struct export *export, const struct unit_out *out)
{
	char *name = unit_name(export, out->service->id);
	char *socket = xasprintf("%s.socket", name);
	char *service = xasprintf("%s%s.service", name,
	    unit_out_accepts(out->service) ? "@" : "");

	write_unit(export, socket, unit_out_socket, out);
	write_unit(export, service, unit_out_service, out);
	free(service);
	free(socket);
	free(name);
}

/* A server that is started for a socket expects one. */
static void
export_service(struct export *export, const struct conf *conf,
    const struct service *service)
{
	const char *why = unit_out_impossible(service);
	struct unit_out out = { .service = service,
		.globals = &conf->globals,
		.count = service->wait ? 1 : service->nendpoints };

	if (why != NULL) {
		fprintf(stderr, "%s:%u: %s is left out: %s\n",
		    service->place.file, service->place.line, service->id, why);
		return;
	}
	for (; out.first < service->nendpoints; out.first += out.count)
		export_pair(export, &out);
}

int
export_systemd(const struct conf *conf, const char *directory)
{
	struct export export = { .directory = directory };

	if (directory != NULL && mkdir(directory, 0755) != 0 &&
	    errno != EEXIST) {
		fail(&export, directory, strerror(errno));
		return export.status;
	}
	for (size_t i = 0; i < conf->count; i++)
		export_service(&export, conf, conf->services[i]);
	if (directory == NULL && fflush(stdout) != 0)
		fail(&export, "stdout", strerror(errno));
	strings_free(export.names);
	return export.status;
}
