/*
 * Confs and services compared, freed, and copied into an arena: members go
 * by the table of attributes.
 */
#include "conf/copy.h"

#include <stdlib.h>
#include <string.h>

#include "conf/box.h"
#include "conf/service.h"
#include "conf/store.h"
#include "conf/type.h"

enum owner { OF_SERVICE, OF_GLOBALS, OF_BOX };

static size_t
place_in(const struct attribute *attribute, enum owner owner)
{
	if (owner == OF_BOX)
		return attribute->in_box;
	return owner == OF_GLOBALS ?
	    attribute->in_globals :
	    attribute->in_service;
}

/* Comparing. */

static bool
equal_members(const void *a, const void *b, enum owner owner)
{
	for (size_t i = 0; i < attributes_count; i++) {
		const struct attribute *attribute = &attributes[i];
		const struct store *store = attribute->type->store;
		size_t at = place_in(attribute, owner);

		if (at == NOWHERE || store->equal == NULL)
			continue;
		if (store == &store_plain ?
			!store_octets_equal(attribute, a, b, at) :
			!store->equal(attribute, a, b, at))
			return false;
	}
	return true;
}

bool
box_equal(const struct box *a, const struct box *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return equal_members(a, b, OF_BOX);
}

bool
service_equal(const struct service *a, const struct service *b)
{
	return equal_members(a, b, OF_SERVICE) &&
	    box_equal(a->command.box, b->command.box);
}

/* Freeing. */

static void
free_members(void *owner, enum owner kind)
{
	for (size_t i = 0; i < attributes_count; i++) {
		const struct attribute *attribute = &attributes[i];
		size_t at = place_in(attribute, kind);

		if (at != NOWHERE && attribute->type->store->free != NULL)
			attribute->type->store->free(attribute, owner, at);
	}
}

void
box_free(struct box *box)
{
	if (box == NULL)
		return;
	free_members(box, OF_BOX);
	free(box);
}

void
service_free(struct service *service)
{
	if (service == NULL)
		return;
	box_free(service->command.box);
	free_members(service, OF_SERVICE);
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
	free_members(&conf->globals, OF_GLOBALS);
	free(conf);
}

/* Copying. */

static void
copy_members(struct arena *arena, void *owner, enum owner kind)
{
	for (size_t i = 0; i < attributes_count; i++) {
		const struct attribute *attribute = &attributes[i];
		size_t at = place_in(attribute, kind);

		if (at != NOWHERE && attribute->type->store->copy != NULL)
			attribute->type->store->copy(arena, attribute, owner,
			    at);
	}
}

static struct box *
copy_box(struct arena *arena, const struct box *box)
{
	struct box *copy;

	if (box == NULL)
		return NULL;
	copy = arena_take(arena, sizeof(*copy));
	memcpy(copy, box, sizeof(*copy));
	copy_members(arena, copy, OF_BOX);
	return copy;
}

static struct service *
copy_service(struct arena *arena, const struct service *service)
{
	struct service *copy = arena_take(arena, sizeof(*copy));

	/* every member first, then those that are pointers anew */
	memcpy(copy, service, sizeof(*copy));
	copy_members(arena, copy, OF_SERVICE);
	copy->command.box = copy_box(arena, service->command.box);
	return copy;
}

struct conf *
conf_copy(struct arena *arena, const struct conf *conf)
{
	struct conf *copy = arena_take(arena, sizeof(*copy));

	memcpy(copy, conf, sizeof(*copy));
	copy_members(arena, &copy->globals, OF_GLOBALS);
	copy->files = arena_texts(arena, conf->files, conf->nfiles);
	/* each is found from the services that send it */
	copy->banners = NULL;
	copy->nbanners = 0;
	copy->services = arena_take(arena,
	    conf->count * sizeof(struct service *));
	for (size_t i = 0; i < conf->count; i++)
		copy->services[i] = copy_service(arena, conf->services[i]);
	return copy;
}

struct reports *
reports_copy(struct arena *arena, const struct reports *reports)
{
	struct reports *copy = arena_take(arena, sizeof(*copy));

	memcpy(copy, reports, sizeof(*copy));
	copy->list = arena_take(arena, reports->count * sizeof(struct report));
	for (size_t i = 0; i < reports->count; i++) {
		copy->list[i] = reports->list[i];
		copy->list[i].place.file = arena_text(arena,
		    reports->list[i].place.file);
		copy->list[i].text = arena_text(arena, reports->list[i].text);
	}
	return copy;
}
