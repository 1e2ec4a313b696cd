/* Status: struct superd as text for people and as JSON for programs. */
#ifndef SUPERD_CONTROL_STATUS_H
#define SUPERD_CONTROL_STATUS_H

#include "superd/base/text.h"
#include "superd/control/fact.h"
#include "superd/running/superd.h"

/* The answers of superctl's commands, appended to a text.  header: with a line
 * of column names. */

/* The columns of the list, of a struct running, but the last. */
extern const struct facts status_columns;

/* superctl status */
void status_json(struct superd *, struct text *);
void status_text(struct superd *, struct text *, bool header);
/* superctl list: a line for each service. */
void status_list_text(struct superd *, struct text *, bool header);
void status_list_json(struct superd *, struct text *);
/* superctl show: everything about one service. */
void status_show_text(struct running *, struct text *);
void status_show_json(struct running *, struct text *);
/* The list, followed by everything about each service: for the dumps. */
void status_all_text(struct superd *, struct text *);

#endif
