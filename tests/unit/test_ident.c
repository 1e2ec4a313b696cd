/* RFC 1413: answers of all kinds, and servers that give none. */
#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "conf/addr.h"
#include "superd/base/ident.h"

enum { THEIRS = 6193, OURS = 23, QUICK = 200 /* ms */, WAIT = 20000 };

static enum ident_result
parse(const char *line, char *text)
{
	text[0] = '\0';
	return ident_parse(line, THEIRS, OURS, text, IDENT_TEXT);
}

static void
a_user_is_taken_as_it_is_said(void **state)
{
	static const struct {
		const char *line, *text;
	} cases[] = {
		{ "6193, 23 : USERID : UNIX : stjohns", "UNIX : stjohns" },
		{ "6193,23:USERID:UNIX:a", "UNIX:a" },
		{ " 6193 \t, 23\t: USERID :UNIX,UTF-8 :  a b: c ",
		    "UNIX,UTF-8 :  a b: c " },
		{ "06193, 00023 : USERID : OTHER : x", "OTHER : x" },
		{ "6193, 23 : USERID : OTHER : \xc3\xa4%n",
		    "OTHER : \xc3\xa4%n" },
	};
	char text[IDENT_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (parse(cases[i].line, text) != IDENT_OK)
			fail_msg("refused: %s", cases[i].line);
		assert_string_equal(text, cases[i].text);
	}
}

static void
an_error_names_nobody(void **state)
{
	static const char *const lines[] = {
		"6193, 23 : ERROR : NO-USER",
		"6193,23:ERROR:HIDDEN-USER",
		"6193, 23 : ERROR : UNIX : root",
		"6193, 23 : ERROR : X",
	};
	char text[IDENT_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(lines[i], text), IDENT_UNTOLD);
		assert_string_equal(text, "");
	}
}

static void
what_is_no_answer_is_refused(void **state)
{
	static const char *const lines[] = {
		"",
		":",
		",",
		"6193",
		"6193, 23",
		"6193, 23 :",
		"23, 6193 : USERID : UNIX : root",
		"6193, 24 : USERID : UNIX : root",
		"6194, 23 : USERID : UNIX : root",
		"6193 23 : USERID : UNIX : root",
		"-6193, 23 : USERID : UNIX : root",
		"0x1831, 23 : USERID : UNIX : root",
		"71729, 23 : USERID : UNIX : root", /* 6193 + 65536 */
		"4294973489, 23 : USERID : UNIX : root",
		"6193, 23, 1 : USERID : UNIX : root",
		"6193, 23 : userid : UNIX : root",
		"6193, 23 : USERIDX : UNIX : root",
		"6193, 23 : USERID UNIX : root",
		"6193, 23 : USERID : UNIX",
		"6193, 23 : USERID : UNIX :",
		"6193, 23 : USERID : UNIX :  \t",
		"6193, 23 : USERID :",
		"6193, 23 : USERID : : root",
		"6193, 23 : ERROR",
		"6193, 23 : ERROR NO-USER",
		"6193, 23 : ROOT : UNIX : root",
		"6193, 23 : USERID : UNIX : ro\rot",
		"6193, 23 : USERID : UNIX : \x1b[2J",
		"6193, 23 : USERID : UNIX : a\x7f"
		"b",
		"\xff\xfe",
		"%n%n%n%n",
	};
	char text[IDENT_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (parse(lines[i], text) != IDENT_BAD)
			fail_msg("taken: %s", lines[i]);
		assert_string_equal(text, "");
	}
}

static void
what_does_not_fit_is_refused(void **state)
{
	char line[64], text[16];

	(void)state;
	snprintf(line, sizeof(line), "6193, 23 : USERID : UNIX : %s",
	    "stjohns");
	assert_int_equal(ident_parse(line, THEIRS, OURS, text, 15), IDENT_OK);
	assert_int_equal(ident_parse(line, THEIRS, OURS, text, 14), IDENT_BAD);
}

