/* Status: struct superd as text for people and as JSON for programs. */
#ifndef SUPERD_CONTROL_STATUS_H
#define SUPERD_CONTROL_STATUS_H

#include "superd/base/text.h"
#include "superd/running/superd.h"

void status_json(struct superd *, struct text *);
void status_text(struct superd *, struct text *, bool header);
/* One line per service: id, state, counters, addresses. */
void status_list_text(struct superd *, struct text *, bool header);
void status_list_json(struct superd *, struct text *);
/* One service: what it is, how it is, who has it, why it does not work. */
void status_show_text(struct running *, struct text *);
void status_show_json(struct running *, struct text *);
/* All of it: the list, and then each service. */
void status_all_text(struct superd *, struct text *);

#endif
