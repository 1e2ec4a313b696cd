/* Clients of unix sockets by their users: who may come. */
#include "conf/type.h"

#include "conf/output.h"
#include "conf/resolve.h"
#include "conf/service.h"
#include "conf/store.h"

static struct only_rules *
rules_of(struct build *build)
{
	if (build->service->only == NULL)
		build->service->only = xcalloc(1,
		    sizeof(*build->service->only));
	return build->service->only;
}

static void
set_users(struct build *build, void *target)
{
	const struct setting *setting = build->setting;
	struct only_rules *only = rules_of(build);

	(void)target;
	only->uids = xcalloc(setting->count, sizeof(uid_t));
	for (size_t i = 0; i < setting->count; i++) {
		strings_add(&only->users, setting->values[i].text);
		only->nuids += resolve_uid(build, &setting->values[i],
		    &only->uids[only->nuids]);
	}
}

static void
set_groups(struct build *build, void *target)
{
	const struct setting *setting = build->setting;
	struct only_rules *only = rules_of(build);

	(void)target;
	only->gids = xcalloc(setting->count, sizeof(gid_t));
	for (size_t i = 0; i < setting->count; i++) {
		strings_add(&only->groups, setting->values[i].text);
		only->ngids += resolve_gid(build, &setting->values[i],
		    &only->gids[only->ngids]);
	}
}

static void
print_users(const struct output *out, const void *value)
{
	const struct only_rules *only = out->service->only;

	(void)value;
	if (only != NULL && only->users != NULL)
		print_list(out, only->users);
}

static void
print_groups(const struct output *out, const void *value)
{
	const struct only_rules *only = out->service->only;

	(void)value;
	if (only != NULL && only->groups != NULL)
		print_list(out, only->groups);
}

const struct type type_only_users = SET(NULL, print_users, set_users);
const struct type type_only_groups = SET(NULL, print_groups, set_groups);
const struct type type_only = KEPT(&store_only, NULL);
