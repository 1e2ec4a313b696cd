/* Limits, time stamps, and what a log file may be. */
#include "tests/unit/unit.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "superd/base/trusted_open.h"
#include "superd/log/log_file.h"

static char base[] = "/var/tmp/superd-logfile-XXXXXX";

static int
set_up(void **state)
{
	(void)state;
	return mkdtemp(base) == NULL ? -1 : chmod(base, 0755);
}

static int
tear_down(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", base);
	return system(command);
}

static const char *
path_of(const char *name)
{
	static char path[4][256];
	static unsigned next;
	char *result = path[next++ % 4];

	snprintf(result, sizeof(path[0]), "%s/%s", base, name);
	return result;
}

static void
limits_are_of_the_size_after_the_line(void **state)
{
	static const struct {
		uint64_t soft, hard, size, length;
		enum logfile_room room;
	} cases[] = {
		{ 0, 0, UINT64_MAX, 100, ROOM_PLENTY },
		{ 1000, 2000, 0, 1000, ROOM_PLENTY },
		{ 1000, 2000, 0, 1001, ROOM_SOFT },
		{ 1000, 2000, 999, 1, ROOM_PLENTY },
		{ 1000, 2000, 1000, 1, ROOM_SOFT },
		{ 1000, 2000, 1900, 100, ROOM_SOFT },
		{ 1000, 2000, 1900, 101, ROOM_NONE },
		{ 1000, 2000, 5000, 1, ROOM_NONE },
		{ 0, 2000, 1999, 1, ROOM_PLENTY },
		{ 0, 2000, 2000, 1, ROOM_NONE },
		{ 1000, 0, 1 << 30, 1, ROOM_SOFT },
		{ 1, UINT64_MAX, UINT64_MAX, 100, ROOM_SOFT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(logfile_room(cases[i].soft, cases[i].hard,
				     cases[i].size, cases[i].length),
		    cases[i].room);
}

static void
time_stamps_are_those_of_xinetd(void **state)
{
	char text[64], tiny[8];

	(void)state;
	setenv("TZ", "UTC0", 1);
	tzset();
	assert_int_equal(logfile_stamp(text, sizeof(text), 1795255200), 19);
	assert_string_equal(text, "26/11/21@10:00:00: ");
	logfile_stamp(text, sizeof(text), 1767323045);
	assert_string_equal(text, "26/1/2@03:04:05: ");
	assert_int_equal(logfile_stamp(tiny, sizeof(tiny), 1767323045), 0);
}

static size_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (size_t)st.st_size : 0;
}

static void
a_full_file_stays_full_until_it_is_emptied(void **state)
{
	struct logfile file = { .fd = -1, .soft = 60, .hard = 100 };
	char *path = strdup(path_of("limits"));
	const char *line = "123456789 123456789 123456789"; /* 48 or so */
	size_t full;

	(void)state;
	file.path = path;
	assert_int_equal(logfile_write(&file, line, true), LOGFILE_WRITTEN);
	assert_false(file.soft_reached);
	assert_int_equal(logfile_write(&file, line, true), LOGFILE_WRITTEN);
	assert_true(file.soft_reached && !file.hard_reached);
	full = size_of(path);
	assert_int_equal(logfile_write(&file, line, true), LOGFILE_FULL);
	assert_true(file.hard_reached);
	/* this one would fit, but the end of a log is no place for gaps */
	assert_int_equal(logfile_write(&file, "", true), LOGFILE_FULL);
	assert_int_equal(size_of(path), full);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(logfile_write(&file, line, true), LOGFILE_WRITTEN);
	assert_false(file.soft_reached || file.hard_reached);
	logfile_close(&file);
	free(path);
}

static void
a_file_is_made_for_its_owner_and_group(void **state)
{
	struct logfile file = { .fd = -1 };
	char *path = strdup(path_of("mode"));
	struct stat st;

	(void)state;
	umask(0);
	file.path = path;
	assert_int_equal(logfile_open(&file), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(fcntl(file.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	logfile_close(&file);
	free(path);
	umask(022);
}

static void
a_fifo_without_a_reader_is_an_error_at_once(void **state)
{
	struct logfile file = { .fd = -1 };
	char *path = strdup(path_of("fifo"));
	char line[1024] = "", buf[4096];
	enum logfile_result result = LOGFILE_WRITTEN;
	int reader;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	assert_int_equal(mkfifo(path, 0600), 0);
	file.path = path;
	assert_int_equal(logfile_open(&file), -1);
	assert_int_equal(errno, ENXIO);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	assert_int_equal(logfile_open(&file), 0);
	for (int i = 0; i < 1000 && result == LOGFILE_WRITTEN; i++)
		result = logfile_write(&file, line, true);
	assert_int_equal(result, LOGFILE_DROPPED);
	for (int i = 0; i < 4; i++)
		assert_int_equal(read(reader, buf, sizeof(buf)), sizeof(buf));
	assert_int_equal(logfile_write(&file, line, true), LOGFILE_WRITTEN);
	close(reader);
	logfile_close(&file);
	free(path);
}

static void
a_full_disk_is_a_failure(void **state)
{
	char path[] = "/dev/full";
	struct logfile file = { .fd = -1, .path = path };

	(void)state;
	assert_int_equal(logfile_write(&file, "x", true), LOGFILE_FAILED);
	assert_int_equal(errno, ENOSPC);
	logfile_close(&file);
}

/* Directories of others. */

enum { APPEND = O_WRONLY | O_APPEND | O_CREAT };

static void
close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void
links_are_followed_where_only_we_can_make_them(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(mkdir(path_of("ours"), 0755), 0);
	assert_int_equal(mkdir(path_of("ours/deep"), 0755), 0);
	assert_int_equal(symlink("deep/", path_of("ours/dir")), 0);
	assert_int_equal(symlink(path_of("ours/deep/file"),
			     path_of("ours/deep/link")),
	    0);
	fd = trusted_open(path_of("ours/dir//./../dir/link"), APPEND, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(access(path_of("ours/deep/file"), F_OK), 0);
}

static void
links_in_a_directory_of_all_are_not_followed(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(mkdir(path_of("all"), 0755), 0);
	assert_int_equal(chmod(path_of("all"), 01777), 0);
	assert_int_equal(symlink("target", path_of("all/link")), 0);
	assert_int_equal(symlink("/etc", path_of("all/dir")), 0);
	errno = 0;
	fd = trusted_open(path_of("all/link"), APPEND, 0600);
	assert_true(fd < 0 && errno == ELOOP);
	fd = trusted_open(path_of("all/dir/superd-test"), APPEND, 0600);
	assert_true(fd < 0 && errno == ELOOP);
	fd = trusted_open(path_of("all/file"), APPEND, 0600);
	assert_true(fd >= 0);
	close_if_open(fd);
	/* a second name of a file of ours that is somewhere else */
	assert_int_equal(link(path_of("all/file"), path_of("all/name")), 0);
	fd = trusted_open(path_of("all/name"), APPEND, 0600);
	assert_true(fd < 0 && errno == EPERM);
}

static void
a_loop_of_links_ends(void **state)
{
	(void)state;
	assert_int_equal(symlink("b", path_of("a")), 0);
	assert_int_equal(symlink("a", path_of("b")), 0);
	assert_int_equal(trusted_open(path_of("a"), APPEND, 0600), -1);
	assert_int_equal(errno, ELOOP);
}

static void
what_is_no_file_is_an_error(void **state)
{
	static const struct {
		const char *path;
		int error;
	} cases[] = {
		{ "/", EISDIR },
		{ "/var/tmp", EISDIR },
		{ "/var/tmp/", EISDIR },
		{ "/nonexistent/x", ENOENT },
		{ "/dev/null/x", ENOTDIR },
		{ "", EISDIR },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		errno = 0;
		assert_int_equal(trusted_open(cases[i].path, APPEND, 0600), -1);
		assert_int_equal(errno, cases[i].error);
	}
}

static void
our_own_stdout_can_be_opened(void **state)
{
	int ends[2], saved = dup(STDOUT_FILENO), fd;
	char byte = 0;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDOUT_FILENO);
	fd = trusted_open("/dev/stdout", APPEND, 0600);
	dup2(saved, STDOUT_FILENO);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(fd);
	close(saved);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_of_the_size_after_the_line),
		cmocka_unit_test(time_stamps_are_those_of_xinetd),
		cmocka_unit_test(a_full_file_stays_full_until_it_is_emptied),
		cmocka_unit_test(a_file_is_made_for_its_owner_and_group),
		cmocka_unit_test(a_fifo_without_a_reader_is_an_error_at_once),
		cmocka_unit_test(a_full_disk_is_a_failure),
		cmocka_unit_test(
		    links_are_followed_where_only_we_can_make_them),
		cmocka_unit_test(links_in_a_directory_of_all_are_not_followed),
		cmocka_unit_test(a_loop_of_links_ends),
		cmocka_unit_test(what_is_no_file_is_an_error),
		cmocka_unit_test(our_own_stdout_can_be_opened),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