/* A server that reads the question, does one thing, and waits to be killed;
 * a %u in what it says becomes each of the ports. */

struct server {
	int listener;
	uint16_t port;
	pid_t pid;
	int client, accepted; /* the connection that is asked about */
};

static int
listen_on(const char *text, uint16_t *port)
{
	struct addr addr;
	int fd;

	assert_int_equal(addr_parse_host(text, 0, &addr), 0);
	fd = socket(addr.u.sa.sa_family, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, &addr.u.sa, addr.len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, &addr.u.sa, &addr.len), 0);
	*port = addr_port(&addr);
	return fd;
}

/* A connection over loopback: somebody's end and ours. */
static void
make_pair(struct server *server, const char *text)
{
	struct addr addr;
	uint16_t port;
	int listener = listen_on(text, &port);

	assert_int_equal(addr_parse_host(text, port, &addr), 0);
	server->client = socket(addr.u.sa.sa_family, SOCK_STREAM, 0);
	assert_int_equal(connect(server->client, &addr.u.sa, addr.len), 0);
	server->accepted = accept(listener, NULL, NULL);
	assert_true(server->accepted >= 0);
	close(listener);
}

typedef void behaviour(int fd, unsigned theirs, unsigned ours);

static void
be_server(int listener, behaviour *behave)
{
	char query[64] = "";
	unsigned theirs = 0, ours = 0;
	int fd = accept(listener, NULL, NULL);

	if (behave != NULL && read(fd, query, sizeof(query) - 1) > 0 &&
	    sscanf(query, "%u, %u\r\n", &theirs, &ours) == 2)
		behave(fd, theirs, ours);
	close(fd);
	_exit(0);
}

static void
start(struct server *server, const char *host, behaviour *behave)
{
	make_pair(server, host);
	server->listener = listen_on(host, &server->port);
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid == 0)
		be_server(server->listener, behave);
	close(server->listener);
}

static void
stop(struct server *server)
{
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	close(server->client);
	close(server->accepted);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static enum ident_result
ask_for(int fd, uint16_t port, int timeout, char *text, size_t size)
{
	struct ident_ends ends;

	ident_ends(fd, &ends);
	return ident_ask(&ends, port, timeout, text, size);
}

static enum ident_result
ask(const char *host, behaviour *behave, int timeout, char *text)
{
	struct server server;
	enum ident_result result;

	start(&server, host, behave);
	text[0] = '\0';
	result = ask_for(server.accepted, server.port, timeout, text,
	    IDENT_TEXT);
	stop(&server);
	return result;
}

static void
answers(int fd, unsigned theirs, unsigned ours)
{
	dprintf(fd, "%u , %u : USERID : UNIX : alice\r\n", theirs, ours);
}

static void
answers_in_pieces(int fd, unsigned theirs, unsigned ours)
{
	dprintf(fd, "%u , %u : USE", theirs, ours);
	usleep(20000);
	dprintf(fd, "RID : UNIX : alice\r\nand more\r\n");
}

static void
a_server_is_asked_for_the_ports_of_the_connection(void **state)
{
	char text[IDENT_TEXT];

	(void)state;
	assert_int_equal(ask("127.0.0.1", answers, WAIT, text), IDENT_OK);
	assert_string_equal(text, "UNIX : alice");
	assert_int_equal(ask("127.0.0.1", answers_in_pieces, WAIT, text),
	    IDENT_OK);
	assert_string_equal(text, "UNIX : alice");
}

static void
a_server_is_asked_over_ipv6(void **state)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	struct addr addr;
	char text[IDENT_TEXT];

	(void)state;
	addr_parse_host("::1", 0, &addr);
	if (fd < 0 || bind(fd, &addr.u.sa, addr.len) != 0)
		skip();
	close(fd);
	assert_int_equal(ask("::1", answers, WAIT, text), IDENT_OK);
	assert_string_equal(text, "UNIX : alice");
}

static void
refuses_to_say(int fd, unsigned theirs, unsigned ours)
{
	dprintf(fd, "%u,%u:ERROR:HIDDEN-USER\r\n", theirs, ours);
}

