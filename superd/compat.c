/* xinetd(8)'s options: words with one dash, matched whole. */
#include "superd/compat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/units.h"
#include "superd/paths.h"

enum word {
	WORD_DEBUG, WORD_FILE, WORD_PIDFILE, WORD_DONTFORK, WORD_STAYALIVE,
	WORD_LIMIT, WORD_VERSION, WORD_INETD_COMPAT, WORD_SYSLOG,
	WORD_FILELOG,
	WORD_NUMBER,		/* has no effect, but it has to be one */
	WORD_NOTHING
};

static const struct {
	const char *text;
	enum word word;
	bool value;
} words[] = {
	{ "-d", WORD_DEBUG, false },
	{ "-f", WORD_FILE, true },
	{ "-pidfile", WORD_PIDFILE, true },
	{ "-dontfork", WORD_DONTFORK, false },
	{ "-stayalive", WORD_STAYALIVE, false },
	{ "-limit", WORD_LIMIT, true },
	{ "-version", WORD_VERSION, false },
	{ "-inetd_compat", WORD_INETD_COMPAT, false },
	{ "-inetd_ipv6", WORD_NOTHING, false },
	{ "-syslog", WORD_SYSLOG, true },
	{ "-filelog", WORD_FILELOG, true },
	{ "-logprocs", WORD_NUMBER, true },
	{ "-cc", WORD_NUMBER, true },
	{ "-reuse", WORD_NOTHING, false },
	{ "-shutdownprocs", WORD_NUMBER, true },
};

static int
number(const struct options *options, const char *word, const char *text,
    unsigned *result)
{
	unsigned long long value;
	const char *why;

	if (parse_number(text, 1, 1000000000, &value, &why) != 0) {
		fprintf(stderr, "%s: bad %s %s\n", options->name, word, text);
		return -1;
	}
	*result = (unsigned)value;
	return 0;
}

/* argv[0] is the word, argv[1] its value, if it has one. */
static int
set_syslog(struct options *options, const char *text)
{
	if (parse_facility(text, &options->log.facility) != 0) {
		fprintf(stderr, "%s: -syslog %s: unknown facility\n",
		    options->name, text);
		return -1;
	}
	options->log.kind = LOG_TO_SYSLOG;
	return 0;
}

static int
set_word(struct options *options, enum word word, char *const argv[])
{
	const char *value = argv[1];
	unsigned unused;

	switch (word) {
	case WORD_DEBUG:
		options->debug = options->foreground = true;
		break;
	case WORD_FILE:
		options->file = value;
		break;
	case WORD_PIDFILE:
		options->pid_file = value;
		options->pid_file_given = true;
		break;
	case WORD_DONTFORK:
		options->foreground = true;
		options->require_services = false;
		break;
	case WORD_STAYALIVE:
		options->require_services = false;
		break;
	case WORD_LIMIT:
		return number(options, argv[0], value,
		    &options->max_children);
	case WORD_NUMBER:
		return number(options, argv[0], value, &unused);
	case WORD_SYSLOG:
		return set_syslog(options, value);
	case WORD_FILELOG:
		options->log.kind = LOG_TO_FILE;
		options->log_path = value;
		break;
	case WORD_VERSION:
		options->action = ACTION_VERSION;
		break;
	case WORD_INETD_COMPAT:
		options->inetd_compat = true;
		break;
	case WORD_NOTHING:
		break;
	}
	return 0;
}

static int
take_word(struct options *options, char *argv[], int *i)
{
	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
		if (strcmp(argv[*i], words[w].text) != 0)
			continue;
		if (words[w].value && argv[*i + 1] == NULL) {
			fprintf(stderr, "%s: option %s needs a value\n",
			    options->name, argv[*i]);
			return -1;
		}
		if (set_word(options, words[w].word, &argv[*i]) != 0)
			return -1;
		*i += words[w].value;
		return 0;
	}
	fprintf(stderr, "%s: unknown option %s\n", options->name, argv[*i]);
	return -1;
}

int
compat_xinetd(struct options *options, int argc, char *argv[])
{
	options->require_services = true;
	options->format = DIALECT_XINETD;
	options->pid_file = XINETD_PID;
	for (int i = 1; i < argc; i++)
		if (take_word(options, argv, &i) != 0)
			return -1;
	if (options->file == NULL)
		options->file = XINETD_CONF;
	return 0;
}
