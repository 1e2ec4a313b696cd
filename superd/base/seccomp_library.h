/*
 * libseccomp, which only some processes need: opened at run time, with what is
 * called of it.  Only where superd is built with it (HAVE_SECCOMP).
 */
#ifndef SUPERD_BASE_SECCOMP_LIBRARY_H
#define SUPERD_BASE_SECCOMP_LIBRARY_H

#include <seccomp.h>
#include <stdint.h>

/* Each as seccomp_...(3) of this name; bytes is seccomp_export_bpf(3). */
struct seccomp_library {
	scmp_filter_ctx (*init)(uint32_t);
	int (*resolve)(const char *);
	int (*add)(scmp_filter_ctx, uint32_t, int, unsigned,
	    const struct scmp_arg_cmp *);
	int (*set)(scmp_filter_ctx, enum scmp_filter_attr, uint32_t);
	int (*load)(const scmp_filter_ctx);
	int (*bytes)(const scmp_filter_ctx, int fd);
	void (*release)(scmp_filter_ctx);
};

/* Open it, unless it is open; NULL: there is none. */
const struct seccomp_library *seccomp_library(void);
/* Harmless if it is not open. */
void seccomp_library_close(void);

#endif
