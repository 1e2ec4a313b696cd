/*
 * The three readers: each adds the services of one text to a conf, and its
 * errors to the reports.  They follow includes with load_include().
 */
#ifndef CONF_READERS_H
#define CONF_READERS_H

#include "conf/context.h"
#include "conf/source.h"

struct xinetd;	      /* conf/xinetd.c: entries of all files */
struct superd_reader; /* conf/superd_read.c: one file */
struct open_file;     /* conf/include.c */

/* The state of one load, passed from file to file. */
struct loader {
	const struct load_context *context;
	struct conf *conf;
	struct reports *reports;
	/* load_source(), for include.c, which is below the readers */
	void (*read)(struct loader *, struct source *, enum dialect);
	unsigned depth;		      /* of includes; bounded by LOAD_DEPTH */
	const struct open_file *open; /* the files that are being read */
	struct xinetd *xinetd;	      /* while xinetd's files are read */
	bool told_libwrap; /* it was reported that libwrap is absent */
	/* the superd.conf whose includes are being followed, or NULL */
	const struct superd_reader *superd;
};

enum { LOAD_DEPTH = 16 };

/* Read a text of this dialect, which may be changed. */
void inetd_read(struct loader *, struct source *);
void superd_read(struct loader *, struct source *);
void xinetd_read(struct loader *, struct source *);

/* Read a text with the reader of a dialect; DIALECT_AUTO: guess it. */
void load_source(struct loader *, struct source *, enum dialect);
/* Read a file; if it cannot be read, report that at its name. */
void load_file(struct loader *, const char *path, enum dialect);
/*
 * Read all files of a pattern (source_expand()) in a dialect; DIALECT_AUTO:
 * guess that of each.  A relative pattern starts at the directory of place's
 * file.  Includes that are too deep, or in a loop, and missing files are
 * reported at place.
 */
void load_include(struct loader *, const char *pattern, bool directory,
    enum dialect, const struct place *);

#endif
