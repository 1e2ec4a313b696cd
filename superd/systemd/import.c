/* Units read and written as sections. */
#include "superd/systemd/import.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/output.h"
#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"
#include "superd/systemd/pair.h"

/* What the socket units of one directory become. */
struct import {
	struct pair pair; /* at hand */
	FILE *file;
};

/* Sockets of one kind, which one section can have. */
enum kind { KIND_PORT, KIND_ADDRESS, KIND_UNIX, KINDS };

/* A comment has one line. */
static void
write_comment(FILE *file, const char *text)
{
	for (; *text != '\0'; text++)
		fputc(*text < ' ' && *text > '\0' ? ' ' : *text, file);
}

static void
leave_out(const struct import *import, const struct unit_line *line,
    const char *why)
{
	fprintf(import->file, "# left out: ");
	write_comment(import->file, line->file);
	fprintf(import->file, ":%u: [", line->line);
	write_comment(import->file, line->section);
	fputs("] ", import->file);
	write_comment(import->file, line->name);
	fputc('=', import->file);
	write_comment(import->file, line->value);
	fprintf(import->file, "%s%s\n", why[0] != '\0' ? ": " : "", why);
}

static struct output
output_of(const struct import *import, enum option_id id)
{
	return (struct output){ .file = import->file,
		.indent = "\t",
		.attribute = &attributes[id] };
}

static void
put_text(const struct import *import, enum option_id id, const char *text)
{
	const struct output out = output_of(import, id);

	print_text(&out, text);
}

static void
put_list(const struct import *import, enum option_id id, char *const *list)
{
	const struct output out = output_of(import, id);

	if (list != NULL)
		print_list(&out, list);
}

/* A unix socket has an owner, and a directory a whole path. */
static bool
applies(enum option_id id, enum kind kind, const char *text)
{
	if (id == OPTION_SOCKET_USER || id == OPTION_SOCKET_GROUP ||
	    id == OPTION_SOCKET_MODE)
		return kind == KIND_UNIX;
	return (id != OPTION_DIRECTORY && id != OPTION_CHROOT) ||
	    text[0] == '/';
}

static void
put_same(struct import *import, enum key key, enum kind kind)
{
	struct unit_line *line = pair_find(&import->pair, key);
	char *text = line != NULL ?
	    pair_specify(&import->pair, line->value) :
	    NULL;
	char *here;

	if (text == NULL || !applies(keys[key].id, kind, text)) {
		free(text);
		return;
	}
	line->used = true;
	here = key_is_rlimit(key) ?
	    key_reword(text, "infinity", "unlimited") :
	    xstrdup(text);
	put_text(import, keys[key].id, here);
	free(here);
	free(text);
}

/* Programs. */

/* NULL: no word.  Sets where argv[0] is a word of its own, and what else the
 * program should be. */
static char **
command_words(struct import *import, struct unit_line *line, bool *named)
{
	char *text = pair_specify(&import->pair, line->value), **words;
	const char *p = text;
	bool bad;

	if (text == NULL) {
		leave_out(import, line, "a specifier is not known here");
		return NULL;
	}
	for (; *p != '\0' && strchr("-@:+!|", *p) != NULL; p++) {
		*named |= *p == '@';
		if (*p == '+' || *p == '!')
			leave_out(import, line,
			    "it runs as the user, without + or !");
	}
	words = unit_words(p, &bad);
	free(text);
	if (words == NULL || bad)
		leave_out(import, line, "expected a command");
	if (!bad)
		return words;
	strings_free(words);
	return NULL;
}

static bool
has_variable(const char *word)
{
	for (; (word = strchr(word, '$')) != NULL; word += 2)
		if (word[1] != '$')
			return word[1] != '\0';
	return false;
}

/* Who knows what they are where systemd starts it? */
static bool
drop_variables(char **words)
{
	size_t to = 0, i;

	for (i = 0; words[i] != NULL; i++)
		if (has_variable(words[i]))
			free(words[i]);
		else
			words[to++] = words[i];
	words[to] = NULL;
	return to < i;
}

static void
halve_dollars(char **words)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		char *to = words[i];

		for (const char *p = words[i]; *p != '\0'; p++) {
			*to++ = *p;
			p += p[0] == '$' && p[1] == '$';
		}
		*to = '\0';
	}
}

