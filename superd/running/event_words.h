/*
 * The words that event lines begin with: their names in other forms of the log
 * and in the journal, and the numbers by which the journal finds them.
 */
#ifndef SUPERD_RUNNING_EVENT_WORDS_H
#define SUPERD_RUNNING_EVENT_WORDS_H

struct event_word {
	const char *word;
	const char *name;
	const char *message_id; /* MESSAGE_ID, systemd.journal-fields(7) */
};

/* In the order of the table; the last has a word of NULL. */
extern const struct event_word event_words[];

/* The row of a word, which is in the table. */
const struct event_word *event_word(const char *word);

#endif
