/*
 * The first process of the guest, in its initial ramdisk: loads the modules
 * that the disk needs, in the order of their names, mounts it, and becomes
 * its /sbin/init.  Knows nothing of what the guest is for.
 */
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DISK	"/dev/vda"
#define MODULES "/modules"

enum { TRIES = 600 };

static void
fail(const char *what)
{
	fprintf(stderr, "init: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
load(const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), MODULES "/%s", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 ||
	    (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST))
		fail(path);
	close(fd);
}

static int
visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
load_all(void)
{
	struct dirent **entries;
	int n = scandir(MODULES, &entries, visible, alphasort);

	if (n < 0)
		fail(MODULES);
	for (int i = 0; i < n; i++)
		load(entries[i]->d_name);
}

/* A disk takes a moment to be found. */
static void
mount_disk(void)
{
	for (int i = 0; i < TRIES; i++) {
		if (mount(DISK, "/root", "ext4", 0, "") == 0)
			return;
		usleep(50000);
	}
	fail(DISK);
}

int
main(void)
{
	mkdir("/dev", 0755);
	mkdir("/root", 0755);
	if (mount("none", "/dev", "devtmpfs", 0, "") != 0)
		fail("/dev");
	load_all();
	mount_disk();
	if (mount("/dev", "/root/dev", NULL, MS_MOVE, NULL) != 0 ||
	    chdir("/root") != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 ||
	    chroot(".") != 0)
		fail("/root");
	execl("/sbin/init", "init", (char *)NULL);
	fail("/sbin/init");
}
