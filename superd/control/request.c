/* What most commands begin with. */
#include "superd/control/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/report.h"
#include "conf/service.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"

enum control_exit
request_refuse(struct request *request, enum control_exit status,
    const char *fmt, ...)
{
	char message[CONTROL_LINE_MAX + 256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	text_add(&request->text, "%s\n", message);
	request->error = true;
	return status;
}

/* The only one whose id begins with this; or the one that it is a whole part
 * of: 21 is 21/tcp, though there is 2100/tcp, too. */
static struct running *
find_beginning(struct superd *superd, const char *word)
{
	size_t length = strlen(word), count = 0, parts = 0;
	struct running *running, *found = NULL, *part = NULL;

	for (running = running_first(superd); running != NULL;
	     running = running_next(running)) {
		if (strncmp(running->id, word, length) != 0)
			continue;
		count++;
		found = running;
		if (running->id[length] != '/')
			continue;
		parts++;
		part = running;
	}
	return count == 1 ? found : parts == 1 ? part : NULL;
}

enum { SHOWN_IDS = 5 };

/* Some of several ids that begin so; false: there is none. */
static bool
list_beginnings(struct superd *superd, const char *word, char *buf, size_t size)
{
	size_t count = 0, used = 0;
	struct running *running;

	for (running = running_first(superd); running != NULL;
	     running = running_next(running)) {
		if (strncmp(running->id, word, strlen(word)) != 0)
			continue;
		if (count++ < SHOWN_IDS && used < size)
			used += (size_t)snprintf(buf + used, size - used,
			    "%s%s", count > 1 ? ", " : "", running->id);
	}
	if (count > SHOWN_IDS && used < size)
		snprintf(buf + used, size - used, ", ...");
	return count > 0;
}

/* malloc'd, and the last is NULL; or NULL. */
static const char **
all_ids(struct superd *superd)
{
	size_t count = 0;
	const char **ids;
	struct running *running;

	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		count++;
	ids = reallocarray(NULL, count + 1, sizeof(*ids));
	if (ids == NULL)
		return NULL;
	count = 0;
	for (running = running_first(superd); running != NULL;
	     running = running_next(running))
		ids[count++] = running->id;
	ids[count] = NULL;
	return ids;
}

/* An entry of the configuration that is left out. */
static const struct service *
find_unservable(const struct conf *conf, const char *id)
{
	const struct service *service = conf_find(conf, id);

	return service != NULL && service->unservable ? service : NULL;
}

static enum control_exit
no_service(struct request *request, const char *word)
{
	const struct service *unservable;
	const char **ids;
	struct hint hint;
	char several[256];

	unservable = find_unservable(request->superd->conf, word);
	if (unservable != NULL)
		return request_refuse(request, CONTROL_INACTIVE,
		    "%s is not served: %s:%u has an error, see superd -t", word,
		    unservable->place.file, unservable->place.line);
	if (list_beginnings(request->superd, word, several, sizeof(several)))
		return request_refuse(request, CONTROL_UNKNOWN,
		    "more than one service begins with %s: %s", word, several);
	ids = all_ids(request->superd);
	request_refuse(request, CONTROL_UNKNOWN, "no service %s%s", word,
	    ids != NULL ? report_hint(&hint, word, ids) : "");
	free(ids);
	return CONTROL_UNKNOWN;
}

struct running *
request_service(struct request *request, enum control_exit *status)
{
	const char *word = request->words[1];
	struct running *running = running_find(request->superd, word);

	if (running == NULL)
		running = find_beginning(request->superd, word);
	*status = running == NULL ? no_service(request, word) : CONTROL_OK;
	return running;
}

struct running *
request_defined(struct request *request, enum control_exit *status)
{
	struct running *running = request_service(request, status);

	if (running == NULL || !running->removed)
		return running;
	*status = request_refuse(request, CONTROL_INACTIVE,
	    "%s is not in the configuration any more", running->id);
	return NULL;
}
