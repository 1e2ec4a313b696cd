/* Printable ASCII. */
#include "superd/log/printable.h"

#include <stdio.h>
#include <string.h>

/* As vis(3) with VIS_OCTAL does, which allocates memory. */
static size_t
escape(unsigned char c, char one[5])
{
	if (c < ' ' || c > '~')
		return (size_t)snprintf(one, 5, "\\%03o", c);
	one[0] = (char)c;
	return 1;
}

char *
log_printable(char *dst, size_t size, const char *src, size_t length)
{
	char one[5];
	size_t used = 0, n;

	for (size_t i = 0; i < length; i++) {
		n = escape((unsigned char)src[i], one);
		if (used + n + 4 > size) {
			if (used + 4 <= size) {
				memcpy(dst + used, "...", 3);
				used += 3;
			}
			break;
		}
		memcpy(dst + used, one, n);
		used += n;
	}
	if (size > 0)
		dst[used] = '\0';
	return dst;
}
