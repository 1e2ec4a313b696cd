/* Internal services through socketpairs: RFC 862-868, 1078. */
#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "services/io.h"
#include "services/services.h"
#include "services/tcpmux.h"
#include "tests/unit/desk.h"

/* All of it at once, as whoever accepts a client does. */
static void
answer(const struct handler *handler, int fd)
{
	char bytes[512];
	size_t length = handler->answer(bytes, sizeof(bytes), time(NULL));

	_exit(write_all(fd, bytes, length, -1) != 0);
}

/* Run a handler in a child, which ends with its connection; our end. */
static int
talk_to(const char *name)
{
	const struct handler *handler = handler_find(name);
	struct office office = { -1, 0 };
	int fds[2];

	/* it shall not have our end */
	if (handler->step != NULL)
		office = hire(handler);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	if (handler->step != NULL) {
		give(office.channel, fds[1]);
		close(office.channel);
	} else if (fork() == 0) {
		close(fds[0]);
		answer(handler, fds[1]);
	}
	close(fds[1]);
	return fds[0];
}

static void
reap(int fd)
{
	close(fd);
	while (wait(NULL) > 0)
		continue;
}

static size_t
read_full(int fd, char *buf, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used < size && (n = read(fd, buf + used, size - used)) > 0)
		used += (size_t)n;
	return used;
}

static void
echo_returns_every_octet_and_ends_after_half_close(void **state)
{
	int fd = talk_to("echo");
	char sent[3000], got[3000];

	(void)state;
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (char)(i * 7);
	assert_int_equal(write(fd, sent, sizeof(sent)), sizeof(sent));
	shutdown(fd, SHUT_WR);
	assert_int_equal(read_full(fd, got, sizeof(got)), sizeof(got));
	assert_memory_equal(sent, got, sizeof(sent));
	assert_int_equal(read(fd, got, 1), 0);
	reap(fd);
}

static void
fill_pattern(char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)(i * 31 + i / 257);
}

static void
echo_returns_four_mebibytes_sent_in_odd_pieces(void **state)
{
	enum { SIZE = 4 << 20 };
	char *sent = malloc(SIZE), *got = malloc(SIZE);
	int fd = talk_to("echo");

	(void)state;
	fill_pattern(sent, SIZE);
	if (fork() == 0) {
		for (size_t at = 0, step = 1; at < SIZE; at += step) {
			step = step % 9000 + 1;
			if (step > SIZE - at)
				step = SIZE - at;
			if (write_all(fd, sent + at, step, -1) != 0)
				_exit(1);
		}
		shutdown(fd, SHUT_WR);
		_exit(0);
	}
	assert_int_equal(read_full(fd, got, SIZE), SIZE);
	assert_memory_equal(sent, got, SIZE);
	assert_int_equal(read(fd, got, 1), 0);
	reap(fd);
	free(sent);
	free(got);
}

static void
echo_stops_a_client_that_does_not_read_and_loses_nothing(void **state)
{
	enum { SIZE = 8 << 20 };
	char *sent = malloc(SIZE), *got = malloc(SIZE);
	int fd = talk_to("echo");
	size_t at = 0;
	ssize_t n;

	(void)state;
	fill_pattern(sent, SIZE);
	while (at < SIZE && write_all(fd, sent + at, 4096, 200) == 0)
		at += 4096;
	assert_in_range(at, 65536, SIZE / 2);
	/* what the last write left out is not known: it is not sent */
	shutdown(fd, SHUT_WR);
	n = (ssize_t)read_full(fd, got, SIZE);
	assert_in_range(n, at, at + 4096);
	assert_memory_equal(sent, got, (size_t)n);
	reap(fd);
	free(sent);
	free(got);
}

static void
discard_reads_and_says_nothing(void **state)
{
	int fd = talk_to("discard");
	char block[65536] = { 0 };

	(void)state;
	for (int i = 0; i < 16; i++)
		assert_int_equal(write(fd, block, sizeof(block)),
		    sizeof(block));
	shutdown(fd, SHUT_WR);
	assert_int_equal(read(fd, block, 1), 0);
	reap(fd);
}

static void
chargen_lines_form_a_ring_of_95(void **state)
{
	int fd = talk_to("chargen");
	static char lines[74 * 192];

	(void)state;
	assert_int_equal(read_full(fd, lines, sizeof(lines)), sizeof(lines));
	for (int k = 0; k < 192; k++) {
		assert_int_equal(lines[74 * k], ' ' + k % 95);
		assert_int_equal(lines[74 * k + 71], ' ' + (k + 71) % 95);
		assert_int_equal(lines[74 * k + 72], '\r');
		assert_int_equal(lines[74 * k + 73], '\n');
	}
	assert_memory_equal(lines, lines + 74 * 95, 74);
	reap(fd);
}

