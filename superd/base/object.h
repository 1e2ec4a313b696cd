/*
 * Objects of the file system: what superd made stands behind a name that
 * others may be able to give to something else.  Owner and mode are changed,
 * and names removed, only where the name still stands for the same inode.
 * open(2) O_PATH, fchownat(2), fchmodat2(2), unlinkat(2).
 */
#ifndef SUPERD_BASE_OBJECT_H
#define SUPERD_BASE_OBJECT_H

#include <sys/types.h>

/* All zero: none. */
struct object {
	dev_t device;
	ino_t inode;
};

/* What an open descriptor refers to.  -1 with errno. */
int object_of(int fd, struct object *);
/* An O_PATH descriptor of what path stands for, no link followed at its end;
 * -1 with errno: ESTALE if that is something else. */
int object_open(const char *path, const struct object *);
/* Owner and mode of what an O_PATH descriptor refers to; uid or gid -1: as
 * it is.  -1 with errno. */
int object_permit(int fd, uid_t uid, gid_t gid, mode_t mode);
/* Remove the name.  -1 with errno: ESTALE if it is another's now. */
int object_remove(const char *path, const struct object *);

#endif
