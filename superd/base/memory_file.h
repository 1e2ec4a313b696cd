/* Files in memory that can be sealed: memfd_create(2). */
#ifndef SUPERD_BASE_MEMORY_FILE_H
#define SUPERD_BASE_MEMORY_FILE_H

/* An empty one, at FD_HIGH or above, close-on-exec; -1 with errno. */
int memory_file(void);
/* It never changes again; no memory of it may be writable.  0, or -1 with
 * errno. */
int memory_file_seal(int fd);

#endif
