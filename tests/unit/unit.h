/* What every unit test needs, in the order that cmocka wants. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For groups of tests that read the manual pages: fails where they are not
 * started from the top of the tree. */
static inline int
find_pages(void **state)
{
	(void)state;
	return access("man", X_OK);
}

#endif
