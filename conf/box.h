/*
 * Boxes: what confines the servers of one service.  A service that asks for
 * nothing of it has none.  Here is what was asked for; superd/spawn/box.h does
 * it.
 */
#ifndef CONF_BOX_H
#define CONF_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a host may lack, and box_fallback = yes may leave out. */
enum box_part {
	BOX_CGROUP, /* a control group */
	BOX_MEMORY,
	BOX_TASKS,
	BOX_CPU,
	BOX_IO,
	BOX_USER, /* a user namespace, where superd is not root */
	BOX_OOM,
	BOX_CPUS,
	BOX_IPC,
	BOX_NET,
	BOX_PID,
	BOX_MOUNTS, /* a mount namespace */
	BOX_ROOT,
	BOX_READ_ONLY,
	BOX_READ_WRITE,
	BOX_TMP,
	BOX_HIDDEN,
	BOX_PROC, /* the /proc of private_pid */
	BOX_CAPABILITIES,
	BOX_NO_NEW_PRIVS,
	BOX_SYSCALLS,
	BOX_PARTS
};

struct box_capabilities {
	bool set;
	uint64_t bits; /* by number: capabilities(7) */
};

struct box_oom {
	bool set;
	int adjust; /* -1000 to 1000 */
};

enum { BOX_CPU_WORDS = 16, BOX_CPUS_MAX = BOX_CPU_WORDS * 64 };

struct box_cpus {
	uint64_t bits[BOX_CPU_WORDS]; /* none: not set */
};

struct box {
	bool fallback;
	bool no_new_privs;
	bool private_tmp, private_net, private_pid, private_ipc;
	uint64_t tmp_size;			  /* bytes; 0: BOX_TMP_SIZE */
	char **read_only, **read_write, **hidden; /* absolute paths */
	char *root;
	/* of all processes of a session together; 0: not set */
	uint64_t memory_max; /* bytes */
	unsigned pids_max;
	unsigned cpu_max;   /* percent of one processor */
	unsigned io_weight; /* 1 to 10000 */
	char **syscalls;    /* names */
	bool syscalls_set;  /* given, even if empty */
	bool denies;	    /* they are those that are denied */
	uint64_t *filter;   /* for seccomp(2), made of them by the load */
	size_t nfilter;
	struct box_capabilities capabilities;
	struct box_oom oom;
	struct box_cpus cpus;
	unsigned missing; /* bits of enum box_part: what the load found that
			   * cannot be had, with fallback */
};

enum { BOX_TMP_SIZE = 64 << 20 };

static inline bool
box_lacks(const struct box *box, enum box_part part)
{
	return (box->missing & 1u << part) != 0;
}

/* Does it need a mount namespace? */
bool box_mounts(const struct box *);

/* The number of a capability by its name, with or without CAP_ and in any
 * case; -1: there is none. */
int capability_number(const char *name);
/* Without CAP_; NULL: it has no name. */
const char *capability_name(unsigned number);

#endif
