/*
 * Facts: what can be told of an object, a row for each.  A row says under
 * which key programs find it, where in the object it is, and how it is worded
 * for people; writers are loops over rows, so that a row that is added is
 * told by all of them.  Knows no object: facts.h.
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
	FACT_NUMBER,  /* unsigned, which may fall again */
	FACT_SIZE,    /* size_t, likewise */
	FACT_COUNTER, /* uint64_t, which never falls */
	FACT_LIMIT,   /* unsigned; LIMIT_NONE, LIMIT_UNSET: there is none */
	FACT_SECONDS, /* double */
	FACT_OBJECT,  /* a struct that has rows of its own */
	FACT_PART,    /* the same, told as if its rows stood here */
	FACT_LIST,    /* any number of objects */
	FACT_NAMED    /* the same, each told here under its own name */
};

/* The longest texts are reports. */
enum { FACT_ROOM = 1024 };

/* What it is at the moment. */
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
	/* for a text or object that is made up */
	_Alignas(max_align_t) char room[FACT_ROOM];
};

/* name: of a FACT_NAMED, else NULL. */
typedef void fact_visit_fn(void *arg, const char *name, const void *element);

struct fact {
	const char *key; /* NULL: only people are told */
	enum fact_kind kind;
	size_t offset;
	/* Instead of a member: fills in what is of the kind, or none, or a
	 * text or object that is NULL. */
	void (*get)(const void *object, struct fact_value *);
	/* Instead of a value, of FACT_LIST and FACT_NAMED. */
	void (*each)(const void *object, fact_visit_fn *, void *arg);
	const struct facts *within;

	/* For people: in which line, after the line's earlier ones. */
	unsigned line;	     /* 0: in none; one for each of a list */
	const char *before;  /* ", " at its start is left out in a line's first
				word */
	const char *after;   /* NULL, as before: nothing */
	const char *missing; /* where it is none; NULL: it is not told */
	bool some;	     /* not told where it is 0 */
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

/* The value of a row that is no list. */
void fact_value(const struct fact *, const void *object, struct fact_value *);

/* As members of the JSON object that is open. */
void facts_json(struct text *, const struct facts *, const void *object);
/* As an object; name NULL: of an array, or of nothing. */
void facts_json_object(struct text *, const char *name, const struct facts *,
    const void *object);
/* As a line that is but an object. */
void facts_json_line(struct text *, const struct facts *, const void *object);

/* Lines for people, in this order. */
struct fact_line {
	const char *label;		  /* NULL: none */
	bool (*told)(const void *object); /* NULL: if a fact is in it */
};

/* lines[0] is none. */
void facts_lines(struct text *, const struct facts *, const void *object,
    const struct fact_line lines[], size_t count);

#endif
