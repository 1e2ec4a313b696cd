/* Units of loop_clock() and of timers: microseconds.  What is computed from
 * them may need more than an int has. */
#ifndef SUPERD_BASE_CLOCK_H
#define SUPERD_BASE_CLOCK_H

enum { MILLISECOND = 1000, SECOND = 1000 * MILLISECOND, MINUTE = 60 * SECOND };

#endif
