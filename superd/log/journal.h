/*
 * The journal of systemd, by its native protocol: datagrams of fields, which
 * it does not have to guess from a line.  systemd.journal-fields(7) and
 * https://systemd.io/JOURNAL_NATIVE_PROTOCOL/ describe both.
 */
#ifndef SUPERD_LOG_JOURNAL_H
#define SUPERD_LOG_JOURNAL_H

#include "superd/log/record.h"

/* Have a socket to send with; harmless if there is one.  False: there is
 * none, or no journal. */
bool journal_open(void);
void journal_close(void); /* harmless if it is not open */
bool journal_is_open(void);
/* Send a record by this program, with message as its line.  Never blocks.
 * LOG_NOBODY: the journal does not listen. */
enum log_result journal_send(const struct record *, const char *program,
    const char *message);

#endif
