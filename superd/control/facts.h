/*
 * The facts (fact.h) of superd and of its services: a counter with a row here
 * is in superctl's JSON and text and in the dumps.  The keys are documented in
 * superctl(8) and stable.
 */
#ifndef SUPERD_CONTROL_FACTS_H
#define SUPERD_CONTROL_FACTS_H

#include "superd/control/fact.h"
#include "superd/running/superd.h"

/* Of a struct superd, with its services in the JSON; of a struct running. */
extern const struct facts superd_facts, service_facts;

/* A client that holds places of a service or of a pool. */
struct client_held {
	struct prefix client;
	unsigned places; /* 0: there is no such client */
};

extern const struct facts client_facts;

/* Append the lines for people about superd, and about a service. */
void superd_lines(const struct superd *, struct text *);
void service_lines(const struct running *, struct text *);
/* Write a summary such as "12 services, 3 children".  Returns its buffer. */
char *superd_summary(const struct superd *, char *, size_t);

/* Seconds since a time of loop_clock(), and until a timer expires. */
double seconds_since(int64_t then);
double seconds_until(const struct loop_timer *);

#endif
