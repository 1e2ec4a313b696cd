/* Whether hosts.allow and hosts.deny may refuse anybody. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

#include "superd/policy/hosts_access.h"

static const char *
put(char *path, const char *text)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return path;
}

static bool
refuse(const char *allow, const char *deny)
{
	char paths[2][32] = { "/tmp/superd-allow-XXXXXX",
		"/tmp/superd-deny-XXXXXX" };
	bool result = hosts_files_refuse(put(paths[0], allow),
	    put(paths[1], deny));

	unlink(paths[0]);
	unlink(paths[1]);
	return result;
}

static void
files_that_refuse_nobody(void **state)
{
	(void)state;
	assert_false(hosts_files_refuse("/nonexistent", "/nonexistent"));
	assert_false(hosts_files_refuse("/tmp", "/tmp"));
	assert_false(refuse("", ""));
	assert_false(refuse("# ALL: ALL: deny\n", "# ALL: ALL\n\n"));
	assert_false(refuse("# x \\\nALL: ALL: deny\n", "# x \\\nALL: ALL\n"));
	assert_false(
	    refuse("ALL: 10.0.0.0/8\nsshd: deny.example : allow\n", ""));
}

static void
rules_that_refuse(void **state)
{
	(void)state;
	assert_true(refuse("", "# x\nALL: PARANOID"));
	assert_true(refuse("", "ALL \\\n  : 10.0.0.1\n"));
	assert_true(refuse("ALL: ALL: deny\n", ""));
	assert_true(refuse("ALL: 10. : severity auth.info :\tDENY", ""));
	assert_true(refuse("ALL: ALL: twist /bin/echo no\n", ""));
	assert_true(refuse("ALL: ALL \\\n: aclexec /bin/check %a\n", ""));
	/* lines that go on, as libwrap joins them */
	assert_true(refuse("ALL: ALL: \\\n deny\n", ""));
	assert_true(refuse("ALL: ALL: de\\\nny\n", ""));
	assert_true(refuse("", "ALL \\\n#x: 10.0.0.1\n"));
	assert_true(refuse("ALL: ALL:\v\fdeny\n", ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_that_refuse_nobody),
		cmocka_unit_test(rules_that_refuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