static void
chargen_goes_on_after_half_close(void **state)
{
	int fd = talk_to("chargen");
	static char lines[1 << 20];

	(void)state;
	assert_int_equal(write(fd, "noise", 5), 5);
	shutdown(fd, SHUT_WR);
	assert_int_equal(read_full(fd, lines, sizeof(lines)), sizeof(lines));
	assert_int_equal(lines[74 * 1000], ' ' + 1000 % 95);
	reap(fd);
}

static void
streams_end_when_the_client_has_gone(void **state)
{
	static const char *const names[] = { "echo", "discard", "chargen" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		int fd = talk_to(names[i]);

		assert_int_equal(write(fd, "x", 1), 1);
		alarm(20);
		reap(fd);
		alarm(0);
	}
}

static void
one_shot_streams_answer_unasked_and_close(void **state)
{
	char answer[128];
	int fd;

	(void)state;
	fd = talk_to("time");
	assert_int_equal(read_full(fd, answer, sizeof(answer)), 4);
	reap(fd);
	fd = talk_to("daytime");
	assert_int_equal(read_full(fd, answer, sizeof(answer)), 26);
	assert_memory_equal(answer + 24, "\r\n", 2);
	reap(fd);
}

static ssize_t
datagram(const char *name, char *buf, size_t length, time_t now)
{
	return handler_find(name)->datagram(buf, length, DATAGRAM_MAX, now);
}

static void
datagram_handlers_answer_as_their_rfcs_say(void **state)
{
	static char buf[DATAGRAM_MAX];

	(void)state;
	memset(buf, 'x', sizeof(buf));
	assert_int_equal(datagram("echo", buf, 65507, 0), 65507);
	assert_int_equal(datagram("echo", buf, 0, 0), 0);
	assert_int_equal(buf[65506], 'x');
	assert_int_equal(datagram("discard", buf, 10, 0), -1);
	assert_in_range(datagram("chargen", buf, 0, 0), 1, 512);
	assert_int_equal(datagram("time", buf, 0, 0), 4);
	assert_memory_equal(buf, "\x83\xaa\x7e\x80", 4);
}

static void
chargen_datagrams_are_short_whatever_is_asked(void **state)
{
	static char buf[DATAGRAM_MAX];
	ssize_t n;

	(void)state;
	for (time_t now = 0; now < 200; now++) {
		memset(buf, '\377', 600);
		n = datagram("chargen", buf, 600, now);
		assert_in_range(n, 1, 512);
		assert_memory_equal(buf + n - 2, "\r\n", 2);
		for (ssize_t i = 0; i < n - 2; i++)
			assert_in_range(buf[i], ' ', '~');
	}
	assert_int_equal(handler_find("chargen")->datagram(buf, 0, 73, 0), -1);
}

static void
time_wraps_in_2036_whatever_the_zone(void **state)
{
	char buf[8];

	(void)state;
	setenv("TZ", "XXX-05:45", 1);
	tzset();
	assert_int_equal(handler_find("time")->answer(buf, sizeof(buf),
			     2085978495),
	    4);
	assert_memory_equal(buf, "\xff\xff\xff\xff", 4);
	handler_find("time")->answer(buf, sizeof(buf), 2085978496);
	assert_memory_equal(buf, "\0\0\0\0", 4);
}

static void
daytime_is_english_local_and_ends_with_crlf(void **state)
{
	char buf[64];
	size_t n;

	(void)state;
	setlocale(LC_ALL, "");
	setenv("TZ", "XXX-05:45", 1);
	tzset();
	n = handler_find("daytime")->answer(buf, sizeof(buf), 1795911959);
	buf[n] = '\0';
	assert_string_equal(buf, "Sun Nov 29 06:10:59 2026\r\n");
	assert_int_equal(handler_find("daytime")->answer(buf, 5, 0), 0);
}

static void
daytime_follows_a_change_of_zone(void **state)
{
	char buf[64];

	(void)state;
	setenv("TZ", "XXX-05:45", 1);
	assert_int_equal(handler_find("daytime")->answer(buf, sizeof(buf), 0),
	    26);
	assert_memory_equal(buf, "Thu Jan  1 05:45:00 1970", 24);
	setenv("TZ", "YYY+01", 1);
	handler_find("daytime")->answer(buf, sizeof(buf), 1);
	assert_memory_equal(buf, "Wed Dec 31 23:00:01 1969", 24);
}