static void
put_command(struct import *import, char **words, bool named)
{
	halve_dollars(words);
	put_text(import, OPTION_SERVER, words[0]);
	if (named)
		fprintf(import->file, "\tflags = NAMEINARGS\n");
	if (words[1] != NULL)
		put_list(import, OPTION_SERVER_ARGS, words + 1);
}

/* A section without a program is not served. */
static void
put_program(struct import *import)
{
	struct unit_line *line = pair_find(&import->pair, KEY_EXEC);
	bool named = false;
	char **words = NULL;

	if (line != NULL) {
		line->used = true;
		words = command_words(import, line, &named);
	}
	if (words != NULL && drop_variables(words))
		leave_out(import, line,
		    "words with variables, which are not expanded");
	if (words != NULL && words[0] != NULL)
		put_command(import, words, named);
	else
		fprintf(import->file, "\tdisable = yes # no program\n");
	strings_free(words);
}

static void
add_words(struct import *import, struct unit_line *line, char ***all)
{
	char *text = pair_specify(&import->pair, line->value), **words;
	bool bad;

	if (text == NULL)
		return;
	words = unit_words(text, &bad);
	line->used = !bad;
	for (size_t w = 0; !bad && words != NULL && words[w] != NULL; w++)
		strings_add(all, words[w]);
	strings_free(words);
	free(text);
}

/* Each line has words of its own. */
static char **
words_of(struct import *import, enum key key)
{
	struct unit *unit = pair_unit(&import->pair, key);
	char **all = NULL;

	for (size_t i = 0; i < unit->count; i++)
		if (pair_is_line(&unit->lines[i], key))
			add_words(import, &unit->lines[i], &all);
	return all;
}

static void
put_words(struct import *import, enum key key, enum option_id id)
{
	char **all = words_of(import, key);

	put_list(import, id, all);
	strings_free(all);
}

static bool
is_socket_input(struct import *import)
{
	const char *input = pair_value(&import->pair, KEY_STDIN);

	return input != NULL && strcmp(input, "socket") == 0;
}

/* By default, both are what standard input is. */
static void
put_stderr(struct import *import)
{
	const char *error = pair_value(&import->pair, KEY_STDERR);
	struct unit_line *output = pair_find(&import->pair, KEY_STDOUT);
	bool socket = is_socket_input(import);

	if (output != NULL &&
	    (strcmp(output->value, "socket") == 0 ||
		strcmp(output->value, "inherit") == 0 ||
		(!socket && strcmp(output->value, "null") == 0)))
		output->used = true;
	if (error != NULL && strcmp(error, "null") == 0)
		fprintf(import->file, "\tstderr = null\n");
	else if (!socket ||
	    (error != NULL && strcmp(error, "socket") != 0 &&
		strcmp(error, "inherit") != 0))
		fprintf(import->file, "\tstderr = log\n");
	if (import->pair.accepts && !socket)
		fprintf(import->file,
		    "\t# its server expects the connection as descriptor 3; "
		    "here it is 0 to 2\n");
}

/* Sockets. */

static enum kind
kind_of(const char *address)
{
	if (address[0] == '/' || address[0] == '@')
		return KIND_UNIX;
	return address[strspn(address, "0123456789")] == '\0' ?
	    KIND_PORT :
	    KIND_ADDRESS;
}

static bool
is_known(const char *address)
{
	return strncmp(address, "vsock", 5) != 0 &&
	    (kind_of(address) != KIND_ADDRESS || strchr(address, ':') != NULL);
}

static char **
addresses_of(struct import *import, enum key key, enum kind kind)
{
	char **list = NULL;

	for (size_t i = 0; i < import->pair.socket.count; i++) {
		struct unit_line *line = &import->pair.socket.lines[i];
		char *text;

		if (!pair_is_line(line, key) ||
		    (text = pair_specify(&import->pair, line->value)) == NULL)
			continue;
		if (kind_of(text) == kind && is_known(text)) {
			line->used = true;
			strings_add(&list, text);
		}
		free(text);
	}
	return list;
}

