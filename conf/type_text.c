/* Texts, lists of them, and what only some of them may say. */
#include "conf/type.h"

#include <stdlib.h>
#include <string.h>

#include "conf/access.h"
#include "conf/build.h"
#include "conf/multicast.h"
#include "conf/output.h"
#include "conf/service.h"
#include "conf/store.h"
#include "conf/xalloc.h"

static void
print_a_text(const struct output *out, const void *value)
{
	print_text(out, *(char *const *)value);
}

static bool
parse_text(const char *text, void *target)
{
	if (text[0] != '\0')
		set_text(target, text);
	return text[0] != '\0';
}

const struct type type_text = PARSED(&store_text, print_a_text, parse_text,
    "a non-empty string");

const struct type type_word = KEPT(&store_text, print_a_text);

const struct type type_title = PARSED(&store_text, NULL, parse_text,
    "a non-empty string");

/* What a section without this option is called. */
static bool
name_is_id(const struct service *service)
{
	return strcmp(service->name, service->id) == 0 &&
	    (service->id[0] == '/' || service->id[0] == '@' ||
		strchr(service->id, '/') == NULL);
}

static void
print_service_name(const struct output *out, const void *value)
{
	if (!name_is_id(out->service))
		print_a_text(out, value);
}

const struct type type_name = PARSED(&store_text, print_service_name,
    parse_text, "a non-empty string");

static bool
parse_path(const char *text, void *target)
{
	return text[0] == '/' && parse_text(text, target);
}

const struct type type_path = PARSED(&store_text, print_a_text, parse_path,
    "an absolute path");

static bool
parse_state_file(const char *text, void *target)
{
	return strcmp(text, "none") == 0 ?
	    parse_text(text, target) :
	    parse_path(text, target);
}

const struct type type_state_file = PARSED(&store_text, print_a_text,
    parse_state_file, "an absolute path, or none");

/* An address is what other options have. */
static bool
parse_device(const char *text, void *target)
{
	struct addr addr;

	return addr_parse_host(text, 0, &addr) != 0 && parse_text(text, target);
}

const struct type type_device = PARSED(&store_text, print_a_text, parse_device,
    "the name of a network device; bind sets an address");

/* Its number stands behind it. */
static void
set_control_group(struct build *build, void *target)
{
	struct control_group *group = target;
	gid_t gid;

	type_set_parsed(build, target);
	group->gid = (gid_t)-1;
	if (build->bad)
		return;
	if (names_group(build->loader->context->names, group->name, &gid) == 0)
		group->gid = gid;
	else
		report_add(build->loader->reports, REPORT_UNSERVABLE,
		    &build->setting->values[0].place, "%s: unknown group %s",
		    build->attribute->name, group->name);
}

const struct type type_control_group = { .store = &store_text,
	.set = set_control_group,
	.print = print_a_text,
	.parse = parse_text,
	.wants = "a non-empty string" };

/* A sensor has one that nobody asked for. */
static void
print_internal(const struct output *out, const void *value)
{
	if (!out->service->sensor)
		print_a_text(out, value);
}

const struct type type_internal = KEPT(&store_text, print_internal);

/* Lists. */

static void
print_a_list(const struct output *out, const void *value)
{
	char *const *list = *(char *const *const *)value;

	if (list != NULL)
		print_list(out, list);
}

static bool
parse_multicast(const char *text, void *target)
{
	struct membership membership;

	if (membership_parse(text, &membership) != 0)
		return false;
	strings_add(target, text);
	return true;
}

const struct type type_multicast = PARSED(&store_list, print_a_list,
    parse_multicast,
    "a multicast address as GROUP, GROUP@INTERFACE or GROUP from "
    "SOURCE");

static bool
parse_env(const char *text, void *target)
{
	const char *equals = strchr(text, '=');

	if (equals == NULL || equals == text)
		return false;
	strings_add(target, text);
	return true;
}

const struct type type_env = PARSED(&store_list, print_a_list, parse_env,
    "NAME=value");

/* Some never pass, whoever asks for them. */
static void
check_passes(struct build *build, const struct value *name)
{
	char *variable = xasprintf("%s=", name->text);

	if (!variable_may_pass(variable))
		build_warn(build, &name->place,
		    "passenv: %s is never passed: it is for superd itself "
		    "or for the dynamic loader",
		    name->text);
	free(variable);
}

static bool
parse_passenv(const char *text, void *target)
{
	if (text[0] == '\0' || strchr(text, '=') != NULL)
		return false;
	strings_add(target, text);
	return true;
}

static void
set_passenv(struct build *build, void *target)
{
	build->service->command.passenv_set = true;
	type_set_parsed(build, target);
	for (size_t i = 0; i < build->setting->count; i++)
		check_passes(build, &build->setting->values[i]);
}

static void
print_passenv(const struct output *out, const void *value)
{
	if (out->service->command.passenv_set)
		print_list(out, *(char *const *const *)value);
}

const struct type type_passenv = { .store = &store_list,
	.set = set_passenv,
	.print = print_passenv,
	.parse = parse_passenv,
	.wants = "the name of a variable" };

static bool
parse_paths(const char *text, void *target)
{
	if (text[0] != '/')
		return false;
	strings_add(target, text);
	return true;
}

/* Instead of those that a set of a box has. */
static void
set_paths(struct build *build, void *target)
{
	char ***paths = target;

	strings_free(*paths);
	*paths = NULL;
	type_set_parsed(build, target);
}

const struct type type_paths = { .store = &store_list,
	.set = set_paths,
	.print = print_a_list,
	.parse = parse_paths,
	.wants = "an absolute path" };

void
addresses_take(struct build *build, char ***list)
{
	for (size_t i = 0; i < build->setting->count; i++) {
		const struct value *value = &build->setting->values[i];
		const char *wrong = access_wrong(value->text);

		if (wrong != NULL) {
			build_fail(build, false, &value->place, "%s: %s",
			    value->text, wrong);
			continue;
		}
		strings_add(list, value->text);
		if (access_has_host_bits(value->text))
			build_warn(build, &value->place,
			    "%s: the bits after the prefix have no effect",
			    value->text);
	}
}

static void
set_addresses(struct build *build, void *target)
{
	addresses_take(build, target);
}

const struct type type_addresses = {
	.store = &store_list, .set = set_addresses, .print = print_a_list
};

static void
set_only_from(struct build *build, void *target)
{
	build->service->access.only_from_set = true;
	set_addresses(build, target);
}

static void
print_only_from(const struct output *out, const void *value)
{
	if (out->service->access.only_from_set)
		print_list(out, *(char *const *const *)value);
}

const struct type type_only_from = {
	.store = &store_list, .set = set_only_from, .print = print_only_from
};
