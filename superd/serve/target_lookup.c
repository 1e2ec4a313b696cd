/* A host that has moved: from its name to addresses, as the text of a
 * verdict. */
#include "superd/serve/target_lookup.h"

#include <sys/socket.h>

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "services/tunnel.h"
#include "superd/running/asker.h"
#include "superd/running/records.h"
#include "superd/running/running_tree.h"

struct lookup {
	SLIST_ENTRY(lookup) entry;
	struct superd *superd;
	char *id; /* of the service, which may go meanwhile */
	struct asker *asker;
	target_found_fn *found;
};

static SLIST_HEAD(lookups, lookup) lookups = SLIST_HEAD_INITIALIZER(lookups);

/* In the asker. */

static void
add(const struct addrinfo *ai, struct verdict *verdict)
{
	char text[ADDR_TEXT + 1] = " ";
	struct addr addr;

	memset(&addr, 0, sizeof(addr));
	memcpy(&addr.u, ai->ai_addr, ai->ai_addrlen);
	addr.len = ai->ai_addrlen;
	addr_print_host(&addr, text + 1, sizeof(text) - 1);
	/* what has no room is left out */
	if (strlen(verdict->text) + strlen(text) < sizeof(verdict->text))
		strlcat(verdict->text, text, sizeof(verdict->text));
}

static void
ask(const void *arg, struct verdict *verdict)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM },
			*all, *ai;

	if (getaddrinfo(arg, NULL, &hints, &all) != 0)
		return;
	for (ai = all; ai != NULL; ai = ai->ai_next)
		if (ai->ai_family == AF_INET || ai->ai_family == AF_INET6)
			add(ai, verdict);
	freeaddrinfo(all);
}

/* In superd. */

static size_t
read_addresses(char *text, uint16_t port, struct addr *addrs)
{
	size_t count = 0;
	char *word;

	while (count < TUNNEL_TARGETS && (word = strsep(&text, " ")) != NULL)
		if (*word != '\0' &&
		    addr_parse_host(word, port, &addrs[count]) == 0)
			count++;
	return count;
}

static void
ended(void *arg, int status)
{
	struct lookup *lookup = arg;
	struct running *running = running_find(lookup->superd, lookup->id);
	const struct redirect *redirect = NULL;
	struct addr addrs[TUNNEL_TARGETS];
	struct verdict verdict;
	size_t count = 0;

	(void)status;
	if (running != NULL && running->service != NULL)
		redirect = &running->service->redirect;
	if (asker_end(lookup->asker, &verdict) && redirect != NULL &&
	    redirect->ntargets > 0)
		count = read_addresses(verdict.text,
		    addr_port(&redirect->targets[0]), addrs);
	if (count > 0)
		lookup->found(running, addrs, count);
	SLIST_REMOVE(&lookups, lookup, lookup, entry);
	free(lookup->id);
	free(lookup);
}

static bool
is_asked_for(const struct running *running)
{
	const struct lookup *lookup;

	SLIST_FOREACH (lookup, &lookups, entry)
		if (strcmp(lookup->id, running->id) == 0)
			return true;
	return false;
}

void
target_lookup(struct running *running, target_found_fn *found)
{
	const struct question question = { .ask = ask,
		.arg = running->service->redirect.host,
		.fd = -1,
		.title = running->id };
	struct lookup *lookup;

	if (question.arg == NULL || is_asked_for(running))
		return;
	lookup = calloc(1, sizeof(*lookup));
	if (lookup == NULL)
		return;
	lookup->superd = running->superd;
	lookup->found = found;
	lookup->id = strdup(running->id);
	if (lookup->id != NULL)
		lookup->asker = asker_start(running->superd, &question);
	if (lookup->asker == NULL) {
		free(lookup->id);
		free(lookup);
		return;
	}
	asker_own(lookup->asker, ended, NULL, lookup);
	SLIST_INSERT_HEAD(&lookups, lookup, entry);
}
