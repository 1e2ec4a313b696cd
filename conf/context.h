/* The context of a load: facts about this host, and the command line. */
#ifndef CONF_CONTEXT_H
#define CONF_CONTEXT_H

#include "conf/conf.h"
#include "conf/names.h"

struct draft;  /* conf/draft.h */
struct source; /* conf/source.h */

struct load_context {
	struct names *names;
	/* does an internal service of this name exist for this socket type */
	bool (*internal_known)(const char *name, int socktype);
	enum dialect format;  /* DIALECT_AUTO: recognise from the text */
	struct limits limits; /* from the command line; unset members are */
	unsigned backlog;     /* ... not given */
	unsigned max_children;
	const char *address;   /* -a: where to listen by default, with commas;
				  NULL: any */
	bool libwrap;	       /* -w: external services ask libwrap */
	bool libwrap_internal; /* -W: internal stream services, too */
	bool have_libwrap, have_rpc; /* built in? */
	bool hosts_refuse; /* hosts.allow, hosts.deny have rules that may
			      refuse somebody */
	bool env_keep;	   /* -E: superd's whole environment passes */
	bool unprivileged; /* cannot change user: entries for another
			      user than our_uid are unservable */
	uid_t our_uid;
	bool inetd_compat;   /* xinetd: also read /etc/inetd.conf */
	bool insecure_files; /* also what others may write */
	/* NULL, or a file of this name is not read: it is this */
	const struct source *given;
	/* NULL, or it is told of each service what stands in texts */
	void (
	    *drafted)(void *arg, const struct service *, const struct draft *);
	void *drafted_arg;
};

#endif
