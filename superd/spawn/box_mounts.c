/*
 * Mounts are made below the working directory, which is the root to be, and
 * then it becomes the root.  Directories are bound to themselves before any is
 * made read-only, so that each has flags of its own.
 */
#include "superd/spawn/box_mounts.h"

#include <sys/mount.h>

#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>

#include "superd/spawn/child_report.h"
#include "superd/spawn/rawsys.h"

enum { PAGE = 4096, INODES_LEAST = 1024, OPTIONS_MAX = 96 };
enum { USUAL = MS_NOSUID | MS_NODEV };

static long
mount_at(const char *from, const char *to, const char *type, long flags,
    const char *options)
{
	return rawsys(SYS_mount, (long)from, (long)to, (long)type, flags,
	    (long)options);
}

static long
bind_at(const char *from, const char *to)
{
	return mount_at(from, to, NULL, MS_BIND | MS_REC, NULL);
}

/* With all that is mounted below. */
static long
set_read_only(const char *path, bool read_only)
{
	const struct mount_attr attr = {
		.attr_set = read_only ? MOUNT_ATTR_RDONLY : 0,
		.attr_clr = read_only ? 0 : MOUNT_ATTR_RDONLY
	};

	return rawsys(SYS_mount_setattr, AT_FDCWD, (long)path, AT_RECURSIVE,
	    (long)&attr, sizeof(attr));
}

/* A path below the working directory. */
static const char *
below(const char *path)
{
	while (*path == '/')
		path++;
	return *path != '\0' ? path : ".";
}

static long
open_path(const char *path, long flags)
{
	return rawsys(SYS_openat, AT_FDCWD, (long)path,
	    O_PATH | O_CLOEXEC | flags, 0, 0);
}

/* Read-only and writable. */

static bool
wants(const struct box *box, bool asked, enum box_part part)
{
	return asked && !box_lacks(box, part);
}

static void
bind_each(char *const *paths, enum box_part part)
{
	for (; *paths != NULL; paths++)
		if (below(*paths)[0] != '.')
			must_box(part, bind_at(below(*paths), below(*paths)));
}

static void
set_each(char *const *paths, enum box_part part)
{
	for (; *paths != NULL; paths++)
		must_box(part,
		    set_read_only(below(*paths), part == BOX_READ_ONLY));
}

static void
set_flags(const struct box *box)
{
	bool reads = wants(box, box->read_only != NULL, BOX_READ_ONLY);
	bool writes = wants(box, box->read_write != NULL, BOX_READ_WRITE);

	if (reads)
		bind_each(box->read_only, BOX_READ_ONLY);
	if (writes)
		bind_each(box->read_write, BOX_READ_WRITE);
	if (wants(box, box->root != NULL, BOX_ROOT))
		must_box(BOX_ROOT, set_read_only(".", true));
	if (reads)
		set_each(box->read_only, BOX_READ_ONLY);
	if (writes)
		set_each(box->read_write, BOX_READ_WRITE);
}

/* Directories of its own. */

static void
link_to(const char *target, const char *name)
{
	rawsys(SYS_symlinkat, (long)target, AT_FDCWD, (long)name, 0, 0);
}

static long
bind_device(const char *device)
{
	long fd = rawsys(SYS_openat, AT_FDCWD, (long)below(device),
	    O_WRONLY | O_CREAT | O_CLOEXEC, 0, 0);

	if (fd < 0)
		return fd;
	rawsys(SYS_close, fd, 0, 0, 0, 0);
	return bind_at(device, below(device));
}

/* What programs expect, where the root has a place for it. */
static void
make_devices(void)
{
	static const char *const devices[] = { "/dev/null", "/dev/zero",
		"/dev/full", "/dev/random", "/dev/urandom" };
	long fd = open_path("dev", O_DIRECTORY);

	if (fd < 0)
		return;
	rawsys(SYS_close, fd, 0, 0, 0, 0);
	must_box(BOX_ROOT,
	    mount_at("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_NOEXEC,
		"mode=755,size=64k"));
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		must_box(BOX_ROOT, bind_device(devices[i]));
	link_to("/proc/self/fd", "dev/fd");
	link_to("fd/0", "dev/stdin");
	link_to("fd/1", "dev/stdout");
	link_to("fd/2", "dev/stderr");
	rawsys(SYS_mkdirat, AT_FDCWD, (long)"dev/shm", 0755, 0, 0);
	must_box(BOX_ROOT, set_read_only("dev", true));
}

/* One for all three, so that the size is that of all. */
static void
make_tmp(const struct box *box)
{
	uint64_t size = box->tmp_size != 0 ? box->tmp_size : BOX_TMP_SIZE;
	uint64_t inodes = size / PAGE;
	char options[OPTIONS_MAX];

	snprintf(options, sizeof(options), "mode=1777,size=%llu,nr_inodes=%llu",
	    (unsigned long long)size,
	    (unsigned long long)(inodes < INODES_LEAST ?
		    INODES_LEAST :
		    inodes));
	must_box(BOX_TMP, mount_at("tmpfs", "tmp", "tmpfs", USUAL, options));
	/* where there are such */
	bind_at("tmp", "var/tmp");
	bind_at("tmp", "dev/shm");
}

static void
hide(const char *path)
{
	long fd = open_path(path, O_DIRECTORY);

	if (fd >= 0) {
		rawsys(SYS_close, fd, 0, 0, 0, 0);
		fd = mount_at("tmpfs", path, "tmpfs",
		    USUAL | MS_NOEXEC | MS_RDONLY, "mode=000,size=4k");
	} else if (fd == -ENOTDIR)
		fd = mount_at("/dev/null", path, NULL, MS_BIND, NULL);
	must_box(BOX_HIDDEN, fd);
}

/* The root. */

static void
go_to_root(const struct box *box)
{
	if (wants(box, box->root != NULL, BOX_ROOT)) {
		must_box(BOX_ROOT, bind_at(box->root, box->root));
		must_box(BOX_ROOT,
		    rawsys(SYS_chdir, (long)box->root, 0, 0, 0, 0));
	} else
		must_box(BOX_MOUNTS, rawsys(SYS_chdir, (long)"/", 0, 0, 0, 0));
}

/* pivot_root(2): the old root lies over the new one, and is taken away. */
static void
turn_root(void)
{
	must_box(BOX_ROOT,
	    rawsys(SYS_pivot_root, (long)".", (long)".", 0, 0, 0));
	must_box(BOX_ROOT, rawsys(SYS_umount2, (long)".", MNT_DETACH, 0, 0, 0));
}

void
box_mount(const struct box *box)
{
	bool root = wants(box, box->root != NULL, BOX_ROOT);

	must_box(BOX_MOUNTS,
	    mount_at(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	go_to_root(box);
	set_flags(box);
	if (root)
		make_devices();
	if (wants(box, box->private_tmp, BOX_TMP))
		make_tmp(box);
	if (box_lacks(box, BOX_PID) == false &&
	    wants(box, box->private_pid, BOX_PROC))
		must_box(BOX_PROC,
		    mount_at("proc", "proc", "proc", USUAL | MS_NOEXEC, NULL));
	if (wants(box, box->hidden != NULL, BOX_HIDDEN))
		for (size_t i = 0; box->hidden[i] != NULL; i++)
			hide(below(box->hidden[i]));
	if (root)
		turn_root();
}
