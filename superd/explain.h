/*
 * Explanations: what the configuration, as its files are now, says of a
 * service, and where.  The files are read as for a load, in a process of its
 * own; one explanation is made at a time.
 */
#ifndef SUPERD_EXPLAIN_H
#define SUPERD_EXPLAIN_H

#include "superd/control/control.h"
#include "superd/control/fact.h"

/* What explain answers, in an array. */
extern const struct facts explain_facts;

struct explainer *explainer_new(struct superd *);
void explainer_free(struct explainer *);
/* superctl explain ID[.OPTION] */
enum control_exit do_explain(struct request *);

#endif
