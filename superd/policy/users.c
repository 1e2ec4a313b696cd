/* Lists of users and groups against those of a client. */
#include "superd/policy/users.h"

#include <stdlib.h>

#include "conf/conf.h"
#include "superd/spawn/identity.h"

bool
users_matter(const struct service *service)
{
	return service->only != NULL || service->command.as_peer;
}

bool
users_name(const struct service *service, uid_t uid)
{
	const struct only_rules *only = service->only;

	for (size_t i = 0; only != NULL && i < only->nuids; i++)
		if (only->uids[i] == uid)
			return true;
	return false;
}

bool
users_may_be(const struct service *service, uid_t uid)
{
	return !service->command.as_peer || uid != 0 ||
	    service->command.peer_root;
}

static bool
names_group(const struct only_rules *only, gid_t gid)
{
	for (size_t i = 0; i < only->ngids; i++)
		if (only->gids[i] == gid)
			return true;
	return false;
}

static bool
is_member(const struct only_rules *only, const struct identity *identity)
{
	if (names_group(only, identity->gid))
		return true;
	for (size_t i = 0; i < identity->ngroups; i++)
		if (names_group(only, identity->groups[i]))
			return true;
	return false;
}

bool
users_admit(const struct service *service, int fd)
{
	struct identity *identity = identity_of_peer(fd);
	bool admitted;

	if (identity == NULL)
		return false;
	admitted = users_may_be(service, identity->uid) &&
	    (service->only == NULL || users_name(service, identity->uid) ||
		is_member(service->only, identity));
	free(identity);
	return admitted;
}