static void
put_limits(struct import *import)
{
	const char *most = pair_value(&import->pair, KEY_MAX_CONNECTIONS);
	const char *each = pair_value(&import->pair, KEY_MAX_PER_SOURCE);
	unsigned long long number;

	/* without effect where the server accepts */
	if (!import->pair.accepts)
		return;
	if (most != NULL && parse_number(most, 0, UINT_MAX, &number) == 0 &&
	    number >= KEY_ANY_CONNECTIONS) {
		put_text(import, OPTION_INSTANCES, "unlimited");
	} else {
		put_text(import, OPTION_INSTANCES, most != NULL ? most : "64");
		fprintf(import->file, "\texcess = refuse\n");
	}
	if (each != NULL)
		put_text(import, OPTION_PER_SOURCE, each);
}

/* Plain numbers are seconds; what is none superd cannot say. */
static void
put_rate(struct import *import)
{
	struct unit_line *time = pair_find(&import->pair, KEY_TRIGGER_SECONDS);
	struct unit_line *burst = pair_find(&import->pair, KEY_TRIGGER_BURST);
	unsigned long long seconds, count;

	if (time == NULL ||
	    parse_number(time->value, 0, UINT_MAX, &seconds) != 0)
		return;
	if (seconds == 0) {
		time->used = true;
		put_text(import, OPTION_RATE, "unlimited");
	} else if (burst != NULL &&
	    parse_number(burst->value, 1, UINT_MAX, &count) == 0) {
		time->used = burst->used = true;
		fprintf(import->file, "\trate = %llu/%llus\n", count, seconds);
	}
}

/* Who may connect. */

/* Words of systemd that are no networks are left out. */
static char **
prefixes_of(const struct import *import, enum key key, char *const *words)
{
	char **list = NULL;
	struct prefix prefix;
	bool bits;

	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		if (strcmp(words[i], "localhost") == 0) {
			strings_add(&list, "127.0.0.0/8");
			strings_add(&list, "::1");
		} else if (prefix_read(words[i], &prefix, &bits) == 0)
			strings_add(&list, words[i]);
		else if (strcmp(words[i], "any") != 0) {
			fprintf(import->file,
			    "\t# left out: %s=", keys[key].name);
			write_comment(import->file, words[i]);
			fputc('\n', import->file);
		}
	return list;
}

