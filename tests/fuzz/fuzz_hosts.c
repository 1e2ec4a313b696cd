/*
 * hosts.allow and hosts.deny, whatever is in them: what may refuse is found,
 * wherever it stands and however its lines are folded; nothing that can refuse
 * nobody is taken for it.
 */
#include "superd/policy/hosts_access.h"

#include <sys/mman.h>

#include <stdio.h>
#include <unistd.h>

#include "tests/fuzz/input.h"

enum { PATH = 32 };

struct text {
	const char *bytes;
	size_t length;
};

static const struct text nothing = { "", 0 };

static int
file_of(const struct text *text, char path[PATH])
{
	int fd = memfd_create("hosts", MFD_CLOEXEC);

	must(fd >= 0);
	must(write(fd, text->bytes, text->length) == (ssize_t)text->length);
	snprintf(path, PATH, "/proc/self/fd/%d", fd);
	return fd;
}

static bool
refuse(const struct text *allow, const struct text *deny)
{
	char allow_path[PATH], deny_path[PATH];
	int allow_fd = file_of(allow, allow_path);
	int deny_fd = file_of(deny, deny_path);
	bool result = hosts_files_refuse(allow_path, deny_path);

	close(allow_fd);
	close(deny_fd);
	return result;
}

/* With another text put in at a place.  bytes: malloc'd. */
static struct text
with(const struct text *text, size_t at, const char *more)
{
	size_t length = strlen(more);
	char *bytes = malloc(text->length + length + 1);

	must(bytes != NULL);
	memcpy(bytes, text->bytes, at);
	memcpy(bytes + at, more, length);
	memcpy(bytes + at + length, text->bytes + at, text->length - at);
	return (struct text){ bytes, text->length + length };
}

/* Does it say the same in hosts.allow, or in hosts.deny, as before? */
static void
must_stay(const struct text *text, size_t at, const char *more, bool allow,
    bool deny)
{
	struct text other = with(text, at, more);

	must(refuse(&other, &nothing) == allow);
	must(refuse(&nothing, &other) == deny);
	free((char *)other.bytes);
}

static void
must_refuse(const struct text *text, const char *more, bool allow)
{
	struct text other = with(text, text->length, more);

	must(refuse(allow ? &other : &nothing, allow ? &nothing : &other));
	free((char *)other.bytes);
}

/* Between a backslash and its newline it would be another text. */
static bool
may_fold(const struct text *text, size_t at)
{
	return at == 0 || text->bytes[at - 1] != '\\';
}

/* None of it, wherever it is folded: a rule has a colon, and so has what
 * refuses, besides its word. */
static bool
is_harmless(const struct text *text, bool allow)
{
	static const char *const words[] = { "deny", "twist", "aclexec" };
	char *whole = malloc(text->length + 1);
	size_t n = 0;
	bool found;

	must(whole != NULL);
	for (size_t i = 0; i < text->length; i++) {
		if (i + 1 < text->length && text->bytes[i] == '\\' &&
		    text->bytes[i + 1] == '\n')
			i++;
		else if (text->bytes[i] != '\0')
			whole[n++] = text->bytes[i];
	}
	whole[n] = '\0';
	found = strchr(whole, ':') != NULL;
	for (size_t i = 0; found && allow && i < 3; i++)
		if (strcasestr(whole, words[i]) != NULL)
			allow = false;
	free(whole);
	return !found || allow;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	size_t at = input_byte(&input);
	struct text text;
	bool allow, deny;

	text.bytes = (const char *)input.at;
	text.length = input.left;
	at = text.length > 0 ? at * text.length / 256 : 0;
	allow = refuse(&text, &nothing);
	deny = refuse(&nothing, &text);
	must(refuse(&text, &text) == (allow || deny));
	/* what is no rule cannot name an option */
	must(deny || !allow);
	must(!allow || !is_harmless(&text, true));
	must(!deny || !is_harmless(&text, false));
	must_stay(&text, 0, "# ALL: ALL: deny\n", allow, deny);
	if (may_fold(&text, at))
		must_stay(&text, at, "\\\n", allow, deny);
	must_refuse(&text, "\n\nALL: ALL\n", false);
	must_refuse(&text, "\n\nsshd: .example.org: DENY\n", true);
	must_refuse(&text, "\n\nsshd: ALL: tw\\\nist /bin/echo", true);
	return 0;
}