static void
the_table_knows_what_exists(void **state)
{
	(void)state;
	assert_null(handler_find("Echo"));
	assert_true(handler_known("echo", SOCK_STREAM));
	assert_true(handler_known("tcpmux", SOCK_STREAM));
	assert_false(handler_known("tcpmux", SOCK_DGRAM));
	assert_true(handler_known("services", SOCK_STREAM));
	assert_true(handler_known("servers", SOCK_STREAM));
	assert_true(handler_known("metrics", SOCK_STREAM));
	assert_false(handler_known("metrics", SOCK_DGRAM));
	assert_true(handler_is_web("metrics"));
	assert_true(handler_is_web("status"));
	assert_false(handler_is_web("servers"));
	assert_false(handler_known("servers", SOCK_DGRAM));
	assert_false(handler_known("echo", SOCK_RAW));
	assert_false(handler_known("finger", SOCK_STREAM));
}

/* Lines. */

static ssize_t
line_of(const char *sent, size_t length, char *buf, size_t size, char *rest)
{
	int fds[2];
	ssize_t n, left;
	int saved;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(write(fds[0], sent, length), length);
	shutdown(fds[0], SHUT_WR);
	n = read_line(fds[1], buf, size, 1000);
	saved = errno;
	left = read(fds[1], rest, 63);
	rest[left > 0 ? left : 0] = '\0';
	close(fds[0]);
	close(fds[1]);
	errno = saved;
	return n;
}

static void
read_line_takes_not_one_byte_more(void **state)
{
	char buf[16], rest[64];

	(void)state;
	assert_int_equal(line_of("ab\r\nrest", 8, buf, sizeof(buf), rest), 2);
	assert_string_equal(buf, "ab");
	assert_string_equal(rest, "rest");
	assert_int_equal(line_of("\n\n", 2, buf, sizeof(buf), rest), 0);
	assert_string_equal(rest, "\n");
	assert_int_equal(line_of("ab", 2, buf, sizeof(buf), rest), -1);
	assert_int_equal(errno, ECONNRESET);
	assert_int_equal(line_of("0123456789abcdefg\n", 18, buf, sizeof(buf),
			     rest),
	    -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(line_of("a\0b\n", 4, buf, sizeof(buf), rest), -1);
	assert_int_equal(errno, EPROTO);
}

static void
read_line_takes_not_one_byte_more_from_a_pipe(void **state)
{
	char buf[16], rest[8];
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], "ab\r\nrest", 8), 8);
	assert_int_equal(read_line(fds[0], buf, sizeof(buf), 1000), 2);
	assert_string_equal(buf, "ab");
	assert_int_equal(read(fds[0], rest, sizeof(rest)), 4);
	close(fds[0]);
	close(fds[1]);
}

static void
read_line_joins_what_comes_in_pieces(void **state)
{
	static const char text[] = "split\r\n";
	char buf[16];
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	if (fork() == 0) {
		for (size_t i = 0; i + 1 < sizeof(text); i++) {
			usleep(2000);
			write_all(fds[0], &text[i], 1, -1);
		}
		_exit(0);
	}
	assert_int_equal(read_line(fds[1], buf, sizeof(buf), 5000), 5);
	assert_string_equal(buf, "split");
	close(fds[1]);
	reap(fds[0]);
}

