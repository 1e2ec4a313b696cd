/*
 * Confs and services compared, freed, and copied into an arena: members go
 * by the table of attributes.
 */
#include "conf/copy.h"

#include <stdlib.h>
#include <string.h>

#include "conf/service.h"
#include "conf/store.h"
#include "conf/type.h"

static size_t
place_in(const struct attribute *attribute, bool globals)
{
	return globals ? attribute->in_globals : attribute->in_service;
}

/* Comparing. */

bool
service_equal(const struct service *a, const struct service *b)
{
	for (size_t i = 0; i < attributes_count; i++) {
		const struct attribute *attribute = &attributes[i];
		const struct store *store = attribute->type->store;
		size_t at = attribute->in_service;

		if (at == NOWHERE || store->equal == NULL)
			continue;
		if (store == &store_plain ?
			!store_octets_equal(attribute, a, b, at) :
			!store->equal(attribute, a, b, at))
			return false;
	}
	return true;
}

/* Freeing. */

static void
free_members(void *owner, bool globals)
{
	for (size_t i = 0; i < attributes_count; i++) {
		const struct attribute *attribute = &attributes[i];
		size_t at = place_in(attribute, globals);

		if (at != NOWHERE && attribute->type->store->free != NULL)
			attribute->type->store->free(attribute, owner, at);
	}
}

void
service_free(struct service *service)
{
	if (service == NULL)
		return;
	free_members(service, false);
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
	free_members(&conf->globals, true);
	free(conf);
}

/* Copying. */

static void
copy_members(struct arena *arena, void *owner, bool globals)
{
	for (size_t i = 0; i < attributes_count; i++) {
		const struct attribute *attribute = &attributes[i];
		size_t at = place_in(attribute, globals);

		if (at != NOWHERE && attribute->type->store->copy != NULL)
			attribute->type->store->copy(arena, attribute, owner,
			    at);
	}
}

static struct service *
copy_service(struct arena *arena, const struct service *service)
{
	struct service *copy = arena_take(arena, sizeof(*copy));

	/* every member first, then those that are pointers anew */
	memcpy(copy, service, sizeof(*copy));
	copy_members(arena, copy, false);
	return copy;
}

struct conf *
conf_copy(struct arena *arena, const struct conf *conf)
{
	struct conf *copy = arena_take(arena, sizeof(*copy));

	memcpy(copy, conf, sizeof(*copy));
	copy_members(arena, &copy->globals, true);
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
