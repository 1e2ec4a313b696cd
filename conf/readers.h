/*
 * The three readers: each adds the services of one source text to a conf, and
 * its reports to the list.  Includes are followed by calling load_include().
 * Readers resolve names through the context; conf/check.c comes after them.
 */
#ifndef CONF_READERS_H
#define CONF_READERS_H

#include "conf/context.h"
#include "conf/source.h"

struct xinetd;	      /* conf/xinetd.c: entries of all files */
struct superd_reader; /* conf/superd_read.c: one file */
struct open_file;     /* conf/include.c */

/* What one load carries from file to file. */
struct loader {
	const struct load_context *context;
	struct conf *conf;
	struct reports *reports;
	/* load_source(), for include.c, which is below the readers */
	void (*read)(struct loader *, struct source *, enum dialect);
	unsigned depth;		      /* of includes; bounded by LOAD_DEPTH */
	const struct open_file *open; /* the files that are being read */
	struct xinetd *xinetd;	      /* while xinetd's files are read */
	bool told_libwrap;	      /* that nobody can be asked at all */
	/* the file of superd.conf whose includes are followed */
	const struct superd_reader *superd;
};

enum { LOAD_DEPTH = 16 };

void inetd_read(struct loader *, struct source *);
void superd_read(struct loader *, struct source *);
void xinetd_read(struct loader *, struct source *);

/* Give a text to the reader of its dialect; DIALECT_AUTO: guess. */
void load_source(struct loader *, struct source *, enum dialect);
/* Read one file; what is wrong with it is reported at its name. */
void load_file(struct loader *, const char *path, enum dialect);
/*
 * Read every file that pattern means (source_expand) with the reader of a
 * dialect (DIALECT_AUTO: guess each).  A relative pattern starts where the
 * file of place is.  Too deep, in a circle, or no such file: reported at
 * place.
 */
void load_include(struct loader *, const char *pattern, bool directory,
    enum dialect, const struct place *);

#endif
