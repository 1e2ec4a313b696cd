/* The options of "superd run", from the rows of the attributes. */
#include "superd/oneliner.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/attribute.h"
#include "conf/option_kind.h"
#include "conf/xalloc.h"
#include "superd/base/arguments.h"
#include "superd/oneliner_text.h"
#include "superd/oneliner_world.h"

enum { WORD_MAX = 64, FD_MAX = 1 << 20, OWN = 1000, ATTRIBUTES = 2000 };

/* What is no attribute, or is written in another way than there. */
static const struct own {
	const char *word;
	int letter;
	const char *value; /* NULL: none */
	const char *help;
} own[] = {
	{ "udp", OWN, "LISTEN", "listen there for datagrams" },
	{ "unix", OWN + 1, "PATH", "listen at a unix socket" },
	{ "redirect", OWN + 2, "HOST:PORT", "pass connections on" },
	{ "ready-fd", OWN + 3, "N", "write the addresses there, and close it" },
	{ "check", 't', NULL, "check it, and exit 0 or 1" },
	{ "print", 'T', NULL, "print the superd.conf that says the same" },
	{ "debug", 'd', NULL, "log everything" },
	{ "help", 'h', NULL, "print this" },
};

enum { OWNS = sizeof(own) / sizeof(own[0]) };

struct words {
	char names[OPTIONS][WORD_MAX];
	struct option list[OPTIONS + OWNS + 1];
};

/* "--per-source" of per_source. */
static void
make_name(char name[WORD_MAX], enum option_id id)
{
	snprintf(name, WORD_MAX, "%s", option_name(id));
	for (char *p = name; *p != '\0'; p++)
		if (*p == '_')
			*p = '-';
}

static bool
is_own(const char *name)
{
	for (size_t i = 0; i < OWNS; i++)
		if (strcmp(own[i].word, name) == 0)
			return true;
	return false;
}

static bool
is_option(enum option_id id)
{
	return attributes[id].where != 0 && !is_own(option_name(id));
}

static void
make_words(struct words *words)
{
	struct option *next = words->list;

	for (size_t i = 0; i < OWNS; i++)
		*next++ = (struct option){ own[i].word, own[i].value != NULL,
			NULL, own[i].letter };
	for (int i = 0; i < OPTIONS; i++) {
		enum option_id id = (enum option_id)i;

		if (!is_option(id))
			continue;
		make_name(words->names[i], id);
		*next++ = (struct option){ words->names[i],
			option_is_switch(id) ? optional_argument :
					       required_argument,
			NULL, ATTRIBUTES + i };
	}
}

static int
usage_error(const char *name, const char *problem)
{
	fprintf(stderr,
	    "superd run: %s: %s\nsuperd run: try superd run "
	    "--help\n",
	    name, problem);
	return -1;
}

static int
take_ready_fd(struct options *options, const char *value)
{
	unsigned fd;

	if (argument_digits(value, FD_MAX, &fd) != 0 || fd == 0 || fd == 2 ||
	    (options->ready_fd = world_take_descriptor((int)fd)) < 0)
		return usage_error("--ready-fd",
		    "expected the number of an open descriptor, not 0 or 2");
	return 0;
}

/* "[::1]:80" is "::1" and "80" to the attribute. */
static int
take_redirect(struct oneliner *line, char *value)
{
	char *colon = strrchr(value, ':'), *host = value;
	size_t length = colon != NULL ? (size_t)(colon - value) : 0;

	if (length == 0 || colon[1] == '\0')
		return usage_error("--redirect", "expected HOST:PORT");
	if (host[0] == '[' && host[length - 1] == ']') {
		host++;
		length -= 2;
	}
	host = xstrndup(host, length);
	oneliner_value(line, OPTION_REDIRECT, "--redirect", host);
	oneliner_value(line, OPTION_REDIRECT, "--redirect", colon + 1);
	free(host);
	return 0;
}

static int
take_own(struct options *options, struct oneliner *line, int letter)
{
	switch (letter) {
	case OWN:
		return oneliner_listen(line, LISTEN_UDP, "--udp", optarg);
	case OWN + 1:
		return oneliner_listen(line, LISTEN_UNIX, "--unix", optarg);
	case OWN + 2:
		return take_redirect(line, optarg);
	case OWN + 3:
		return take_ready_fd(options, optarg);
	case 't':
		options->action = ACTION_CHECK;
		return 0;
	case 'T':
		options->action = ACTION_PRINT;
		return 0;
	case 'd':
		options->debug = true;
		return 0;
	default:
		options->action = ACTION_HELP;
		return 0;
	}
}

/* Texts that may have commas of their own are given one by one. */
static bool
has_commas(enum option_id id)
{
	return id != OPTION_SERVER_ARGS && id != OPTION_ENV &&
	    (option_is_list(id) || attributes[id].most > 1);
}

static int
take_attribute(struct oneliner *line, enum option_id id)
{
	char name[WORD_MAX + 2] = "--", *list, *rest, *one;

	make_name(name + 2, id);
	if (attributes[id].most == 1 && oneliner_has(line, id))
		return usage_error(name, "expected once");
	if (optarg == NULL || !has_commas(id)) {
		oneliner_value(line, id, name, optarg != NULL ? optarg : "yes");
		return 0;
	}
	list = rest = xstrdup(optarg);
	while ((one = strsep(&rest, ",")) != NULL)
		oneliner_value(line, id, name, one);
	free(list);
	return 0;
}

