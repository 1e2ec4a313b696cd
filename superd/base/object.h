/*
 * File system objects that superd has created.  Others may be able to give
 * the name to a different object, so owner and mode are changed, and names
 * removed, only if the name still refers to the same inode.  open(2) O_PATH,
 * fchownat(2), fchmodat2(2), unlinkat(2).
 */
#ifndef SUPERD_BASE_OBJECT_H
#define SUPERD_BASE_OBJECT_H

#include <sys/types.h>

/* All zero: none. */
struct object {
	dev_t device;
	ino_t inode;
};

/* Identify the object that an open descriptor refers to.  0, or -1 with
 * errno. */
int object_of(int fd, struct object *);
/* Open path with O_PATH, without following a symbolic link at its end.  The
 * descriptor, or -1 with errno: ESTALE if it is a different object. */
int object_open(const char *path, const struct object *);
/* Set owner and mode of what an O_PATH descriptor refers to; a uid or gid of
 * -1 is left alone.  0, or -1 with errno. */
int object_permit(int fd, uid_t uid, gid_t gid, mode_t mode);
/* Remove the name.  0, or -1 with errno: ESTALE if it now refers to a
 * different object. */
int object_remove(const char *path, const struct object *);

#endif
