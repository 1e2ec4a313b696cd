/* Text that a terminal and a log can be trusted with.  Pure. */
#ifndef SUPERD_LOG_PRINTABLE_H
#define SUPERD_LOG_PRINTABLE_H

#include <stddef.h>

/*
 * Copy length bytes of src to dst, size bytes, as printable ASCII: any other
 * byte becomes \ooo in octal.  Text that does not fit is cut and ends with
 * "...".  dst is terminated if size is not 0.  Returns dst.  Allocates
 * nothing.
 */
char *log_printable(char *dst, size_t size, const char *src, size_t length);

#endif