static int
refuse(const struct words *words, char *argv[])
{
	const char *word = argv[optind - 1];
	bool known = false;
	char letter[] = "-x";

	for (const struct option *o = words->list; o->name != NULL; o++)
		known |= o->val == optopt;
	if (strncmp(word, "--", 2) != 0) {
		letter[1] = (char)optopt;
		word = letter;
	}
	return usage_error(word,
	    known ? strchr(word, '=') != NULL ?
		    "expected no value" :
		    "expected a value" :
		    "unknown option");
}

static int
take_options(struct options *options, struct oneliner *line, int argc,
    char *argv[])
{
	struct words words;
	int letter, result = 0;

	memset(&words, 0, sizeof(words));
	make_words(&words);
	opterr = 0;
	while (result == 0 &&
	    (letter = getopt_long(argc, argv, "-:tTdh", words.list, NULL)) !=
		-1) {
		if (letter == 1)
			result = oneliner_listen(line, LISTEN_TCP, optarg,
			    optarg);
		else if (letter == '?' || letter == ':')
			result = refuse(&words, argv);
		else if (letter >= ATTRIBUTES)
			result = take_attribute(line,
			    (enum option_id)(letter - ATTRIBUTES));
		else
			result = take_own(options, line, letter);
	}
	return result;
}

static int
take_program(struct oneliner *line, char *argv[])
{
	char *path;

	if (argv[0] == NULL)
		return 0;
	path = world_find_program(argv[0]);
	if (path == NULL)
		return usage_error(argv[0],
		    "expected a program, by its path or in PATH");
	oneliner_value(line, OPTION_SERVER, argv[0], path);
	for (size_t i = 1; argv[i] != NULL; i++)
		oneliner_value(line, OPTION_SERVER_ARGS, argv[0], argv[i]);
	free(path);
	return 0;
}

static int
check_whole(const struct oneliner *line)
{
	if (!oneliner_listens(line))
		return usage_error("LISTEN",
		    "expected PORT, HOST:PORT, --udp or --unix");
	if (!oneliner_has(line, OPTION_SERVER) &&
	    !oneliner_has(line, OPTION_INTERNAL) &&
	    !oneliner_has(line, OPTION_REDIRECT))
		return usage_error("PROGRAM",
		    "expected it after --, or --internal or --redirect");
	return 0;
}

/* The text and what belongs to it live as long as superd. */
int
oneliner_parse(struct options *options, int argc, char *argv[])
{
	struct oneliner *line = oneliner_new();
	int result = take_options(options, line, argc, argv);

	if (result == 0 && options->action == ACTION_HELP)
		options->one_line = true;
	else if (result == 0)
		result = take_program(line, argv + optind);
	if (result == 0 && options->action != ACTION_HELP)
		result = check_whole(line);
	if (result == 0 && options->action != ACTION_HELP) {
		options->one_line = options->foreground = true;
		options->strict |= options->action == ACTION_RUN;
		options->format = DIALECT_SUPERD;
		options->tell_addresses = oneliner_chose_port(line);
		if (!oneliner_has(line, OPTION_CONTROL))
			options->control = "none";
		options->given = oneliner_source(line);
		options->file = options->given->name;
	}
	oneliner_free(line);
	return result;
}

bool
oneliner_is(int argc, char *argv[])
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *name = slash != NULL ? slash + 1 : argc > 0 ? argv[0] : "";

	return argc > 1 && strcmp(argv[1], "run") == 0 &&
	    strcmp(name, "inetd") != 0 && strcmp(name, "xinetd") != 0;
}

int
oneliner_ready_fd(int argc, char *argv[])
{
	static const char word[] = "--ready-fd";
	size_t length = sizeof(word) - 1;
	const char *text = NULL;
	unsigned fd;

	if (!oneliner_is(argc, argv))
		return -1;
	for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strncmp(argv[i], word, length) != 0)
			continue;
		text = argv[i][length] == '=' ?
		    argv[i] + length + 1 :
		    argv[i + 1];
	}
	if (text == NULL || argument_digits(text, FD_MAX, &fd) != 0)
		return -1;
	return (int)fd;
}

void
oneliner_usage(void)
{
	char name[WORD_MAX];

	printf("usage: superd run [options] LISTEN... -- PROGRAM [ARG...]\n"
	       "LISTEN is PORT, HOST:PORT or [ADDRESS]:PORT; port 0 is any\n");
	for (size_t i = 0; i < OWNS; i++) {
		char letter[] = "-x, ";

		letter[1] = (char)own[i].letter;
		printf("  %s--%s%s%s: %s\n", own[i].letter < OWN ? letter : "",
		    own[i].word, own[i].value != NULL ? " " : "",
		    own[i].value != NULL ? own[i].value : "", own[i].help);
	}
	printf("and every option of superd.conf(5):\n");
	for (int i = 0; i < OPTIONS; i++) {
		enum option_id id = (enum option_id)i;

		if (!is_option(id))
			continue;
		make_name(name, id);
		printf("  --%s%s\n", name,
		    option_is_switch(id)   ? "" :
			option_is_list(id) ? " VALUE,..." :
					     " VALUE");
	}
}
