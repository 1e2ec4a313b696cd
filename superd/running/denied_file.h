/*
 * The state file, which keeps the deny list over a restart: a line for each
 * entry, CLIENT UNTIL BY, where UNTIL is a time(2) or "forever".  It is
 * written by a child, so that no file system makes superd wait.
 */
#ifndef SUPERD_RUNNING_DENIED_FILE_H
#define SUPERD_RUNNING_DENIED_FILE_H

#include "superd/running/superd.h"

struct denied_file *denied_file_new(struct superd *);
/* Writes what is not written yet. */
void denied_file_free(struct denied_file *);
/* Take over what the file has, where the configuration or the environment
 * (STATE_DIRECTORY of systemd.exec(5)) names one.  Nothing without one. */
void denied_file_read(struct superd *);
/* The list has changed: it is written in a second. */
void denied_file_changed(struct superd *);

#endif
