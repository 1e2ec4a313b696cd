/*
 * Command image: everything a child becomes before exec, prepared when the
 * configuration is loaded, so that between fork and exec there is only a
 * straight list of system calls.  Counted, because children may still be
 * reading one that a reload has replaced.
 */
#ifndef SUPERD_IMAGE_H
#define SUPERD_IMAGE_H

#include <sys/resource.h>
#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

struct command_image {
	unsigned refs;
	char *program;		/* NULL: an internal service */
	char **argv, **envp;	/* envp: what is the same for every child */
	size_t nenv;
	bool unprivileged;	/* no capability is left, nor to be gained */
	bool change_user;
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	size_t ngroups;
	mode_t umask;
	bool nice_set;
	int nice;
	struct resource_limit *rlimits;
	size_t nrlimits;
	char *chroot, *directory;
	enum stderr_to stderr_to;
	int error_fd;		/* STDERR_LOG: its pipe, or -1: null */
	bool env_peer, env_remote_host;
};

/* With one reference.  Never NULL. */
struct command_image *image_new(const struct service *);
/* For superd's own processes: this user, no rights, no program, and stderr
 * wherever it is wanted. */
struct command_image *image_internal(uid_t, gid_t);
struct command_image *image_ref(struct command_image *);
void	image_unref(struct command_image *);	/* accepts NULL */

/* Keep a copy of superd's own environment for children that may have parts
 * of it; call once, before anything changes it. */
void	image_environment(char *const *environ);

#endif
