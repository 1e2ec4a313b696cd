/* Units read and written as sections. */
#include "superd/import_systemd.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/attribute.h"
#include "conf/output.h"
#include "conf/service.h"
#include "conf/unit_file.h"
#include "conf/units.h"
#include "conf/xalloc.h"

/* What the socket units of one directory become. */
struct import {
	const char *directory;
	FILE *file;
	struct reports reports;
	/* of the pair at hand */
	const char *name; /* of the socket unit, without its end */
	struct unit socket, service;
	bool accepts;
};

/* Sockets of one kind, which one section can have. */
enum kind { KIND_PORT, KIND_ADDRESS, KIND_UNIX, KINDS };

static const struct {
	const char *listen, *socktype, *protocol;
} types[] = { { "ListenStream", "stream", "tcp" },
	{ "ListenDatagram", "dgram", "udp" },
	{ "ListenSequentialPacket", "seqpacket", NULL } };

enum { TYPES = sizeof(types) / sizeof(types[0]) };

/* Files. */

static bool
exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

static bool
read_file(struct import *import, struct unit *unit, const char *path)
{
	struct source source;

	if (source_read(&source, path, false, &import->reports) != 0)
		return false;
	unit_read(unit, &source, &import->reports);
	source_free(&source);
	return true;
}

static void
read_drop_ins(struct import *import, struct unit *unit, const char *file)
{
	char *path = xasprintf("%s/%s.d", import->directory, file), *pattern;
	const struct place place = { .file = path };
	char **list;
	size_t count;

	pattern = xasprintf("%s/*.conf", path);
	if (exists(path) &&
	    source_expand(pattern, false, false, &place, &import->reports,
		&list, &count) == 0) {
		for (size_t i = 0; i < count; i++)
			read_file(import, unit, list[i]);
		source_list_free(list, count);
	}
	free(pattern);
	free(path);
}

/* False: there is none. */
static bool
read_unit(struct import *import, struct unit *unit, const char *file)
{
	char *path = xasprintf("%s/%s", import->directory, file);
	bool found = exists(path) && read_file(import, unit, path);

	free(path);
	if (found)
		read_drop_ins(import, unit, file);
	return found;
}

/* Lines. */

/* The last one counts; NULL: none. */
static struct unit_line *
find(struct unit *unit, const char *section, const char *name)
{
	for (size_t i = unit->count; i-- > 0;)
		if (strcmp(unit->lines[i].section, section) == 0 &&
		    strcmp(unit->lines[i].name, name) == 0)
			return &unit->lines[i];
	return NULL;
}

static const char *
value_of(struct unit *unit, const char *section, const char *name)
{
	struct unit_line *line = find(unit, section, name);

	if (line == NULL)
		return NULL;
	line->used = true;
	return line->value;
}

static bool
is_yes(const char *text)
{
	bool yes = false;

	return text != NULL &&
	    (strcmp(text, "1") == 0 || (parse_bool(text, &yes) == 0 && yes));
}

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

/* Specifiers, systemd.unit(5): those of the file's own name.  NULL: another
 * one is in it. */
static char *
specify(const struct import *import, const char *text)
{
	char *result = NULL;
	size_t size;
	FILE *to = open_memstream(&result, &size);
	bool known = to != NULL;

	for (; known && *text != '\0'; text++)
		if (*text != '%')
			fputc(*text, to);
		else if (*++text == '%')
			fputc('%', to);
		else if (*text == 'n' || *text == 'N' || *text == 'p')
			fprintf(to, "%s%s", import->name,
			    *text == 'n' ? ".service" : "");
		else
			known = false;
	if (to != NULL)
		fclose(to);
	if (known)
		return result;
	free(result);
	return NULL;
}

/* What says the same in both. */
struct same {
	const char *section, *name;
	enum option_id id;
};

