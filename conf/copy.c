/*
 * What a service and the globals point to: one table each, from which they
 * are freed, and copied into an arena.
 */
#include "conf/copy.h"

#include <stdlib.h>
#include <string.h>

#include "conf/acl.h"
#include "conf/service.h"
#include "conf/xalloc.h"

enum kind { TEXT, STRINGS, ARRAY, ACL };

/* A member that is a pointer, and whose target belongs to its struct. */
struct member {
	enum kind kind;
	size_t at;		/* offset of the member */
	size_t count;		/* ARRAY: offset of its number of elements */
	size_t size;		/* ... and the size of one */
};

#define S_TEXT(member)	{ TEXT, offsetof(struct service, member), 0, 0 }
#define S_LIST(member)	{ STRINGS, offsetof(struct service, member), 0, 0 }
#define S_ARRAY(member, number) { ARRAY, offsetof(struct service, member), \
	offsetof(struct service, number), \
	sizeof(*((struct service *)0)->member) }
#define S_ACL(member)	{ ACL, offsetof(struct service, member), 0, 0 }
#define G_TEXT(member)	{ TEXT, offsetof(struct globals, member), 0, 0 }

/* place.file and banners[] are the conf's: see conf_copy. */
static const struct member service_members[] = {
	S_TEXT(id),
	S_TEXT(name),
	S_TEXT(proto),
	S_ARRAY(endpoints, nendpoints),
	S_TEXT(interface),
	S_LIST(multicast),
	S_TEXT(internal),
	S_TEXT(redirect.host),
	S_TEXT(redirect.port),
	S_ARRAY(redirect.targets, redirect.ntargets),
	S_TEXT(command.program),
	S_LIST(command.argv),
	S_TEXT(command.user),
	S_TEXT(command.group),
	S_ARRAY(command.groups, command.ngroups),
	S_TEXT(command.home),
	S_TEXT(command.shell),
	S_LIST(command.env),
	S_LIST(command.passenv),
	S_ARRAY(command.rlimits, command.nrlimits),
	S_TEXT(command.chroot),
	S_TEXT(command.directory),
	S_LIST(access.only_from),
	S_LIST(access.no_access),
	S_ACL(access.acl),
	S_ARRAY(access.hours, access.nhours),
	S_TEXT(access.libwrap_name),
	S_TEXT(banner),
	S_TEXT(banner_success),
	S_TEXT(banner_fail),
	S_TEXT(log.path),
};

static const struct member globals_members[] = {
	G_TEXT(pid_file),
	G_TEXT(control),
	G_TEXT(control_group),
	G_TEXT(log.path),
};

enum {
	SERVICE_MEMBERS = sizeof(service_members) / sizeof(struct member),
	GLOBALS_MEMBERS = sizeof(globals_members) / sizeof(struct member)
};

/* Pointers of any type, as bytes. */

static void *
get(const void *owner, const struct member *member)
{
	void *target;

	memcpy(&target, (const char *)owner + member->at, sizeof(target));
	return target;
}

static void
set(void *owner, const struct member *member, void *target)
{
	memcpy((char *)owner + member->at, &target, sizeof(target));
}

static size_t
count_of(const void *owner, const struct member *member)
{
	size_t count;

	memcpy(&count, (const char *)owner + member->count, sizeof(count));
	return count;
}

/* Freeing. */

static void
free_members(void *owner, const struct member *members, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		void *target = get(owner, &members[i]);

		if (members[i].kind == STRINGS)
			strings_free(target);
		else if (members[i].kind == ACL)
			acl_free(target);
		else
			free(target);
	}
}

void
service_free(struct service *service)
{
	if (service == NULL)
		return;
	free_members(service, service_members, SERVICE_MEMBERS);
	free(service);
}

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	for (size_t i = 0; i < conf->count; i++)
		service_free(conf->services[i]);
	free(conf->services);
	for (size_t i = 0; i < conf->nfiles; i++)
		free(conf->files[i]);
	free(conf->files);
	for (size_t i = 0; i < conf->nbanners; i++) {
		free(conf->banners[i]->path);
		free(conf->banners[i]->bytes);
		free(conf->banners[i]);
	}
	free(conf->banners);
	free_members(&conf->globals, globals_members, GLOBALS_MEMBERS);
	free(conf);
}

/* Copying. */

/* count texts and the NULL behind them. */
static void *
copy_texts(struct arena *arena, char *const *list, size_t count)
{
	char **texts = xcalloc(count + 1, sizeof(char *));
	void *copy;

	for (size_t i = 0; i < count; i++)
		texts[i] = arena_text(arena, list[i]);
	copy = arena_share(arena, texts, (count + 1) * sizeof(char *));
	free(texts);
	return copy;
}

static void *
copy_target(struct arena *arena, const void *owner,
    const struct member *member)
{
	void *target = get(owner, member);

	if (target == NULL)
		return NULL;
	switch (member->kind) {
	case TEXT:
		return arena_text(arena, target);
	case STRINGS:
		return copy_texts(arena, target, strings_count(target));
	case ACL:
		return acl_copy(arena, target);
	case ARRAY:
		break;
	}
	return arena_share(arena, target, count_of(owner, member) *
	    member->size);
}

static void
copy_members(struct arena *arena, void *owner, const struct member *members,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		set(owner, &members[i], copy_target(arena, owner,
		    &members[i]));
}

static struct banner_text *
copy_banner(struct arena *arena, const struct banner_text *banner)
{
	struct banner_text copy;

	if (banner == NULL)
		return NULL;
	memcpy(&copy, banner, sizeof(copy));
	copy.path = arena_text(arena, banner->path);
	copy.bytes = arena_share(arena, banner->bytes, banner->length);
	return arena_share(arena, &copy, sizeof(copy));
}

static struct service *
copy_service(struct arena *arena, const struct service *service)
{
	struct service *copy = arena_take(arena, sizeof(*copy));

	/* every member first, then those that are pointers anew */
	memcpy(copy, service, sizeof(*copy));
	copy_members(arena, copy, service_members, SERVICE_MEMBERS);
	copy->room_endpoints = copy->nendpoints;
	copy->place.file = arena_text(arena, service->place.file);
	for (int i = 0; i < BANNERS; i++)
		copy->banners[i] = copy_banner(arena, service->banners[i]);
	return copy;
}

struct conf *
conf_copy(struct arena *arena, const struct conf *conf)
{
	struct conf *copy = arena_take(arena, sizeof(*copy));

	memcpy(copy, conf, sizeof(*copy));
	copy_members(arena, &copy->globals, globals_members,
	    GLOBALS_MEMBERS);
	copy->files = copy_texts(arena, conf->files, conf->nfiles);
	/* each is found from the services that send it */
	copy->banners = NULL;
	copy->nbanners = 0;
	copy->services = arena_take(arena, conf->count *
	    sizeof(struct service *));
	copy->room = copy->count;
	for (size_t i = 0; i < conf->count; i++)
		copy->services[i] = copy_service(arena, conf->services[i]);
	return copy;
}

struct reports *
reports_copy(struct arena *arena, const struct reports *reports)
{
	struct reports *copy = arena_take(arena, sizeof(*copy));

	memcpy(copy, reports, sizeof(*copy));
	copy->list = arena_take(arena, reports->count *
	    sizeof(struct report));
	copy->room = copy->count;
	for (size_t i = 0; i < reports->count; i++) {
		copy->list[i] = reports->list[i];
		copy->list[i].place.file = arena_text(arena,
		    reports->list[i].place.file);
		copy->list[i].text = arena_text(arena,
		    reports->list[i].text);
	}
	return copy;
}
