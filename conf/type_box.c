/* What boxes are made of: conf/box.h. */
#include "conf/type.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/box.h"
#include "conf/build.h"
#include "conf/choice.h"
#include "conf/output.h"
#include "conf/service.h"
#include "conf/store.h"
#include "conf/units.h"

/* Sets of members.  What an entry or its defaults say one by one comes later,
 * and goes before. */

enum {
	CTF_TMP_SIZE = 16 << 20,
	CTF_MEMORY = 256 << 20,
	CTF_TASKS = 64,
	CTF_PERCENT = 100
};

static void
make_service_box(struct box *box)
{
	box->no_new_privs = true;
	box->private_tmp = true;
	box->private_ipc = true;
	strings_add(&box->read_only, "/");
}

static void
make_ctf_box(struct box *box)
{
	make_service_box(box);
	box->capabilities.set = true;
	box->private_net = true;
	box->private_pid = true;
	box->tmp_size = CTF_TMP_SIZE;
	box->memory_max = CTF_MEMORY;
	box->pids_max = CTF_TASKS;
	box->cpu_max = CTF_PERCENT;
}

static void
set_box(struct build *build, void *target)
{
	enum { NONE, SERVICE, CTF };
	static const struct choice sets[] = { { "none", NONE, LACK_NONE },
		{ "service", SERVICE, LACK_NONE }, { "ctf", CTF, LACK_NONE },
		{ NULL, 0, LACK_NONE } };
	unsigned which = NONE;

	(void)target;
	if (!choice_take(build, sets, &which))
		return;
	if (which == SERVICE)
		make_service_box(build->service->command.box);
	else if (which == CTF)
		make_ctf_box(build->service->command.box);
}

/* The box itself. */
const struct type type_box = KEPT(&store_box, NULL);

const struct type type_box_set = SET(&store_unseen, NULL, set_box);

/* Capabilities. */

static void
set_capabilities(struct build *build, void *target)
{
	struct box_capabilities *capabilities = target;

	capabilities->set = true;
	capabilities->bits = 0;
	for (size_t i = 0; i < build->setting->count; i++) {
		int number = capability_number(build->setting->values[i].text);

		if (number < 0)
			build_wants(build, i,
			    "a capability such as NET_BIND_SERVICE");
		else
			capabilities->bits |= UINT64_C(1) << number;
	}
}

static void
print_capabilities(const struct output *out, const void *value)
{
	const struct box_capabilities *capabilities = value;
	const char *before = "", *name;

	if (!capabilities->set)
		return;
	print_name(out);
	fputc('{', out->file);
	for (unsigned i = 0; (name = capability_name(i)) != NULL; i++)
		if (capabilities->bits & UINT64_C(1) << i) {
			fprintf(out->file, "%s%s", before, name);
			before = ", ";
		}
	fputs("}\n", out->file);
}

const struct type type_capabilities = { .store = &store_plain,
	.set = set_capabilities,
	.print = print_capabilities };

/* System calls: those that are allowed, or with "~" those that are not. */

static void
set_syscalls(struct build *build, void *target)
{
	struct box *box = build->service->command.box;
	char ***names = target;

	strings_free(*names);
	*names = NULL;
	box->syscalls_set = true;
	for (size_t i = 0; i < build->setting->count; i++) {
		const char *text = build->setting->values[i].text;
		bool denied = text[0] == '~';

		if (i == 0)
			box->denies = denied;
		if (denied != box->denies || text[denied] == '\0')
			build_wants(build, i,
			    "system calls, each or none with ~ in front");
		else
			strings_add(names, text + denied);
	}
}

static void
print_syscalls(const struct output *out, const void *value)
{
	const struct box *box = out->service->command.box;
	char *const *names = *(char *const *const *)value;
	const char *before = "";

	if (!box->syscalls_set)
		return;
	print_name(out);
	fputc('{', out->file);
	for (; names != NULL && *names != NULL; names++) {
		char *text = xasprintf("%s%s", box->denies ? "~" : "", *names);

		fputs(before, out->file);
		print_quoted(out, text);
		free(text);
		before = ", ";
	}
	fputs("}\n", out->file);
}

const struct type type_syscalls = {
	.store = &store_list, .set = set_syscalls, .print = print_syscalls
};
const struct type type_filter = KEPT(&store_filter, NULL);