static const struct same texts[] = {
	{ "Socket", "Backlog", OPTION_BACKLOG },
	{ "Socket", "SocketUser", OPTION_SOCKET_USER },
	{ "Socket", "SocketGroup", OPTION_SOCKET_GROUP },
	{ "Socket", "SocketMode", OPTION_SOCKET_MODE },
	{ "Socket", "BindToDevice", OPTION_INTERFACE },
	{ "Socket", "ReceiveBuffer", OPTION_RCVBUF },
	{ "Socket", "SendBuffer", OPTION_SNDBUF },
	{ "Service", "Group", OPTION_GROUP },
	{ "Service", "WorkingDirectory", OPTION_DIRECTORY },
	{ "Service", "RootDirectory", OPTION_CHROOT },
	{ "Service", "Nice", OPTION_NICE },
	{ "Service", "UMask", OPTION_UMASK },
	{ "Service", "LimitAS", OPTION_RLIMIT_AS },
	{ "Service", "LimitCORE", OPTION_RLIMIT_CORE },
	{ "Service", "LimitDATA", OPTION_RLIMIT_DATA },
	{ "Service", "LimitFSIZE", OPTION_RLIMIT_FSIZE },
	{ "Service", "LimitLOCKS", OPTION_RLIMIT_LOCKS },
	{ "Service", "LimitMEMLOCK", OPTION_RLIMIT_MEMLOCK },
	{ "Service", "LimitMSGQUEUE", OPTION_RLIMIT_MSGQUEUE },
	{ "Service", "LimitNOFILE", OPTION_RLIMIT_NOFILE },
	{ "Service", "LimitNPROC", OPTION_RLIMIT_NPROC },
	{ "Service", "LimitRSS", OPTION_RLIMIT_RSS },
	{ "Service", "LimitRTPRIO", OPTION_RLIMIT_RTPRIO },
	{ "Service", "LimitSIGPENDING", OPTION_RLIMIT_SIGPENDING },
	{ "Service", "LimitSTACK", OPTION_RLIMIT_STACK },
	{ "Service", "LimitCPU", OPTION_RLIMIT_CPU },
};

static bool
is_rlimit(enum option_id id)
{
	return id >= OPTION_RLIMIT_AS && id <= OPTION_RLIMIT_STACK;
}

