/* One service as text for people: superctl show, and the dumps. */
#ifndef SUPERD_CONTROL_SHOW_H
#define SUPERD_CONTROL_SHOW_H

#include "superd/base/text.h"
#include "superd/running/superd.h"

/* What it is, how it is, who has it, and why it does not work. */
void show_service(const struct running *, struct text *);
/* Why it is not listening now, as superctl(8) has it; NULL: it is. */
const char *show_pause(const struct running *);
/* How long it will not, in seconds; 0: nobody knows. */
double show_paused_for(const struct running *);
/* Since a time of loop_clock(), and until a timer: seconds. */
double show_since(int64_t then);
double show_until(const struct loop_timer *);

#endif
