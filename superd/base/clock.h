/* Units of loop_clock() and of timers, in microseconds.  Use int64_t for
 * anything computed from them: an int overflows after 35 minutes. */
#ifndef SUPERD_BASE_CLOCK_H
#define SUPERD_BASE_CLOCK_H

enum { MILLISECOND = 1000, SECOND = 1000 * MILLISECOND, MINUTE = 60 * SECOND };

#endif