/* Each byte in time, the whole not: a deadline is no idle timeout. */
static void
read_line_has_a_deadline_for_the_whole(void **state)
{
	long long start = monotonic_ms();
	char buf[1000];
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	if (fork() == 0) {
		close(fds[1]);
		while (write_all(fds[0], "x", 1, -1) == 0)
			usleep(20000);
		_exit(0);
	}
	assert_int_equal(read_line(fds[1], buf, sizeof(buf), 200), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_in_range(monotonic_ms() - start, 200, 5000);
	close(fds[1]);
	reap(fds[0]);
}

static void
read_line_has_a_deadline(void **state)
{
	int fds[2];
	char buf[16];
	long long start = monotonic_ms();

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(read_line(fds[1], buf, sizeof(buf), 50), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_in_range(monotonic_ms() - start, 50, 5000);
	close(fds[0]);
	close(fds[1]);
}

static void
write_all_has_a_deadline(void **state)
{
	int fds[2];
	static char block[1 << 22];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(write_all(fds[1], block, sizeof(block), 50), -1);
	assert_int_equal(errno, ETIMEDOUT);
	close(fds[0]);
	assert_int_equal(write_all(fds[1], block, 1, 50), -1);
	close(fds[1]);
}

/* tcpmux. */

static bool
find(void *arg, const char *name, uint32_t *number)
{
	(void)arg;
	*number = 7;
	return strcasecmp(name, "plain") == 0 ||
	    strcasecmp(name, "plus") == 0 || strlen(name) == TCPMUX_NAME_MAX;
}

static const char *
list(void *arg, size_t *length)
{
	static const char names[] = "plain\r\nplus\r\n";

	(void)arg;
	*length = sizeof(names) - 1;
	return names;
}

/* Until it is over, or the client says nothing for so many ms.  0: a service
 * was found. */
static int
talk_mux(int fd, int timeout)
{
	const struct tcpmux_directory directory = { find, list, NULL };
	struct talk talk = { .fd = fd };

	assert_int_equal(fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK), 0);
	while (talk.state == TALK_READS || talk.state == TALK_LISTS) {
		struct pollfd pfd = { fd,
			talk.state == TALK_READS ? POLLIN : POLLOUT, 0 };

		if (poll(&pfd, 1, timeout) == 1)
			tcpmux_step(&talk, &directory);
		else
			tcpmux_late(&talk);
	}
	if (talk.state != TALK_FOUND)
		return -1;
	assert_int_equal(talk.number, 7);
	return 0;
}

static int
mux(const char *question, size_t length, char *answer, size_t size)
{
	int fds[2], result;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(write(fds[0], question, length), length);
	result = talk_mux(fds[1], 50);
	close(fds[1]);
	answer[read_full(fds[0], answer, size - 1)] = '\0';
	close(fds[0]);
	return result;
}

static void
tcpmux_talks_as_rfc_1078_says(void **state)
{
	char answer[128], big[600];

	(void)state;
	assert_int_equal(mux("PLAIN\r\n", 7, answer, sizeof(answer)), 0);
	assert_string_equal(answer, "");
	assert_int_equal(mux("Plus\n", 5, answer, sizeof(answer)), 0);
	assert_string_equal(answer, "");
	assert_int_equal(mux("help\r\n", 6, answer, sizeof(answer)), -1);
	assert_string_equal(answer, "plain\r\nplus\r\n");
	assert_int_equal(mux("x\r\n", 3, answer, sizeof(answer)), -1);
	assert_int_equal(answer[0], '-');
	memset(big, 'x', sizeof(big));
	assert_int_equal(mux(big, sizeof(big), answer, sizeof(answer)), -1);
	assert_string_equal(answer, "-Service name too long\r\n");
	assert_int_equal(mux("silent", 6, answer, sizeof(answer)), -1);
	assert_string_equal(answer, "-No service name in time\r\n");
}

static void
tcpmux_leaves_what_follows_the_name_to_the_service(void **state)
{
	char rest[32];
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(write(fds[0], "plain\r\nGET /\n\0x", 15), 15);
	assert_int_equal(talk_mux(fds[1], 1000), 0);
	assert_int_equal(read(fds[1], rest, sizeof(rest)), 8);
	assert_memory_equal(rest, "GET /\n\0x", 8);
	close(fds[0]);
	close(fds[1]);
}

static void
tcpmux_names_have_at_most_256_octets(void **state)
{
	char line[1024], answer[128];

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line + TCPMUX_NAME_MAX, "\r\n", 2);
	assert_int_equal(mux(line, TCPMUX_NAME_MAX + 2, answer, sizeof(answer)),
	    0);
	memcpy(line + TCPMUX_NAME_MAX, "x\r\n", 3);
	assert_int_equal(mux(line, TCPMUX_NAME_MAX + 3, answer, sizeof(answer)),
	    -1);
	assert_string_equal(answer, "-Service name too long\r\n");
	memset(line, 'x', sizeof(line));
	memcpy(line + 1000, "\r\n", 2);
	assert_int_equal(mux(line, 1002, answer, sizeof(answer)), -1);
	assert_int_equal(answer[0], '-');
}

static void
tcpmux_refuses_a_name_with_a_nul_or_none_at_all(void **state)
{
	char answer[128];

	(void)state;
	assert_int_equal(mux("plain\0x\r\n", 9, answer, sizeof(answer)), -1);
	assert_string_equal(answer, "-Bad service name\r\n");
	assert_int_equal(mux("\r\n", 2, answer, sizeof(answer)), -1);
	assert_int_equal(answer[0], '-');
}

static void
tcpmux_says_nothing_to_a_client_that_has_gone(void **state)
{
	char answer[8];
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(write(fds[0], "pla", 3), 3);
	shutdown(fds[0], SHUT_WR);
	assert_int_equal(talk_mux(fds[1], 1000), -1);
	close(fds[1]);
	assert_int_equal(read(fds[0], answer, sizeof(answer)), 0);
	close(fds[0]);
}

