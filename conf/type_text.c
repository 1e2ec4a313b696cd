/* Texts, lists of them, and what only some of them may say. */
#include "conf/type.h"

#include <stdlib.h>
#include <string.h>

#include "conf/multicast.h"
#include "conf/output.h"
#include "conf/access.h"
#include "conf/service.h"
#include "conf/build.h"
#include "conf/xalloc.h"

static void
print_a_text(const struct output *out, const struct attribute *attribute,
    const void *value)
{
	print_text(out, attribute->name, *(char *const *)value);
}

static void
set_a_text(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	char **text = target;

	if (setting->values[0].text[0] == '\0') {
		build_refuse(build, &setting->values[0].place,
		    "%s: a text was expected", attribute->name);
		return;
	}
	set_text(text, setting->values[0].text);
}

const struct type type_text = { &store_text, set_a_text, print_a_text };

const struct type type_word = { &store_text, NULL, print_a_text };

const struct type type_title = { &store_text, set_a_text, NULL };

/* What a section without this option is called. */
static bool
name_is_id(const struct service *service)
{
	return strcmp(service->name, service->id) == 0 &&
	    (service->id[0] == '/' || service->id[0] == '@' ||
		strchr(service->id, '/') == NULL);
}

static void
print_service_name(const struct output *out, const struct attribute *attribute,
    const void *value)
{
	if (!name_is_id(out->service))
		print_a_text(out, attribute, value);
}

const struct type type_name = { &store_text, set_a_text, print_service_name };

static void
set_path(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	if (setting->values[0].text[0] != '/')
		build_wants(build, attribute, setting, 0, "an absolute path");
	else
		set_a_text(build, attribute, setting, target);
}

const struct type type_path = { &store_text, set_path, print_a_text };

static void
set_device(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	struct addr addr;

	if (addr_parse_host(setting->values[0].text, 0, &addr) == 0)
		build_refuse(build, &setting->values[0].place,
		    "interface %s: the "
		    "name of a network device was expected; an address is "
		    "set with bind",
		    setting->values[0].text);
	else
		set_a_text(build, attribute, setting, target);
}

const struct type type_device = { &store_text, set_device, print_a_text };

static void
set_control_group(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	struct globals *globals = build->globals;
	gid_t gid;

	set_a_text(build, attribute, setting, target);
	globals->control_gid = (gid_t)-1;
	if (build->bad)
		return;
	if (names_group(build->loader->context->names, globals->control_group,
		&gid) == 0)
		globals->control_gid = gid;
	else
		report_add(build->loader->reports, REPORT_UNSERVABLE,
		    &setting->values[0].place, "%s: unknown group %s",
		    attribute->name, globals->control_group);
}

const struct type type_control_group = { &store_text, set_control_group,
	print_a_text };

/* A sensor has one that nobody asked for. */
static void
print_internal(const struct output *out, const struct attribute *attribute,
    const void *value)
{
	if (!out->service->sensor)
		print_a_text(out, attribute, value);
}

const struct type type_internal = { &store_text, NULL, print_internal };

/* Lists. */

static void
print_a_list(const struct output *out, const struct attribute *attribute,
    const void *value)
{
	char *const *list = *(char *const *const *)value;

	if (list != NULL)
		print_list(out, attribute->name, list);
}

static void
set_list(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	char ***list = target;

	(void)build;
	(void)attribute;
	for (size_t i = 0; i < setting->count; i++)
		strings_add(list, setting->values[i].text);
}

static void
set_multicast(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	struct membership membership;

	for (size_t i = 0; i < setting->count; i++)
		if (membership_parse(setting->values[i].text, &membership) !=
		    0) {
			build_wants(build, attribute, setting, i,
			    "a multicast "
			    "address as GROUP, GROUP@INTERFACE or GROUP from "
			    "SOURCE");
			return;
		}
	set_list(build, attribute, setting, target);
}

const struct type type_multicast = { &store_list, set_multicast, print_a_list };

static void
set_env(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	for (size_t i = 0; i < setting->count; i++) {
		const char *equals = strchr(setting->values[i].text, '=');

		if (equals == NULL || equals == setting->values[i].text) {
			build_wants(build, attribute, setting, i, "NAME=value");
			return;
		}
	}
	set_list(build, attribute, setting, target);
}

const struct type type_env = { &store_list, set_env, print_a_list };

/* Some never pass, whoever asks for them. */
static void
check_passes(struct build *build, const struct value *name)
{
	char *variable = xasprintf("%s=", name->text);

	if (!variable_may_pass(variable))
		build_warn(build, &name->place,
		    "passenv: %s never passes: it is meant for superd "
		    "itself, or for the dynamic loader",
		    name->text);
	free(variable);
}

static void
set_passenv(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	for (size_t i = 0; i < setting->count; i++)
		if (setting->values[i].text[0] == '\0' ||
		    strchr(setting->values[i].text, '=') != NULL) {
			build_wants(build, attribute, setting, i,
			    "the name of a variable");
			return;
		}
	build->service->command.passenv_set = true;
	for (size_t i = 0; i < setting->count; i++)
		check_passes(build, &setting->values[i]);
	set_list(build, attribute, setting, target);
}

static void
print_passenv(const struct output *out, const struct attribute *attribute,
    const void *value)
{
	if (out->service->command.passenv_set)
		print_list(out, attribute->name, *(char *const *const *)value);
}

const struct type type_passenv = { &store_list, set_passenv, print_passenv };

static void
set_addresses(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	(void)attribute;
	for (size_t i = 0; i < setting->count; i++) {
		const struct value *value = &setting->values[i];
		const char *wrong = access_wrong(value->text);

		if (wrong != NULL) {
			build_fail(build, false, &value->place, "%s: %s",
			    value->text, wrong);
			continue;
		}
		strings_add(target, value->text);
		if (access_has_host_bits(value->text))
			build_warn(build, &value->place,
			    "%s: the bits behind the prefix have no effect",
			    value->text);
	}
}

const struct type type_addresses = { &store_list, set_addresses, print_a_list };

static void
set_only_from(struct build *build, const struct attribute *attribute,
    const struct setting *setting, void *target)
{
	build->service->access.only_from_set = true;
	set_addresses(build, attribute, setting, target);
}

static void
print_only_from(const struct output *out, const struct attribute *attribute,
    const void *value)
{
	if (out->service->access.only_from_set)
		print_list(out, attribute->name, *(char *const *const *)value);
}

const struct type type_only_from = { &store_list, set_only_from,
	print_only_from };
