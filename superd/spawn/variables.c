/* Building variables, and the tree of those that are in use. */
#include "superd/spawn/variables.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/sys/tree.h>

#include "conf/service.h"
#include "conf/xalloc.h"

static const char *const default_path = "PATH=" CHILD_PATH;

/* superd's environment as it was started. */
static char **started_with;

void
variables_started_with(char *const *environment)
{
	started_with = strings_copy(environment);
}

static size_t
name_length(const char *variable)
{
	return strcspn(variable, "=");
}

/* A later setting of a name replaces the earlier one. */
static void
env_set(char ***env, const char *variable)
{
	size_t length = name_length(variable);

	for (size_t i = 0; *env != NULL && (*env)[i] != NULL; i++) {
		if (name_length((*env)[i]) != length ||
		    strncmp((*env)[i], variable, length) != 0)
			continue;
		free((*env)[i]);
		(*env)[i] = xstrdup(variable);
		return;
	}
	strings_add(env, variable);
}

static void
env_set_pair(char ***env, const char *name, const char *value)
{
	char *variable;

	if (value == NULL)
		return;
	variable = xasprintf("%s=%s", name, value);
	env_set(env, variable);
	free(variable);
}

static void
env_pass_all(char ***env)
{
	for (size_t i = 0; started_with != NULL && started_with[i] != NULL; i++)
		if (variable_may_pass(started_with[i]))
			env_set(env, started_with[i]);
}

static void
env_pass_named(char ***env, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; started_with != NULL && started_with[i] != NULL; i++)
		if (name_length(started_with[i]) == length &&
		    strncmp(started_with[i], name, length) == 0 &&
		    variable_may_pass(started_with[i]))
			env_set(env, started_with[i]);
}

static void
env_unset(char **env, const char *name)
{
	size_t length = strlen(name), to = 0;

	for (size_t i = 0; env[i] != NULL; i++) {
		if (name_length(env[i]) == length &&
		    strncmp(env[i], name, length) == 0)
			free(env[i]);
		else
			env[to++] = env[i];
	}
	env[to] = NULL;
}

/* Remove what environment_make() sets for each client. */
static void
env_unset_peer(char **env, const struct command *command)
{
	static const char *const peer[] = { "REMOTE_ADDR", "REMOTE_PORT",
		"TCPREMOTEIP", "TCPREMOTEPORT", "TCPLOCALIP", "TCPLOCALPORT",
		"PROTO", "REMOTE_UID", "REMOTE_GID", "REMOTE_PID", NULL };

	if (command->env_remote_host)
		env_unset(env, "REMOTE_HOST");
	for (size_t i = 0; command->env_peer && peer[i] != NULL; i++)
		env_unset(env, peer[i]);
}

static char **
build(const struct command *command)
{
	char **env = NULL;

	env_set(&env, default_path);
	if (command->passenv_set)
		for (size_t i = 0;
		     command->passenv != NULL && command->passenv[i] != NULL;
		     i++)
			env_pass_named(&env, command->passenv[i]);
	else if (command->env_all)
		env_pass_all(&env);
	if (command->env_user) {
		env_set_pair(&env, "USER", command->user);
		env_set_pair(&env, "LOGNAME", command->user);
		env_set_pair(&env, "HOME", command->home);
		env_set_pair(&env, "SHELL", command->shell);
	}
	for (size_t i = 0; command->env != NULL && command->env[i] != NULL; i++)
		env_set(&env, command->env[i]);
	env_unset_peer(env, command);
	return env;
}

/* Sharing. */

static int
compare(struct variables *a, struct variables *b)
{
	int order = a->count < b->count ? -1 : a->count > b->count;

	for (size_t i = 0; order == 0 && i < a->count; i++)
		order = strcmp(a->envp[i], b->envp[i]);
	return order;
}

RB_HEAD(all_variables, variables);

static struct all_variables all = RB_INITIALIZER(&all);

RB_PROTOTYPE(all_variables, variables, entry, compare)
RB_GENERATE(all_variables, variables, entry, compare)

struct variables *
variables_of(const struct command *command)
{
	struct variables wanted = { .envp = build(command) }, *found;

	wanted.count = strings_count(wanted.envp);
	found = RB_FIND(all_variables, &all, &wanted);
	if (found != NULL)
		strings_free(wanted.envp);
	else {
		found = xcalloc(1, sizeof(*found));
		found->envp = wanted.envp;
		found->count = wanted.count;
		RB_INSERT(all_variables, &all, found);
	}
	return variables_ref(found);
}

struct variables *
variables_ref(struct variables *variables)
{
	variables->refs++;
	return variables;
}

void
variables_unref(struct variables *variables)
{
	if (variables == NULL || --variables->refs > 0)
		return;
	RB_REMOVE(all_variables, &all, variables);
	strings_free(variables->envp);
	free(variables);
}