static void
says_half(int fd, unsigned theirs, unsigned ours)
{
	dprintf(fd, "%u , %u : USERID : UNIX : al", theirs, ours);
}

static void
says_garbage(int fd, unsigned theirs, unsigned ours)
{
	(void)theirs;
	(void)ours;
	assert_int_equal(write(fd, "\0\377\r\n", 4), 4);
	pause();
}

static void
says_too_much(int fd, unsigned theirs, unsigned ours)
{
	char block[4096];

	memset(block, 'x', sizeof(block));
	dprintf(fd, "%u , %u : USERID : UNIX : ", theirs, ours);
	signal(SIGPIPE, SIG_IGN);
	while (write(fd, block, sizeof(block)) > 0)
		continue;
}

static void
other_servers_are_told_apart(void **state)
{
	char text[IDENT_TEXT];

	(void)state;
	assert_int_equal(ask("127.0.0.1", refuses_to_say, WAIT, text),
	    IDENT_UNTOLD);
	assert_int_equal(ask("127.0.0.1", says_half, WAIT, text), IDENT_CUT);
	assert_int_equal(ask("127.0.0.1", NULL, WAIT, text), IDENT_CUT);
	assert_int_equal(ask("127.0.0.1", says_garbage, WAIT, text), IDENT_BAD);
	assert_int_equal(ask("127.0.0.1", says_too_much, WAIT, text),
	    IDENT_BAD);
	assert_string_equal(text, "");
}

static void
hangs(int fd, unsigned theirs, unsigned ours)
{
	(void)fd;
	(void)theirs;
	(void)ours;
	pause();
}

static void
drips(int fd, unsigned theirs, unsigned ours)
{
	(void)theirs;
	(void)ours;
	signal(SIGPIPE, SIG_IGN);
	while (write(fd, " ", 1) == 1)
		usleep(10000);
}

/* The time is for the whole, however lively the other side is. */
static void
no_server_takes_longer_than_it_may(void **state)
{
	char text[IDENT_TEXT];
	double before = now();

	(void)state;
	assert_int_equal(ask("127.0.0.1", hangs, QUICK, text), IDENT_TIMEOUT);
	assert_int_equal(ask("127.0.0.1", drips, QUICK, text), IDENT_TIMEOUT);
	/* dripping alone would last ten seconds */
	assert_true(now() - before < 8);
}

static void
where_nobody_listens_there_is_no_server(void **state)
{
	struct server server = { 0 };
	char text[IDENT_TEXT];

	(void)state;
	make_pair(&server, "127.0.0.1");
	close(listen_on("127.0.0.1", &server.port));
	assert_int_equal(ask_for(server.accepted, server.port, WAIT, text,
			     sizeof(text)),
	    IDENT_NO_SERVER);
	close(server.client);
	assert_int_equal(ask_for(server.accepted, server.port, WAIT, text,
			     sizeof(text)),
	    IDENT_NO_SERVER);
	close(server.accepted);
}

static void
what_is_no_connection_has_no_user(void **state)
{
	int ends[2];
	char text[IDENT_TEXT];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(ask_for(ends[0], IDENT_PORT, QUICK, text,
			     sizeof(text)),
	    IDENT_FAILED);
	close(ends[0]);
	close(ends[1]);
	for (int i = 0; i < IDENT_RESULTS; i++)
		assert_non_null(ident_why((enum ident_result)i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_is_taken_as_it_is_said),
		cmocka_unit_test(an_error_names_nobody),
		cmocka_unit_test(what_is_no_answer_is_refused),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(
		    a_server_is_asked_for_the_ports_of_the_connection),
		cmocka_unit_test(a_server_is_asked_over_ipv6),
		cmocka_unit_test(other_servers_are_told_apart),
		cmocka_unit_test(no_server_takes_longer_than_it_may),
		cmocka_unit_test(where_nobody_listens_there_is_no_server),
		cmocka_unit_test(what_is_no_connection_has_no_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
