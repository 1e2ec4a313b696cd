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
void status_show_json(struct running *, struct text *);
/* All of it: the list, and then each service. */
void status_all_text(struct superd *, struct text *);
/* "12 services, 3 children" */
char *status_line(struct superd *, char *, size_t);

#endif
