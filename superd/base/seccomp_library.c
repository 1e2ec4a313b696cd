/* libseccomp by dlopen(3). */
#ifdef HAVE_SECCOMP

#include "superd/base/seccomp_library.h"

#include "superd/base/library.h"

static struct seccomp_library library;
static void *handle; /* NULL: not open */

static bool
has_all(void *opened)
{
	return library_symbol(opened, "seccomp_init", &library.init) &&
	    library_symbol(opened, "seccomp_syscall_resolve_name",
		&library.resolve) &&
	    library_symbol(opened, "seccomp_rule_add_array", &library.add) &&
	    library_symbol(opened, "seccomp_attr_set", &library.set) &&
	    library_symbol(opened, "seccomp_load", &library.load) &&
	    library_symbol(opened, "seccomp_export_bpf", &library.bytes) &&
	    library_symbol(opened, "seccomp_release", &library.release);
}

const struct seccomp_library *
seccomp_library(void)
{
	void *opened;

	if (handle != NULL)
		return &library;
	opened = dlopen("libseccomp.so.2", RTLD_NOW | RTLD_LOCAL);
	if (opened == NULL)
		return NULL;
	if (!has_all(opened)) {
		dlclose(opened);
		return NULL;
	}
	handle = opened;
	return &library;
}

void
seccomp_library_close(void)
{
	if (handle != NULL)
		dlclose(handle);
	handle = NULL;
}

#endif