/* For clients that read but once. */
static void
tcpmux_refuses_in_one_piece(void **state)
{
	char answer[64];
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	assert_int_equal(write(fds[0], "x\r\n", 3), 3);
	assert_int_equal(talk_mux(fds[1], 1000), -1);
	assert_int_equal(read(fds[0], answer, sizeof(answer)), 24);
	assert_memory_equal(answer, "-Service not available\r\n", 24);
	close(fds[0]);
	close(fds[1]);
}

/* It is sent as the client takes it, and nobody waits for that. */
static const char *
long_list(void *arg, size_t *length)
{
	static char names[1 << 20];

	(void)arg;
	memset(names, 'x', sizeof(names));
	*length = sizeof(names);
	return names;
}

/* The client has asked for a list that is longer than its buffer. */
static void
begin_list(struct talk *talk, const struct tcpmux_directory *directory,
    int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			     fds),
	    0);
	talk->fd = fds[1];
	assert_int_equal(write(fds[0], "help\n", 5), 5);
	tcpmux_step(talk, directory);
	assert_int_equal(talk->state, TALK_LISTS);
}

static void
tcpmux_lists_names_as_the_client_takes_them(void **state)
{
	const struct tcpmux_directory directory = { find, long_list, NULL };
	static char got[(1 << 20) + 1];
	struct talk talk = { 0 };
	size_t used = 0;
	ssize_t n;
	int fds[2];

	(void)state;
	begin_list(&talk, &directory, fds);
	while (talk.state == TALK_LISTS) {
		n = read(fds[0], got + used, sizeof(got) - used);
		assert_true(n > 0);
		used += (size_t)n;
		tcpmux_step(&talk, &directory);
	}
	close(fds[1]);
	used += read_full(fds[0], got + used, sizeof(got) - used);
	assert_int_equal(used, 1 << 20);
	assert_int_equal(talk.out, 1 << 20);
	close(fds[0]);
}

static void
tcpmux_gives_a_client_that_takes_no_names_up(void **state)
{
	const struct tcpmux_directory directory = { find, long_list, NULL };
	struct talk talk = { 0 };
	int fds[2];

	(void)state;
	begin_list(&talk, &directory, fds);
	tcpmux_late(&talk);
	assert_int_equal(talk.state, TALK_OVER);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    echo_returns_every_octet_and_ends_after_half_close),
		cmocka_unit_test(
		    echo_returns_four_mebibytes_sent_in_odd_pieces),
		cmocka_unit_test(
		    echo_stops_a_client_that_does_not_read_and_loses_nothing),
		cmocka_unit_test(discard_reads_and_says_nothing),
		cmocka_unit_test(chargen_lines_form_a_ring_of_95),
		cmocka_unit_test(chargen_goes_on_after_half_close),
		cmocka_unit_test(streams_end_when_the_client_has_gone),
		cmocka_unit_test(one_shot_streams_answer_unasked_and_close),
		cmocka_unit_test(chargen_datagrams_are_short_whatever_is_asked),
		cmocka_unit_test(datagram_handlers_answer_as_their_rfcs_say),
		cmocka_unit_test(time_wraps_in_2036_whatever_the_zone),
		cmocka_unit_test(daytime_is_english_local_and_ends_with_crlf),
		cmocka_unit_test(daytime_follows_a_change_of_zone),
		cmocka_unit_test(the_table_knows_what_exists),
		cmocka_unit_test(read_line_takes_not_one_byte_more),
		cmocka_unit_test(read_line_takes_not_one_byte_more_from_a_pipe),
		cmocka_unit_test(read_line_joins_what_comes_in_pieces),
		cmocka_unit_test(read_line_has_a_deadline_for_the_whole),
		cmocka_unit_test(read_line_has_a_deadline),
		cmocka_unit_test(write_all_has_a_deadline),
		cmocka_unit_test(tcpmux_talks_as_rfc_1078_says),
		cmocka_unit_test(
		    tcpmux_leaves_what_follows_the_name_to_the_service),
		cmocka_unit_test(tcpmux_names_have_at_most_256_octets),
		cmocka_unit_test(
		    tcpmux_refuses_a_name_with_a_nul_or_none_at_all),
		cmocka_unit_test(tcpmux_says_nothing_to_a_client_that_has_gone),
		cmocka_unit_test(tcpmux_refuses_in_one_piece),
		cmocka_unit_test(tcpmux_lists_names_as_the_client_takes_them),
		cmocka_unit_test(tcpmux_gives_a_client_that_takes_no_names_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
