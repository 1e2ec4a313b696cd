/*
 * Where a service listens and what serves it, as it is printed: it is read in
 * conf/make_socket.c, where one option depends on others.
 */
#include "conf/type.h"

#include <string.h>

#include "conf/choice.h"
#include "conf/output.h"
#include "conf/resolve.h"
#include "conf/service.h"
#include "conf/store.h"

enum { NUMBER = 32, HOST_TEXT = ADDR_TEXT + 2 };

/* Unset in what was never finished. */
static void
print_socktype(const struct output *out, const void *value)
{
	const char *name = resolve_socktype_name(*(const int *)value);

	if (name != NULL)
		print_word(out, name);
}

const struct type type_socktype = KEPT(&store_plain, print_socktype);

const struct choice family_words[] = { { "both", FAMILY_BOTH, LACK_NONE },
	{ "ipv4", FAMILY_INET, LACK_NONE }, { "ipv6", FAMILY_INET6, LACK_NONE },
	{ "dual", FAMILY_DUAL, LACK_NONE }, { NULL, 0, LACK_NONE } };

/* It may change with the protocol, and is taken once that is known. */
static void
check_family(struct build *build, void *target)
{
	unsigned family;

	(void)target;
	choice_take(build, family_words, &family);
}

static void
print_family(const struct output *out, const void *value)
{
	enum family_choice family = *(const enum family_choice *)value;

	if (family != FAMILY_UNIX &&
	    family != resolve_family(out->service->proto))
		print_word(out, choice_name(family_words, family));
}

const struct type type_family = SET(&store_plain, print_family, check_family);

/* The port, where the first endpoint does not tell. */
static void
print_port(const struct output *out, const void *value)
{
	const struct service *service = out->service;
	uint16_t port = *(const uint16_t *)value;

	if (port != 0 &&
	    (service->nendpoints == 0 ||
		addr_port(&service->endpoints[0].addr) != port))
		print_line(out, "%u", port);
}

const struct type type_port = KEPT(&store_plain, print_port);

/* Endpoints. */

/* How many endpoints, from the first on, "*" stands for. */
static size_t
match_any(const struct service *service, size_t first)
{
	const struct endpoint *one = &service->endpoints[first];
	const struct endpoint *two = first + 1 < service->nendpoints ?
	    one + 1 :
	    NULL;
	sa_family_t family = one->addr.u.sa.sa_family;

	if (!addr_is_any(&one->addr))
		return 0;
	switch (service->family) {
	case FAMILY_BOTH:
		return family == AF_INET && two != NULL && two->optional &&
			two->addr.u.sa.sa_family == AF_INET6 &&
			addr_is_any(&two->addr) &&
			addr_port(&two->addr) == addr_port(&one->addr) ?
		    2 :
		    0;
	case FAMILY_INET:
		return family == AF_INET;
	default:
		return family == AF_INET6;
	}
}

/* Consecutive ports of one host. */
struct run {
	char host[HOST_TEXT];
	unsigned low, high;
	bool first; /* of the list */
};

static void
print_run(const struct output *out, struct run *run)
{
	char text[HOST_TEXT + NUMBER];

	if (run->host[0] == '\0')
		return;
	if (run->low == 0)
		snprintf(text, sizeof(text), "%s", run->host);
	else if (run->low == run->high)
		snprintf(text, sizeof(text), "%s:%u", run->host, run->low);
	else
		snprintf(text, sizeof(text), "%s:%u-%u", run->host, run->low,
		    run->high);
	fputs(run->first ? "" : ", ", out->file);
	print_quoted(out, text);
	run->first = false;
}

static void
run_add(const struct output *out, struct run *run, const char *host,
    unsigned port)
{
	if (strcmp(run->host, host) == 0 && port != 0 &&
	    port == run->high + 1) {
		run->high = port;
		return;
	}
	print_run(out, run);
	snprintf(run->host, sizeof(run->host), "%s", host);
	run->low = run->high = port;
}

static const char *
host_text(const struct addr *addr, char *buf, size_t size)
{
	char host[ADDR_TEXT];

	switch (addr->u.sa.sa_family) {
	case AF_UNIX:
		return addr_print(addr, buf, size);
	case AF_INET6:
		addr_print_host(addr, host, sizeof(host));
		snprintf(buf, size, "[%s]", host);
		return buf;
	default:
		return addr_print_host(addr, buf, size);
	}
}

static void
print_listen(const struct output *out, const void *value)
{
	const struct service *service = out->service;
	struct run run = { .first = true };
	char text[HOST_TEXT];
	size_t step;

	(void)value;
	if (service->nendpoints == 0)
		return;
	print_name(out);
	fputc('{', out->file);
	for (size_t i = 0; i < service->nendpoints; i += step) {
		const struct addr *addr = &service->endpoints[i].addr;

		step = match_any(service, i);
		run_add(out, &run,
		    step > 0 ? "*" : host_text(addr, text, sizeof(text)),
		    addr_port(addr));
		step += step == 0;
	}
	print_run(out, &run);
	fputs("}\n", out->file);
}

const struct type type_endpoints = KEPT(&store_endpoints, print_listen);

/* Other sockets. */

static void
print_rpc_number(const struct output *out, const void *value)
{
	const struct rpc_spec *rpc = &out->service->rpc;

	(void)value;
	if (rpc->enabled && rpc->program != 0)
		print_line(out, "%lu", rpc->program);
}

const struct type type_rpc_number = KEPT(&store_plain, print_rpc_number);

static void
print_rpc_version(const struct output *out, const void *value)
{
	const struct rpc_spec *rpc = &out->service->rpc;

	(void)value;
	if (rpc->enabled && rpc->program != 0)
		print_line(out, "%u-%u", rpc->low, rpc->high);
}

const struct type type_rpc_version = KEPT(NULL, print_rpc_version);

static void
print_owner(const struct output *out, const void *value)
{
	if (out->service->node.owned)
		print_line(out, "%u", *(const unsigned *)value);
}

const struct type type_owner = KEPT(&store_plain, print_owner);

/* What serves it. */

static void
print_redirect(const struct output *out, const void *value)
{
	const struct redirect *redirect = &out->service->redirect;

	(void)value;
	if (redirect->host == NULL)
		return;
	print_name(out);
	fputc('{', out->file);
	print_quoted(out, redirect->host);
	fputs(", ", out->file);
	print_quoted(out, redirect->port);
	fputs("}\n", out->file);
}

const struct type type_redirect = KEPT(NULL, print_redirect);

static void
print_args(const struct output *out, const void *value)
{
	const struct command *command = &out->service->command;
	bool named = command_names_itself(command);

	(void)value;
	if (strings_count(command->argv) > (named ? 0 : 1))
		print_list(out, command->argv + !named);
}

const struct type type_args = KEPT(&store_list, print_args);

/* Kept beside them, and worked out elsewhere. */

const struct type type_plain = KEPT(&store_plain, NULL);
const struct type type_unseen = KEPT(&store_unseen, NULL);
const struct type type_place = KEPT(&store_place, NULL);
const struct type type_banners = KEPT(&store_banners, NULL);
const struct type type_acl = KEPT(&store_acl, NULL);
const struct type type_targets = KEPT(&store_targets, NULL);
const struct type type_groups = KEPT(&store_groups, NULL);
const struct type type_none = KEPT(NULL, NULL);