/* Limits say "infinity". */
static char *
as_here(enum option_id id, const char *text)
{
	char *at, *result = xstrdup(text), *longer;

	while (is_rlimit(id) && (at = strstr(result, "infinity")) != NULL) {
		*at = '\0';
		longer = xasprintf("%sunlimited%s", result,
		    at + strlen("infinity"));
		free(result);
		result = longer;
	}
	return result;
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
put_same(struct import *import, const struct same *same, enum kind kind)
{
	struct unit *unit = strcmp(same->section, "Socket") == 0 ?
	    &import->socket :
	    &import->service;
	struct unit_line *line = find(unit, same->section, same->name);
	char *text = line != NULL ? specify(import, line->value) : NULL, *here;

	if (text == NULL || !applies(same->id, kind, text)) {
		free(text);
		return;
	}
	line->used = true;
	here = as_here(same->id, text);
	put_text(import, same->id, here);
	free(here);
	free(text);
}

/* Programs. */

/* NULL: no word.  Sets where argv[0] is a word of its own, and what else the
 * program should be. */
static char **
command_words(struct import *import, struct unit_line *line, bool *named)
{
	char *text = specify(import, line->value), **words;
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
	struct unit_line *line = find(&import->service, "Service", "ExecStart");
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

/* Each line has words of its own. */
static void
put_words(struct import *import, const char *name, enum option_id id)
{
	char **all = NULL;

	for (size_t i = 0; i < import->service.count; i++) {
		struct unit_line *line = &import->service.lines[i];
		char **words;
		bool bad;

		if (strcmp(line->section, "Service") != 0 ||
		    strcmp(line->name, name) != 0)
			continue;
		words = unit_words(line->value, &bad);
		line->used = !bad;
		for (size_t w = 0; !bad && words != NULL && words[w] != NULL;
		     w++)
			strings_add(&all, words[w]);
		strings_free(words);
	}
	put_list(import, id, all);
	strings_free(all);
}

/* By default, both are what standard input is. */
static void
put_stderr(struct import *import)
{
	const char *input = value_of(&import->service, "Service",
	    "StandardInput");
	const char *error = value_of(&import->service, "Service",
	    "StandardError");
	struct unit_line *output = find(&import->service, "Service",
	    "StandardOutput");
	bool socket = input != NULL && strcmp(input, "socket") == 0;

	if (output != NULL &&
	    (strcmp(output->value, "socket") == 0 ||
		strcmp(output->value, "inherit") == 0))
		output->used = true;
	if (error != NULL && strcmp(error, "null") == 0)
		fprintf(import->file, "\tstderr = null\n");
	else if (!socket ||
	    (error != NULL && strcmp(error, "socket") != 0 &&
		strcmp(error, "inherit") != 0))
		fprintf(import->file, "\tstderr = log\n");
	if (import->accepts && !socket)
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
addresses_of(struct import *import, const char *name, enum kind kind)
{
	char **list = NULL;

	for (size_t i = 0; i < import->socket.count; i++) {
		struct unit_line *line = &import->socket.lines[i];
		char *text;

		if (strcmp(line->section, "Socket") != 0 ||
		    strcmp(line->name, name) != 0 ||
		    (text = specify(import, line->value)) == NULL)
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
	const char *most = value_of(&import->socket, "Socket",
	    "MaxConnections");
	const char *each = value_of(&import->socket, "Socket",
	    "MaxConnectionsPerSource");

	/* without effect where the server accepts */
	if (!import->accepts)
		return;
	put_text(import, OPTION_INSTANCES, most != NULL ? most : "64");
	fprintf(import->file, "\texcess = refuse\n");
	if (each != NULL)
		put_text(import, OPTION_PER_SOURCE, each);
}

static void
put_flags(struct import *import)
{
	if (is_yes(value_of(&import->socket, "Socket", "NoDelay")))
		fprintf(import->file, "\tflags += NODELAY\n");
	if (is_yes(value_of(&import->socket, "Socket", "KeepAlive")))
		fprintf(import->file, "\tflags += KEEPALIVE\n");
}

static void
put_family(struct import *import, size_t type, enum kind kind)
{
	const char *only = value_of(&import->socket, "Socket", "BindIPv6Only");

	fprintf(import->file, "\tsocket_type = %s\n", types[type].socktype);
	if (kind == KIND_UNIX || types[type].protocol == NULL)
		fprintf(import->file, "\tprotocol = unix\n");
	else
		fprintf(import->file, "\tprotocol = %s\n",
		    types[type].protocol);
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
	    xasprintf("%s-%u", import->name, number) :
	    xstrdup(import->name);
	const char *user = value_of(&import->service, "Service", "User");

	fprintf(import->file, "service ");
	print_quoted(&out, id);
	fprintf(import->file, " {\n");
	put_list(import, OPTION_LISTEN, addresses);
	put_family(import, type, kind);
	fprintf(import->file, "\twait = %s\n", import->accepts ? "no" : "yes");
	put_program(import);
	put_text(import, OPTION_USER, user != NULL ? user : "root");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		put_same(import, &texts[i], kind);
	put_words(import, "Environment", OPTION_ENV);
	put_words(import, "PassEnvironment", OPTION_PASSENV);
	put_flags(import);
	put_limits(import);
	put_stderr(import);
	if (!import->accepts)
		fprintf(import->file, "\tlisten_fds = yes\n");
	fprintf(import->file, "}\n");
	free(id);
}

static void
put_sections(struct import *import)
{
	unsigned number = 0;
	size_t sockets = 0;

	for (size_t type = 0; type < TYPES; type++)
		for (enum kind kind = 0; kind < KINDS; kind++) {
			char **addresses = addresses_of(import,
			    types[type].listen, kind);

			if (addresses == NULL)
				continue;
			sockets += strings_count(addresses);
			put_section(import, type, kind, addresses, ++number);
			strings_free(addresses);
		}
	if (sockets == 0)
		fprintf(import->file, "# no socket that superd has\n");
	else if (sockets > 1 && !import->accepts)
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
		"Accept", "Service", NULL };

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

static bool
read_service(struct import *import)
{
	const char *named = value_of(&import->socket, "Socket", "Service");
	char *file = named != NULL && !import->accepts ?
	    xstrdup(named) :
	    xasprintf("%s%s.service", import->name, import->accepts ? "@" : "");
	bool found = strchr(file, '/') == NULL &&
	    read_unit(import, &import->service, file);

	if (!found)
		fprintf(stderr, "%s/%s.socket: %s: expected its service\n",
		    import->directory, import->name, file);
	free(file);
	return found;
}

static int
import_pair(struct import *import, const char *file)
{
	char *name = xstrndup(file, strlen(file) - strlen(".socket"));
	bool found = false;

	import->name = name;
	if (read_unit(import, &import->socket, file)) {
		import->accepts = is_yes(
		    value_of(&import->socket, "Socket", "Accept"));
		found = read_service(import);
	}
	if (found) {
		fprintf(import->file, "\n# ");
		write_comment(import->file, file);
		fputc('\n', import->file);
		put_sections(import);
		put_rest(import, &import->socket);
		put_rest(import, &import->service);
	}
	unit_free(&import->socket);
	unit_free(&import->service);
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
	struct import import = { .directory = directory, .file = file };
	struct dirent **list;
	int count = scandir(directory, &list, is_socket, alphasort);
	int status = 0;

	if (count < 0) {
		fprintf(stderr, "%s: %s\n", directory, strerror(errno));
		return 1;
	}
	reports_init(&import.reports);
	fprintf(file, "# made of the socket units in ");
	write_comment(file, directory);
	fputc('\n', file);
	for (int i = 0; i < count; i++) {
		status |= import_pair(&import, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return status | tell_reports(&import.reports);
}