static bool
has_word(char *const *words, const char *word)
{
	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* What is allowed passes, whatever is denied. */
static void
put_access(struct import *import)
{
	const struct output only = output_of(import, OPTION_ONLY_FROM);
	char **allow = words_of(import, KEY_ALLOW);
	char **deny = words_of(import, KEY_DENY), **list = NULL;

	if (has_word(allow, "any"))
		;
	else if (has_word(deny, "any")) {
		list = prefixes_of(import, KEY_ALLOW, allow);
		print_list(&only, list);
	} else if (deny != NULL) {
		list = prefixes_of(import, KEY_DENY, deny);
		put_list(import, OPTION_NO_ACCESS, list);
	}
	strings_free(list);
	strings_free(allow);
	strings_free(deny);
}

static void
put_flags(struct import *import)
{
	if (unit_is_yes(pair_value(&import->pair, KEY_NODELAY)))
		fprintf(import->file, "\tflags += NODELAY\n");
	if (unit_is_yes(pair_value(&import->pair, KEY_KEEPALIVE)))
		fprintf(import->file, "\tflags += KEEPALIVE\n");
}

static void
put_family(struct import *import, size_t type, enum kind kind)
{
	const char *only = pair_value(&import->pair, KEY_BIND_IPV6_ONLY);

	fprintf(import->file, "\tsocket_type = %s\n",
	    key_listens[type].socket_type);
	if (kind == KIND_UNIX || key_listens[type].protocol == NULL)
		fprintf(import->file, "\tprotocol = unix\n");
	else
		fprintf(import->file, "\tprotocol = %s\n",
		    key_listens[type].protocol);
	if (kind == KIND_PORT)
		fprintf(import->file, "\tfamily = %s\n",
		    only != NULL && strcmp(only, "ipv6-only") == 0 ?
			"ipv6" :
			"dual");
}

static void
put_section(struct import *import, size_t type, enum kind kind,
    char *const *addresses, unsigned number)
{
	const struct output out = output_of(import, OPTION_LISTEN);
	char *id = number > 1 ?
	    xasprintf("%s-%u", import->pair.name, number) :
	    xstrdup(import->pair.name);
	const char *user = pair_value(&import->pair, KEY_USER);

	fprintf(import->file, "service ");
	print_quoted(&out, id);
	fprintf(import->file, " {\n");
	put_list(import, OPTION_LISTEN, addresses);
	put_family(import, type, kind);
	fprintf(import->file, "\twait = %s\n",
	    import->pair.accepts ? "no" : "yes");
	put_program(import);
	put_text(import, OPTION_USER, user != NULL ? user : "root");
	for (enum key key = KEY_SAME; key < KEYS; key++)
		put_same(import, key, kind);
	put_words(import, KEY_ENVIRONMENT, OPTION_ENV);
	put_words(import, KEY_PASS_ENVIRONMENT, OPTION_PASSENV);
	put_flags(import);
	put_limits(import);
	put_rate(import);
	put_access(import);
	put_stderr(import);
	if (!import->pair.accepts && !is_socket_input(import))
		fprintf(import->file, "\tlisten_fds = yes\n");
	fprintf(import->file, "}\n");
	free(id);
}

static void
put_sections(struct import *import)
{
	unsigned number = 0;
	size_t sockets = 0;

	for (size_t type = 0; type < KEY_LISTENS; type++)
		for (enum kind kind = 0; kind < KINDS; kind++) {
			char **addresses = addresses_of(import,
			    key_listens[type].key, kind);

			if (addresses == NULL)
				continue;
			sockets += strings_count(addresses);
			put_section(import, type, kind, addresses, ++number);
			strings_free(addresses);
		}
	if (sockets == 0)
		fprintf(import->file, "# no socket that superd has\n");
	else if (sockets > 1 && !import->pair.accepts)
		fprintf(import->file,
		    "# systemd passes all %zu sockets to one "
		    "server; here each has its own\n",
		    sockets);
}

/* Of both units. */
static void
put_rest(const struct import *import, const struct unit *unit)
{
	static const char *const silent[] = { "Description", "Documentation",
		"Accept", "Service", "WantedBy", NULL };

	for (size_t i = 0; i < unit->count; i++) {
		const struct unit_line *line = &unit->lines[i];
		bool told = !line->used;

		for (size_t s = 0; silent[s] != NULL; s++)
			told &= strcmp(line->name, silent[s]) != 0;
		if (told)
			leave_out(import, line, "");
	}
}

/* Pairs. */

static int
import_pair(struct import *import, const char *file)
{
	char *name = xstrndup(file, strlen(file) - strlen(".socket"));
	bool found = pair_read(&import->pair, name);

	if (found) {
		fprintf(import->file, "\n# ");
		write_comment(import->file, file);
		fputc('\n', import->file);
		put_sections(import);
		put_rest(import, &import->pair.socket);
		put_rest(import, &import->pair.service);
	}
	pair_free(&import->pair);
	free(name);
	return found ? 0 : 1;
}

static int
is_socket(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name), end = strlen(".socket");

	return length > end && entry->d_name[0] != '.' &&
	    strcmp(entry->d_name + length - end, ".socket") == 0;
}

static int
tell_reports(struct reports *reports)
{
	char text[1024];
	int status = reports->count > 0;

	for (size_t i = 0; i < reports->count; i++)
		fprintf(stderr, "%s\n",
		    report_format(&reports->list[i], text, sizeof(text)));
	reports_free(reports);
	return status;
}

int
import_systemd(const char *directory, FILE *file)
{
	struct import import = { .pair.directory = directory, .file = file };
	struct dirent **list;
	int count = scandir(directory, &list, is_socket, alphasort);
	int status = 0;

	if (count < 0) {
		fprintf(stderr, "%s: %s\n", directory, strerror(errno));
		return 1;
	}
	reports_init(&import.pair.reports);
	fprintf(file, "# made of the socket units in ");
	write_comment(file, directory);
	fputc('\n', file);
	for (int i = 0; i < count; i++) {
		status |= import_pair(&import, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return status | tell_reports(&import.pair.reports);
}
