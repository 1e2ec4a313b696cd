/*
 * Ids of xinetd.conf: which of its entries run by them, and one for each
 * service.
 */
#include "conf/xinetd.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/service.h"
#include "conf/xalloc.h"

/* Which entries run. */

const struct line *
entry_line(const struct xentry *entry, const struct xattribute *attribute)
{
	for (size_t i = entry->count; i > 0; i--)
		if (entry->lines[i - 1].attribute == attribute)
			return &entry->lines[i - 1];
	return NULL;
}

const char *
xinetd_entry_id(const struct xentry *entry)
{
	const struct line *line = entry_line(entry, xattribute_find("id"));

	return line != NULL && line->values[0][0] != '\0' ?
	    line->values[0] :
	    entry->name;
}

/* As for xinetd, in any case. */
static bool
is_listed(char *const *list, const char *id)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		if (strcasecmp(list[i], id) == 0)
			return true;
	return false;
}

static bool
is_entry(const struct xinetd *xinetd, const char *id)
{
	for (size_t i = 0; i < xinetd->count; i++)
		if (strcasecmp(xinetd->entries[i].id, id) == 0)
			return true;
	return false;
}

static void
switch_word(struct xinetd *xinetd, char ***list, const struct line *line,
    const char *id)
{
	const char *name = line->attribute->name;

	if (line->how != OP_REMOVE) {
		strings_add(list, id);
		if (!is_entry(xinetd, id))
			report_add(xinetd->loader->reports, REPORT_WARNING,
			    &line->place, "%s: no service has id %s", name, id);
	} else if (!strings_remove(*list, id))
		report_add(xinetd->loader->reports, REPORT_WARNING,
		    &line->place, "%s: %s is not in the list", name, id);
}

char **
xinetd_switch_list(struct xinetd *xinetd, const char *name)
{
	const struct xattribute *attribute = xattribute_find(name);
	char **list = NULL;

	for (size_t i = 0; i < xinetd->defaults.count; i++) {
		const struct line *line = &xinetd->defaults.lines[i];

		if (line->attribute != attribute)
			continue;
		if (list == NULL)
			list = xcalloc(1, sizeof(char *));
		for (size_t v = 0; line->values[v] != NULL; v++)
			switch_word(xinetd, &list, line, line->values[v]);
	}
	return list;
}

/* "disable = yes" wins over "enabled". */
bool
xinetd_is_disabled(const struct xentry *entry, char *const *enabled,
    char *const *disabled)
{
	const struct line *line = entry_line(entry, xattribute_find("disable"));

	return (line != NULL && strcasecmp(line->values[0], "yes") == 0) ||
	    (enabled != NULL && !is_listed(enabled, entry->id)) ||
	    is_listed(disabled, entry->id);
}

/* One for each. */

static bool
is_same_socket(const struct service *a, const struct service *b)
{
	if (a->port != b->port || a->protocol != b->protocol ||
	    a->rpc.program != b->rpc.program || a->nendpoints != b->nendpoints)
		return false;
	for (size_t i = 0; i < a->nendpoints; i++)
		if (!addr_equal(&a->endpoints[i].addr, &b->endpoints[i].addr))
			return false;
	return true;
}

/* What an id is called where it is taken already. */
static char *
longer_id(const struct service *service, bool with_address)
{
	char text[ADDR_TEXT];

	if (!with_address)
		return xasprintf("%s/%s", service->id, service->proto);
	if (service->nendpoints == 0)
		return NULL;
	return xasprintf("%s/%s:%s", service->id, service->proto,
	    addr_print(&service->endpoints[0].addr, text, sizeof(text)));
}

static bool
is_taken(const struct by_id *claims, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(claims[i].service->id, id) == 0)
			return true;
	return false;
}

/* xinetd lets services of different sockets have one id, as stream and
 * datagram often do.  Ids are names here: the later ones get longer. */
static void
rename_service(struct loader *loader, struct by_id *group, size_t i)
{
	struct service *service = group[i].service;
	const struct service *first = group[0].service;
	char *id = longer_id(service,
	    strcmp(service->proto, first->proto) == 0);

	if (id != NULL && is_taken(group, i, id)) {
		free(id);
		id = longer_id(service, true);
	}
	if (id == NULL)
		return;
	report_add(loader->reports, REPORT_WARNING, &service->place,
	    "id %s is already taken at %s:%u: this service is called %s",
	    service->id, first->place.file, first->place.line, id);
	free(service->id);
	service->id = id;
}

void
xinetd_make_ids_differ(struct loader *loader, size_t from)
{
	const struct conf *conf = loader->conf;
	size_t count;
	struct by_id *claims = conf_by_id(conf, from, &count), *group = claims;

	for (size_t i = 1; i < count; i++) {
		if (strcmp(group->service->id, claims[i].service->id) != 0)
			group = &claims[i];
		else if (!is_same_socket(group->service, claims[i].service))
			rename_service(loader, group,
			    (size_t)(&claims[i] - group));
	}
	free(claims);
}
