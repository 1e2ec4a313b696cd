/* What a box needs, and the names of capabilities. */
#include "conf/box.h"

#include <string.h>
#include <strings.h>

bool
box_mounts(const struct box *box)
{
	return box->private_tmp || box->private_pid || box->root != NULL ||
	    box->read_only != NULL || box->read_write != NULL ||
	    box->hidden != NULL;
}

/* capabilities(7), in the order of their numbers. */
static const char *const names[] = { "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH",
	"FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
	"LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN",
	"NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO",
	"SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT",
	"SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD",
	"LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE",
	"MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
	"PERFMON", "BPF", "CHECKPOINT_RESTORE" };

enum { NAMES = sizeof(names) / sizeof(names[0]) };

int
capability_number(const char *name)
{
	static const char prefix[] = "CAP_";

	if (strncasecmp(name, prefix, strlen(prefix)) == 0)
		name += strlen(prefix);
	for (int i = 0; i < NAMES; i++)
		if (strcasecmp(names[i], name) == 0)
			return i;
	return -1;
}

const char *
capability_name(unsigned number)
{
	return number < NAMES ? names[number] : NULL;
}
