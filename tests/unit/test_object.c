/* Names and the inodes behind them. */
#include "tests/unit/unit.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "superd/base/object.h"

static char base[] = "/tmp/superd-object-XXXXXX";

static int
set_up(void **state)
{
	(void)state;
	return mkdtemp(base) == NULL || chdir(base) != 0 ? -1 : 0;
}

static int
tear_down(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", base);
	return system(command);
}

/* A file of this name and mode. */
static struct object
make(const char *name, mode_t mode)
{
	struct object object;
	int fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(object_of(fd, &object), 0);
	close(fd);
	return object;
}

static mode_t
mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(name, &st), 0);
	return st.st_mode & 07777;
}

static void
the_mode_is_changed_of_what_was_opened(void **state)
{
	struct object mine = make("mine", 0600);
	int fd = object_open("mine", &mine);

	(void)state;
	assert_true(fd >= 0);
	make("victim", 0600);
	assert_int_equal(rename("mine", "moved"), 0);
	assert_int_equal(symlink("victim", "mine"), 0);
	assert_int_equal(object_permit(fd, (uid_t)-1, (gid_t)-1, 0644), 0);
	close(fd);
	assert_int_equal(mode_of("moved"), 0644);
	assert_int_equal(mode_of("victim"), 0600);
	unlink("mine");
	unlink("moved");
	unlink("victim");
}

static void
the_mode_of_a_socket_is_changed(void **state)
{
	struct object object;
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(mknod("sock", S_IFSOCK | 0600, 0), 0);
	assert_int_equal(lstat("sock", &st), 0);
	object.device = st.st_dev;
	object.inode = st.st_ino;
	fd = object_open("sock", &object);
	assert_int_equal(object_permit(fd, getuid(), getgid(), 0660), 0);
	close(fd);
	assert_int_equal(mode_of("sock"), 0660);
	assert_int_equal(object_remove("sock", &object), 0);
}

static void
what_is_another_is_neither_opened_nor_removed(void **state)
{
	struct object mine = make("mine", 0600);

	(void)state;
	unlink("mine");
	assert_int_equal(object_open("mine", &mine), -1);
	assert_int_equal(errno, ENOENT);
	make("theirs", 0600);
	assert_int_equal(symlink("theirs", "mine"), 0);
	assert_int_equal(object_open("mine", &mine), -1);
	assert_int_equal(errno, ESTALE);
	assert_int_equal(object_remove("mine", &mine), -1);
	assert_int_equal(errno, ESTALE);
	assert_int_equal(access("mine", F_OK), 0);
	unlink("mine");
	unlink("theirs");
}

static void
a_name_is_removed_in_its_directory(void **state)
{
	static const char *const names[] = { "here", "./here", "sub/here" };
	char absolute[sizeof(base) + 8];

	(void)state;
	assert_int_equal(mkdir("sub", 0700), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct object object = make(names[i], 0600);

		assert_int_equal(object_remove(names[i], &object), 0);
		assert_int_equal(access(names[i], F_OK), -1);
	}
	snprintf(absolute, sizeof(absolute), "%s/here", base);
	struct object object = make(absolute, 0600);

	assert_int_equal(object_remove(absolute, &object), 0);
	assert_int_equal(object_remove(absolute, &object), -1);
	assert_int_equal(errno, ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mode_is_changed_of_what_was_opened),
		cmocka_unit_test(the_mode_of_a_socket_is_changed),
		cmocka_unit_test(what_is_another_is_neither_opened_nor_removed),
		cmocka_unit_test(a_name_is_removed_in_its_directory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
