/* What a child becomes: copied out of the configuration. */
#include "superd/image.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/service.h"
#include "conf/xalloc.h"

static const char *const default_path =
    "PATH=" CHILD_PATH;

/* superd's environment as it was started. */
static char **started_with;

void
image_environment(char *const *environment)
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
	for (size_t i = 0; started_with != NULL && started_with[i] != NULL;
	    i++)
		if (variable_may_pass(started_with[i]))
			env_set(env, started_with[i]);
}

static void
env_pass_named(char ***env, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; started_with != NULL && started_with[i] != NULL;
	    i++)
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

/* What each connection sets is not there twice. */
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
build_environment(const struct command *command)
{
	char **env = NULL;

	env_set(&env, default_path);
	if (command->passenv_set)
		for (size_t i = 0; command->passenv != NULL &&
		    command->passenv[i] != NULL; i++)
			env_pass_named(&env, command->passenv[i]);
	else if (command->env_all)
		env_pass_all(&env);
	if (command->env_user) {
		env_set_pair(&env, "USER", command->user);
		env_set_pair(&env, "LOGNAME", command->user);
		env_set_pair(&env, "HOME", command->home);
		env_set_pair(&env, "SHELL", command->shell);
	}
	for (size_t i = 0; command->env != NULL && command->env[i] != NULL;
	    i++)
		env_set(&env, command->env[i]);
	env_unset_peer(env, command);
	return env;
}

static void *
copy_array(const void *from, size_t count, size_t size)
{
	void *to;

	if (count == 0)
		return NULL;
	to = xreallocarray(NULL, count, size);
	memcpy(to, from, count * size);
	return to;
}

static char *
copy_string(const char *text)
{
	return text == NULL ? NULL : xstrdup(text);
}

struct command_image *
image_new(const struct service *service)
{
	const struct command *command = &service->command;
	struct command_image *image = xcalloc(1, sizeof(*image));

	image->refs = 1;
	image->program = copy_string(command->program);
	image->argv = strings_copy(command->argv);
	image->envp = build_environment(command);
	image->nenv = strings_count(image->envp);
	image->change_user = command->change_user;
	image->uid = command->uid;
	image->gid = command->gid;
	image->groups = copy_array(command->groups, command->ngroups,
	    sizeof(gid_t));
	image->ngroups = command->ngroups;
	image->umask = command->umask;
	image->nice_set = command->nice_set;
	image->nice = command->nice;
	image->rlimits = copy_array(command->rlimits, command->nrlimits,
	    sizeof(struct resource_limit));
	image->nrlimits = command->nrlimits;
	image->chroot = copy_string(command->chroot);
	image->directory = copy_string(command->directory);
	image->stderr_to = command->stderr_to;
	image->error_fd = -1;
	image->env_peer = command->env_peer;
	image->env_remote_host = command->env_remote_host;
	return image;
}

struct command_image *
image_internal(uid_t uid, gid_t gid)
{
	struct command_image *image = xcalloc(1, sizeof(*image));

	image->refs = 1;
	image->unprivileged = true;
	image->change_user = geteuid() == 0;
	image->uid = uid;
	image->gid = gid;
	image->stderr_to = STDERR_LOG;
	image->error_fd = -1;
	image->umask = 022;
	return image;
}

struct command_image *
image_ref(struct command_image *image)
{
	image->refs++;
	return image;
}

void
image_unref(struct command_image *image)
{
	if (image == NULL || --image->refs > 0)
		return;
	free(image->program);
	strings_free(image->argv);
	strings_free(image->envp);
	free(image->groups);
	free(image->rlimits);
	free(image->chroot);
	free(image->directory);
	free(image);
}
