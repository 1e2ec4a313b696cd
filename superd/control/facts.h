/*
 * What is told of superd and of its services, in rows (fact.h): whoever adds
 * a counter adds its row, and it is in superctl's JSON, in its text and in
 * the dumps.  The keys are documented in superctl(8) and stable.
 */
#ifndef SUPERD_CONTROL_FACTS_H
#define SUPERD_CONTROL_FACTS_H

#include "superd/control/fact.h"
#include "superd/running/superd.h"

/* Of a struct superd, with its services in the JSON; of a struct running. */
extern const struct facts superd_facts, service_facts;

/* Of a client that holds places: parts of services and of pools. */
struct client_held {
	struct prefix client;
	unsigned places; /* 0: there is none */
};

extern const struct facts client_facts;

/* The lines for people. */
void superd_lines(const struct superd *, struct text *);
void service_lines(const struct running *, struct text *);
/* "12 services, 3 children" */
char *superd_summary(const struct superd *, char *, size_t);

/* For FACT_SECONDS: since a time of loop_clock(), and until a timer. */
double seconds_since(int64_t then);
double seconds_until(const struct loop_timer *);

#endif
