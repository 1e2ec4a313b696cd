/* A host that tests know: users root, alice and my.user; group staff; service
 * ftp; host example with two addresses, slow.example that does not answer;
 * networks mynet, 10.1, and zeronet, 0. */
#ifndef TESTS_FAKE_NAMES_H
#define TESTS_FAKE_NAMES_H

#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/load.h"
#include "conf/names.h"
#include "conf/xalloc.h"

static int
fake_user(void *arg, const char *name, struct account *account, char **storage)
{
	static const char *const users[] = { "root", "alice", "my.user" };

	(void)arg;
	*storage = NULL;
	for (unsigned i = 0; i < 3; i++)
		if (strcmp(users[i], name) == 0) {
			account->uid = i * 1000;
			account->gid = i * 1000;
			account->name = users[i];
			account->home = "/home";
			account->shell = "/bin/sh";
			return 0;
		}
	return strcmp(name, "slow") == 0 ? EAGAIN : ENOENT;
}

static int
fake_groups(void *arg, const char *user, gid_t primary, gid_t **list,
    size_t *count)
{
	(void)arg;
	(void)user;
	*list = xcalloc(2, sizeof(gid_t));
	(*list)[0] = primary;
	(*list)[1] = 99;
	*count = 2;
	return 0;
}

static int
fake_host(void *arg, const char *name, int family, struct addr **list,
    size_t *count)
{
	(void)arg;
	if (strcmp(name, "slow.example") == 0)
		return EAGAIN;
	if (strcmp(name, "example") != 0)
		return ENOENT;
	*list = xcalloc(2, sizeof(**list));
	*count = 0;
	if (family != AF_INET6)
		addr_parse_host("192.0.2.7", 0, &(*list)[(*count)++]);
	if (family != AF_INET)
		addr_parse_host("2001:db8::7", 0, &(*list)[(*count)++]);
	return 0;
}

static int
fake_number(void *arg, enum name_kind kind, const char *name, const char *more,
    uint32_t *number)
{
	static const struct {
		const char *name;
		uint32_t number;
	} known[] = {
		[NAME_GROUP] = { "staff", 50 },
		[NAME_PORT] = { "ftp", 21 },
		[NAME_PROTOCOL] = { "icmp", 1 },
		[NAME_RPC] = { "rstatd", 100001 },
		[NAME_PROGRAM] = { "/bin/cat", 0 },
		[NAME_NETWORK] = { "mynet", 0x0a010000 },
	};

	(void)arg;
	(void)more;
	*number = known[kind].number;
	if (kind == NAME_NETWORK && strcmp(name, "zeronet") == 0) {
		*number = 0;
		return 0;
	}
	if (strcmp(name, known[kind].name) == 0)
		return 0;
	*number = 0;
	return ENOENT;
}

static const struct names_backend fake_backend = { fake_user, fake_groups,
	fake_host, fake_number };

static bool
fake_internal(const char *name, int socktype)
{
	if (strcmp(name, "discard") == 0)
		return socktype == SOCK_STREAM || socktype == SOCK_DGRAM;
	return strcmp(name, "echo") == 0 || strcmp(name, "daytime") == 0 ||
	    strcmp(name, "tcpmux") == 0;
}

static inline void
fake_context(struct load_context *context)
{
	memset(context, 0, sizeof(*context));
	context->names = names_new(&fake_backend, NULL);
	context->internal_known = fake_internal;
	context->limits.instances = context->limits.per_source = LIMIT_UNSET;
	context->limits.rate.count = LIMIT_UNSET;
	context->limits.source_rate.count = LIMIT_UNSET;
	context->limits.max_pause = LIMIT_UNSET;
	context->limits.time_limit = LIMIT_UNSET;
	context->limits.max_load = -1;
	context->backlog = context->max_children = LIMIT_UNSET;
	context->have_libwrap = context->have_rpc = true;
}

#endif
