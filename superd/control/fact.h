/*
 * Facts: tables that describe an object for output, one row for each fact: its
 * key in JSON, where it is in the object, and its wording for people.  All
 * output is written by loops over rows.  The tables are in facts.h.
 */
#ifndef SUPERD_CONTROL_FACT_H
#define SUPERD_CONTROL_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "superd/base/text.h"

/* With the type of the member that is at the row's offset. */
enum fact_kind {
	FACT_TEXT,    /* char *; NULL: there is none */
	FACT_WORDS,   /* char **, up to a NULL */
	FACT_BOOL,    /* bool */
	FACT_INT,     /* int */
	FACT_NUMBER,  /* unsigned, a gauge */
	FACT_SIZE,    /* size_t, a gauge */
	FACT_COUNTER, /* uint64_t, which only grows */
	FACT_LIMIT,   /* unsigned; LIMIT_NONE and LIMIT_UNSET: no limit */
	FACT_SECONDS, /* double */
	FACT_OBJECT,  /* a struct with rows of its own */
	FACT_PART,    /* the same, but its rows are members of this object */
	FACT_LIST,    /* an array of objects */
	FACT_NAMED    /* objects, each a member with a name of its own */
};

/* The longest texts are reports. */
enum { FACT_ROOM = 1024 };

/* The current value of a fact. */
struct fact_value {
	bool none;
	union {
		const char *text;
		char *const *words;
		bool yes;
		int64_t number;
		double seconds;
		const void *object;
	};
	/* for a text or object that get() makes */
	_Alignas(max_align_t) char room[FACT_ROOM];
};

/* name: of a FACT_NAMED, else NULL. */
typedef void fact_visit_fn(void *arg, const char *name, const void *element);

struct fact {
	const char *key; /* NULL: not in JSON */
	enum fact_kind kind;
	size_t offset;
	/* Gets the value instead of offset: of this kind, or none. */
	void (*get)(const void *object, struct fact_value *);
	/* Visits the elements of FACT_LIST and FACT_NAMED. */
	void (*each)(const void *object, fact_visit_fn *, void *arg);
	const struct facts *within; /* rows of the object or elements */

	/* For people: the line it is in, in the order of rows. */
	unsigned line;	     /* 0: none; of a list, a line for each */
	const char *before;  /* without ", " if it is first in its line */
	const char *after;   /* NULL, as before: nothing */
	const char *missing; /* instead of none; NULL: left out */
	bool some;	     /* left out if it is 0 */
	bool whole;	     /* seconds without their fraction */
};

struct facts {
	const struct fact *rows;
	size_t count;
	bool bare; /* the objects of a list are values of the only row */
};

/* kind and offset of a member, by its type; not for size_t, which may be one
 * of the others. */
#define FACT_MEMBER(type, member) \
	_Generic(((type *)NULL)->member,          \
	    char *: FACT_TEXT,                    \
	    const char *: FACT_TEXT,              \
	    char **: FACT_WORDS,                  \
	    bool: FACT_BOOL,                      \
	    int: FACT_INT,                        \
	    unsigned: FACT_NUMBER,                \
	    uint64_t: FACT_COUNTER,               \
	    double: FACT_SECONDS),                \
	    .offset = offsetof(type, member)

/* The rows of an array. */
#define FACTS(array)                                                         \
	{                                                                    \
		.rows = (array), .count = sizeof(array) / sizeof((array)[0]) \
	}

/* The value of a row that is not FACT_LIST or FACT_NAMED. */
void fact_value(const struct fact *, const void *object, struct fact_value *);

/* Write all rows as members of the JSON object that is open. */
void facts_json(struct text *, const struct facts *, const void *object);
/* Write a JSON object as a member of this name; NULL: as an element of an
 * array, or by itself. */
void facts_json_object(struct text *, const char *name, const struct facts *,
    const void *object);
/* Write a JSON object and a newline. */
void facts_json_line(struct text *, const struct facts *, const void *object);

struct fact_line {
	const char *label;		  /* NULL: none */
	bool (*told)(const void *object); /* write the line?  NULL: if it has
					   * a fact */
};

/* Write the lines for people, in the order of lines; lines[0] is not used. */
void facts_lines(struct text *, const struct facts *, const void *object,
    const struct fact_line lines[], size_t count);

#endif
