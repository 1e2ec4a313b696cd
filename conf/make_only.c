/*
 * Clients of unix sockets, whom the kernel knows by their users: which services
 * can have such, and servers that run as whoever comes.
 */
#include "conf/make_own.h"

#include "conf/service.h"

/* A listening socket has no client yet, and a datagram has none whom the kernel
 * would tell before it is read. */
static bool
knows_users(const struct service *service)
{
	return service->family == FAMILY_UNIX && !service->wait &&
	    (service->socktype == SOCK_STREAM ||
		service->socktype == SOCK_SEQPACKET);
}

static void
check_as_peer(struct build *build)
{
	const struct command *command = &build->service->command;
	const struct place *place = place_of(build, OPTION_USER);

	if (command->peer_root && !command->as_peer)
		build_fail(build, false, place_of(build, OPTION_PEER_ROOT),
		    "peer_root needs user = @peer");
	if (!command->as_peer)
		return;
	if (value(build, OPTION_GROUP) != NULL)
		build_refuse(build, place_of(build, OPTION_GROUP),
		    "group does not go with user = @peer: the server has the "
		    "client's groups");
	if (command->env_user)
		build_fail(build, false, place_of(build, OPTION_ENV_USER),
		    "env_user does not go with user = @peer: nobody looks up "
		    "the client's name");
	if (build->loader->context->unprivileged)
		build_fail(build, false, place,
		    "superd does not run as root and cannot become its "
		    "clients");
}

void
make_only(struct build *build)
{
	static const enum option_id ids[] = { OPTION_ONLY_USERS,
		OPTION_ONLY_GROUPS, OPTION_USER };
	const struct service *service = build->service;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (setting(build, ids[i])->set && !knows_users(service) &&
		    (ids[i] != OPTION_USER || service->command.as_peer))
			build_fail(build, false, place_of(build, ids[i]),
			    "%s goes with stream and seqpacket services on "
			    "unix sockets with wait = no only",
			    ids[i] == OPTION_USER ?
				"user = @peer" :
				option_name(ids[i]));
	check_as_peer(build);
}