/* Limits of control groups; 0: none. */

enum { TASKS_MOST = 1 << 22, WEIGHT_MOST = 10000, PERCENT_MOST = 100000 };

static bool
take_number(const char *text, unsigned most, void *target)
{
	unsigned long long value;

	if (parse_number(text, 1, most, &value) != 0)
		return false;
	*(unsigned *)target = (unsigned)value;
	return true;
}

static bool
parse_tasks(const char *text, void *target)
{
	return take_number(text, TASKS_MOST, target);
}

static bool
parse_weight(const char *text, void *target)
{
	return take_number(text, WEIGHT_MOST, target);
}

static bool
parse_percent(const char *text, void *target)
{
	size_t length = strlen(text);
	char *number;
	bool good;

	if (length == 0 || text[length - 1] != '%')
		return false;
	number = xstrndup(text, length - 1);
	good = take_number(number, PERCENT_MOST, target);
	free(number);
	return good;
}

static void
print_number(const struct output *out, const void *value)
{
	unsigned number = *(const unsigned *)value;

	if (number != 0)
		print_line(out, "%u", number);
}

static void
print_percent(const struct output *out, const void *value)
{
	unsigned number = *(const unsigned *)value;

	if (number != 0)
		print_line(out, "%u%%", number);
}

const struct type type_tasks = PARSED(&store_plain, print_number, parse_tasks,
    "a number from 1 to 4194304");
const struct type type_weight = PARSED(&store_plain, print_number, parse_weight,
    "a number from 1 to 10000");
const struct type type_percent = PARSED(&store_plain, print_percent,
    parse_percent, "a part of one processor such as 50%");

/* Who is ended first. */

enum { OOM_MOST = 1000 };

static bool
parse_oom(const char *text, void *target)
{
	struct box_oom *oom = target;
	bool minus = text[0] == '-';
	unsigned long long value;

	if (parse_number(minus ? text + 1 : text, 0, OOM_MOST, &value) != 0)
		return false;
	oom->set = true;
	oom->adjust = minus ? -(int)value : (int)value;
	return true;
}

static void
print_oom(const struct output *out, const void *value)
{
	const struct box_oom *oom = value;

	if (oom->set)
		print_line(out, "%d", oom->adjust);
}

const struct type type_oom = PARSED(&store_plain, print_oom, parse_oom,
    "a number from -1000 to 1000");

/* Processors: "3", "0-2". */

static bool
has_cpu(const struct box_cpus *cpus, unsigned cpu)
{
	return cpu < BOX_CPUS_MAX &&
	    (cpus->bits[cpu / 64] & UINT64_C(1) << cpu % 64) != 0;
}

static bool
parse_cpus(const char *text, void *target)
{
	const char *dash = strchr(text, '-');
	char *first = dash != NULL ?
	    xstrndup(text, (size_t)(dash - text)) :
	    xstrdup(text);
	struct box_cpus *cpus = target;
	unsigned long long from, to;
	bool good = parse_number(first, 0, BOX_CPUS_MAX - 1, &from) == 0;

	free(first);
	if (!good)
		return false;
	to = from;
	if (dash != NULL &&
	    parse_number(dash + 1, from, BOX_CPUS_MAX - 1, &to) != 0)
		return false;
	for (; from <= to; from++)
		cpus->bits[from / 64] |= UINT64_C(1) << from % 64;
	return true;
}

static void
set_cpus(struct build *build, void *target)
{
	memset(target, 0, sizeof(struct box_cpus));
	type_set_parsed(build, target);
}

static void
print_cpus(const struct output *out, const void *value)
{
	const struct box_cpus *cpus = value;
	const char *before = "{";

	for (unsigned i = 0, last; i < BOX_CPUS_MAX; i = last + 1) {
		last = i;
		if (!has_cpu(cpus, i))
			continue;
		while (has_cpu(cpus, last + 1))
			last++;
		if (before[0] == '{')
			print_name(out);
		fprintf(out->file, last > i ? "%s%u-%u" : "%s%u", before, i,
		    last);
		before = ", ";
	}
	if (before[0] != '{')
		fputs("}\n", out->file);
}

const struct type type_cpus = { .store = &store_plain,
	.set = set_cpus,
	.print = print_cpus,
	.parse = parse_cpus,
	.wants = "processors such as 0 or 2-3" };
