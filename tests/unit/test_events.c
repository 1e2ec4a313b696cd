/* The lines of the log, word for word: whoever reads them with a program goes
 * on to.  tests/run/test_documents.py compares them with the list of events
 * and with superd(8). */
#include "tests/unit/unit.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <syslog.h>
#include <time.h>

#include "superd/base/settings.h"
#include "superd/log/log.h"
#include "conf/report.h"
#include "superd/running/event.h"
#include "superd/running/event_self.h"
#include "superd/running/event_words.h"
#include "superd/running/records.h"
#include "superd/spawn/command.h"

/* One of each, that an event can be about. */
static struct options options = { .log_connections = true };
static struct superd superd = { .options = &options,
	.client_bits = { 32, 64 } };
static char id[] = "ftp/tcp", file[] = "/etc/inetd.conf",
	    path[] = "/usr/sbin/ftpd";
static struct service service = { .id = id,
	.place = { .file = file, .line = 7 },
	.limits = { .instances = LIMIT_NONE } };
static struct command command = { .program = path };
static struct prepared_command prepared = { .command = &command };
static struct running running = { .superd = &superd,
	.id = id,
	.service = &service,
	.prepared = &prepared,
	.place = PLACES,
	.children = 3 };
static struct endpoint endpoint;
static struct listener listener = {
	.running = &running, .endpoint = &endpoint, .bound = &endpoint.addr
};
static struct child child = {
	.running = &running, .pid = 712, .kind = CHILD_HOSTED
};
static struct addr peer;

static struct {
	int count;
	int priority;
	char text[256];
	char line[RECORD_MAX]; /* in the form that was asked for */
} last;

static bool
keep(void *arg, const struct record *record)
{
	(void)arg;
	last.count++;
	last.priority = record->priority;
	snprintf(last.text, sizeof(last.text), "%s", record->text);
	if (record->event != NULL)
		assert_non_null(record->event->message_id);
	record_print(record, log_form_now(), false, last.line,
	    sizeof(last.line));
	return true;
}

/* The event before has written one line, this one, or none. */
static void
wrote(int priority, const char *text)
{
	assert_int_equal(last.count, text != NULL);
	if (text != NULL) {
		assert_string_equal(last.text, text);
		assert_int_equal(last.priority, priority);
	}
	last.count = 0;
}

static int
set_up(void **state)
{
	(void)state;
	memset(&last, 0, sizeof(last));
	options.log_connections = true;
	service.log_on_success = service.log_on_failure = 0;
	service.limits.instances = LIMIT_NONE;
	child.hosted.traffic_known = false;
	child.started = loop_clock();
	child.started_at = time(NULL);
	child.hosted.in = 64;
	child.hosted.out = 65;
	addr_parse_host("192.0.2.7", 4711, &peer);
	child.peer = peer;
	addr_any(AF_INET, 21, &endpoint.addr);
	log_divert(keep, NULL);
	return 0;
}

static void
clients_that_are_served(void **state)
{
	(void)state;
	event_started(&running, 712, &peer);
	wrote(LOG_INFO, "start ftp/tcp pid=712 peer=192.0.2.7:4711 children=3");
	service.limits.instances = 40;
	event_started(&running, 712, NULL);
	wrote(LOG_INFO, "start ftp/tcp pid=712 peer=- children=3/40");
	child.started = loop_clock();
	event_left(&child);
	wrote(LOG_INFO, "left ftp/tcp pid=712 duration=0.000");
	event_exited(&child, 1 << 8);
	wrote(LOG_INFO, "exit ftp/tcp pid=712 status=1 duration=0.000");
	child.hosted.traffic_known = true;
	child.started = loop_clock();
	event_exited(&child, SIGKILL);
	wrote(LOG_INFO,
	    "exit ftp/tcp pid=712 signal=9 duration=0.000 in=64 out=65");
	options.log_connections = false;
	event_started(&running, 712, &peer);
	event_exited(&child, 0);
	wrote(0, NULL);
}

static void
clients_that_are_served_in_xinetds_words(void **state)
{
	(void)state;
	options.log_connections = false;
	service.log_on_success = LOGS_PID | LOGS_HOST;
	event_started(&running, 712, &peer);
	wrote(LOG_INFO, "START: ftp/tcp pid=712 from=192.0.2.7");
	service.log_on_success = LOGS_EXIT | LOGS_PID | LOGS_DURATION;
	event_exited(&child, 1 << 8);
	wrote(LOG_INFO, "EXIT: ftp/tcp status=1 pid=712 duration=0(sec)");
	service.log_on_success = LOGS_EXIT;
	event_exited(&child, SIGKILL);
	wrote(LOG_INFO, "EXIT: ftp/tcp signal=9");
	child.hosted.traffic_known = true;
	service.log_on_success = LOGS_TRAFFIC;
	event_exited(&child, 0);
	wrote(LOG_INFO, "TRAFFIC: ftp/tcp in=64(bytes) out=65(bytes)");
	event_user(&running, &peer, "UNIX : ann", NULL);
	wrote(LOG_INFO, "USERID: ftp/tcp UNIX : ann");
	event_user(&running, &peer, NULL, "no answer");
	wrote(LOG_INFO, "NOID: ftp/tcp 192.0.2.7 no answer");
}

static void
clients_that_are_refused(void **state)
{
	struct prefix client;
	struct addr six;

	(void)state;
	addr_parse_host("2001:db8::9", 4000, &six);
	event_refused(&running, &peer, REFUSED_PER_SOURCE);
	wrote(LOG_INFO, "refuse ftp/tcp peer=192.0.2.7:4711 reason=per_source");
	event_refused(&running, &six, REFUSED_SHARE);
	wrote(LOG_INFO,
	    "refuse ftp/tcp peer=[2001:db8::9]:4000 reason=share "
	    "client=2001:db8::/64");
	event_refusals_left_out(&running, 12);
	wrote(LOG_INFO, "refuse ftp/tcp: 12 more were not logged");
	event_dropped(5);
	wrote(LOG_INFO, "drop: 5 datagrams that must not be answered");
	event_denied(&running, &peer, 60);
	wrote(LOG_WARNING, "deny ftp/tcp peer=192.0.2.7 time=60m");
	event_denied(&running, &six, -1);
	wrote(LOG_WARNING, "deny ftp/tcp peer=2001:db8::/64 time=forever");
	client_of(&peer, &superd.client_bits, &client);
	event_denied_by_hand(&client, 60);
	wrote(LOG_INFO, "deny peer=192.0.2.7 time=60s by=hand");
	event_denied_by_hand(&client, 0);
	wrote(LOG_INFO, "deny peer=192.0.2.7 time=forever by=hand");
	event_allowed(&client);
	wrote(LOG_INFO, "allow peer=192.0.2.7");
	event_denylist_full(65536, 9);
	wrote(LOG_WARNING, "deny: list full (65536 entries), 9 not added");
	event_users_left_out(3);
	wrote(LOG_INFO, "ident: too many refused clients, 3 not asked about");
	service.log_on_failure = LOGS_HOST;
	event_refused(&running, &peer, REFUSED_PER_SOURCE);
	wrote(LOG_INFO, "FAIL: ftp/tcp per_source_limit from=192.0.2.7");
}

static void
children_that_fail(void **state)
{
	(void)state;
	event_start_failed(&running, 713, "exec", ENOENT);
	wrote(LOG_WARNING,
	    "error ftp/tcp pid=713 exec /usr/sbin/ftpd: "
	    "No such file or directory");
	event_connection_failed(&child, "redirect", ECONNREFUSED);
	wrote(LOG_WARNING,
	    "error ftp/tcp pid=712 peer=192.0.2.7:4711 redirect: "
	    "Connection refused");
	event_connection_failed(&child, "connection", EPROTO);
	wrote(LOG_WARNING,
	    "error ftp/tcp pid=712 peer=192.0.2.7:4711 connection: "
	    "Protocol error");
	event_asker_late("ftp/tcp", 714, 180);
	wrote(LOG_WARNING, "error ftp/tcp pid=714: no answer in 180 s");
	event_libwrap_missing(&running);
	wrote(LOG_WARNING, "error ftp/tcp: libwrap cannot be loaded");
	event_stderr(NULL, "ftp/tcp", 712, &peer, "what it wrote");
	wrote(LOG_INFO,
	    "stderr ftp/tcp pid=712 peer=192.0.2.7:4711: what it wrote");
	event_stderr_left_out(NULL, "ftp/tcp", 40);
	wrote(LOG_INFO, "stderr ftp/tcp: 40 lines dropped");
}

static void
processes_that_serve_many(void **state)
{
	(void)state;
	event_process_hung("worker echo", 715, 10, 3);
	wrote(LOG_WARNING,
	    "error worker echo pid=715: no answer for 10 s: killed, "
	    "3 connections lost");
	event_process_broken("internal", 715, 3);
	wrote(LOG_WARNING,
	    "error internal pid=715: says what cannot be: killed, "
	    "3 connections lost");
	event_process_died("worker echo", 715, 1 << 8, 3);
	wrote(LOG_WARNING,
	    "error worker echo pid=715 status=1: 3 connections lost");
	event_process_died("worker echo", 715, SIGKILL, 0);
	wrote(LOG_WARNING,
	    "error worker echo pid=715 signal=9: 0 connections lost");
	event_process_failed("worker echo", 715, "setuid", EPERM);
	wrote(LOG_WARNING,
	    "error worker echo pid=715 setuid: Operation not permitted");
}

static void
services_that_wait(void **state)
{
	(void)state;
	event_paused(&running, REFUSED_RATE);
	wrote(LOG_INFO, "pause ftp/tcp reason=rate");
	event_futile(&listener);
	wrote(LOG_INFO,
	    "pause ftp/tcp reason=backoff: woken repeatedly for nothing");
	event_shortage("processes", EAGAIN);
	wrote(LOG_WARNING,
	    "pause reason=shortage of=processes: "
	    "Resource temporarily unavailable");
	event_shortage("memory", 0);
	wrote(LOG_WARNING, "pause reason=shortage of=memory");
	event_backed_off(&listener, 500000);
	wrote(LOG_WARNING,
	    "backoff ftp/tcp: server ended without reading, "
	    "next start in 500 ms");
	event_discarded(&listener, 4);
	wrote(LOG_WARNING,
	    "discard ftp/tcp: 4 servers in a row ended without reading "
	    "this datagram");
}

static void
sockets(void **state)
{
	(void)state;
	event_bind_failed(&listener, EADDRINUSE);
	wrote(LOG_WARNING,
	    "error ftp/tcp /etc/inetd.conf:7: cannot bind 0.0.0.0:21, "
	    "retrying: Address already in use");
	event_bound(&listener);
	wrote(LOG_INFO, "bound ftp/tcp 0.0.0.0:21");
	event_passed(&listener);
	wrote(LOG_INFO, "passed ftp/tcp 0.0.0.0:21");
	errno = EPERM;
	event_not_passed(&listener);
	wrote(LOG_WARNING,
	    "error ftp/tcp: cannot use the passed socket 0.0.0.0:21: "
	    "Operation not permitted");
	event_rebound(&listener, "shut down");
	wrote(LOG_INFO, "rebind ftp/tcp: its socket was shut down");
	event_device_changed(&listener);
	wrote(LOG_INFO, "rebind ftp/tcp: its network device has changed");
	event_node_lost(&listener, "a server still has it", 0);
	wrote(LOG_WARNING,
	    "error ftp/tcp: its socket is no longer at its path, and a "
	    "server still has it");
	event_node_lost(&listener, "cannot be recreated", EACCES);
	wrote(LOG_WARNING,
	    "error ftp/tcp: its socket is no longer at its path, and cannot "
	    "be recreated: Permission denied");
	event_socket_unset(&listener, "owner and mode", EPERM);
	wrote(LOG_WARNING,
	    "error ftp/tcp: owner and mode of its socket: "
	    "Operation not permitted");
	event_registered(3);
	wrote(LOG_INFO, "rpc: 3 registered");
	event_registration_refused();
	wrote(LOG_WARNING,
	    "error rpc: rpcbind refused the registrations, retrying");
}

static void
superd_as_a_whole(void **state)
{
	(void)state;
	event_ready("38 of 40 services, 0 children");
	wrote(LOG_INFO, "ready: 38 of 40 services, 0 children");
	event_in_background("3 services, 1 child");
	wrote(LOG_INFO, "start: 3 services, 1 child");
	event_own_paths(NULL, "/run/user/7/superd.sock");
	wrote(LOG_INFO,
	    "not root: pid file none, control socket /run/user/7/superd.sock");
	event_not_started("no services");
	wrote(LOG_ERR, "not started: no services");
	event_control_failed("/run/superd.sock", EACCES);
	wrote(LOG_WARNING,
	    "error control socket /run/superd.sock: Permission denied; "
	    "name another path, or none, with --control or SUPERD_CONTROL");
	event_stop_signal("TERM", 1);
	wrote(LOG_INFO, "stop: SIGTERM to 1 child");
	event_stop_signal("KILL", 2);
	wrote(LOG_INFO, "stop: SIGKILL to 2 children");
	event_stopping(1);
	wrote(LOG_INFO, "stop: 1 child");
	event_stopping(0);
	wrote(LOG_INFO, "stop: 0 children");
}

static void
loads(void **state)
{
	struct report report = { .level = REPORT_SYNTAX,
		.text = path,
		.place = { .file = file, .line = 7, .column = 25 } };

	(void)state;
	event_report(&report);
	assert_string_equal(last.text,
	    "/etc/inetd.conf:7:25: error: /usr/sbin/ftpd");
	last.count = 0;
	event_reports_left_out(2, "/etc/inetd.conf");
	assert_string_equal(last.text,
	    "2 more reports: see superd -t /etc/inetd.conf, "
	    "and superctl list");
	last.count = 0;
	event_load_wrote("no memory");
	wrote(LOG_WARNING, "load: no memory");
	event_reloaded("added 2, removed 1, changed 1, kept 36, stale 0");
	wrote(LOG_INFO,
	    "reload: added 2, removed 1, changed 1, kept 36, stale 0");
	event_reload_refused();
	wrote(LOG_ERR, "reload: refused, nothing was changed");
}

static void
what_is_closed_by_hand(void **state)
{
	(void)state;
	running.closed = CLOSED_DISABLED;
	event_closed(&running);
	wrote(LOG_INFO, "closed ftp/tcp: disabled");
	running.closed = CLOSED_NOT;
	event_opened(&running);
	wrote(LOG_INFO, "opened ftp/tcp");
	event_set(&running, "instances=50");
	wrote(LOG_INFO, "set ftp/tcp: instances=50");
}

static void
the_state(void **state)
{
	(void)state;
	event_upgrade_begun("/usr/sbin/superd");
	wrote(LOG_INFO, "upgrade: begun: /usr/sbin/superd");
	event_upgraded("0.2.0");
	wrote(LOG_INFO, "upgrade: done: superd 0.2.0");
	event_upgrade_failed("signal 11");
	wrote(LOG_ERR, "upgrade: failed: signal 11");
	event_passed_unwanted("tcp 127.0.0.1:80");
	wrote(LOG_WARNING, "error passed: tcp 127.0.0.1:80, closed");
	event_state_unwritten("/s", ENOSPC);
	wrote(LOG_WARNING, "state: cannot write /s: No space left on device");
	event_state_unread("/s", 0);
	wrote(LOG_WARNING,
	    "state: /s: expected a file that only superd may write");
	event_state_unread("/s", 3);
	wrote(LOG_WARNING, "state: /s:3: expected CLIENT TIME BY");
	event_dumped("/var/run/xinetd.dump");
	wrote(LOG_INFO, "dump: /var/run/xinetd.dump");
	event_dump_failed("/var/run/xinetd.dump", ENOSPC);
	wrote(LOG_WARNING,
	    "dump: cannot write /var/run/xinetd.dump: "
	    "No space left on device");
	event_dump_killed(SIGKILL);
	wrote(LOG_WARNING, "dump: not written: signal 9");
	event_dump_impossible(EAGAIN);
	wrote(LOG_WARNING,
	    "dump: no process for it: Resource temporarily unavailable");
	event_dump_runs();
	wrote(LOG_INFO, "dump: the last one is not written yet");
	event_dump_line("service ftp/tcp");
	wrote(LOG_INFO, "dump service ftp/tcp");
	event_dump_left("nobody reads the log");
	wrote(LOG_WARNING, "dump: not finished: nobody reads the log");
	event_inconsistent("ftp/tcp", "2 children, 1 counted");
	wrote(LOG_WARNING, "check: ftp/tcp: 2 children, 1 counted");
	event_inconsistent(NULL, "2 sources, 1 counted");
	wrote(LOG_WARNING, "check: 2 sources, 1 counted");
	event_checked(0);
	wrote(LOG_INFO, "check: the state is consistent");
	event_checked(2);
	wrote(LOG_WARNING, "check: the state is not consistent: 2 problems");
}

/* The event before has written this line in the form of now. */
static void
wrote_line(const char *line)
{
	assert_int_equal(last.count, 1);
	assert_string_equal(last.line, line);
	last.count = 0;
}

static int
back_to_text(void **state)
{
	(void)state;
	log_form(LOG_FORMAT_TEXT);
	return 0;
}

static void
lines_in_json(void **state)
{
	(void)state;
	log_form(LOG_FORMAT_JSON);
	service.limits.instances = 40;
	event_started(&running, 712, &peer);
	wrote_line("{\"event\":\"start\",\"service\":\"ftp/tcp\",\"pid\":712,"
		   "\"peer\":\"192.0.2.7:4711\",\"children\":3,\"most\":40}");
	event_refused(&running, &peer, REFUSED_PER_SOURCE);
	wrote_line("{\"event\":\"refuse\",\"service\":\"ftp/tcp\","
		   "\"peer\":\"192.0.2.7:4711\",\"reason\":\"per_source\"}");
	event_start_failed(&running, 713, "exec", ENOENT);
	wrote_line(
	    "{\"event\":\"error\",\"service\":\"ftp/tcp\",\"pid\":713,"
	    "\"msg\":\"exec /usr/sbin/ftpd: "
	    "No such file or directory\"}");
	event_stderr(NULL, "ftp/tcp", 712, NULL, "a \"b\" \\ \n\x1b");
	wrote_line(
	    "{\"event\":\"stderr\",\"service\":\"ftp/tcp\",\"pid\":712,"
	    "\"peer\":\"-\",\"msg\":\"a \\\"b\\\" \\\\ "
	    "\\u000a\\u001b\"}");
	event_process_died("worker echo", 715, SIGKILL, 0);
	wrote_line("{\"event\":\"error\",\"process\":\"worker echo\","
		   "\"pid\":715,\"signal\":9,\"msg\":\"0 connections lost\"}");
	event_not_started("no services");
	wrote_line("{\"event\":\"not-started\",\"msg\":\"no services\"}");
	log_info("%s", "caf\xc3\xa9 \xe9 \xf0\x9f\x98\x80");
	wrote_line("{\"event\":\"log\","
		   "\"msg\":\"caf\\u00e9 \\udce9 \\ud83d\\ude00\"}");
}

static void
lines_in_logfmt(void **state)
{
	(void)state;
	log_form(LOG_FORMAT_LOGFMT);
	event_started(&running, 712, &peer);
	wrote_line("event=start service=ftp/tcp pid=712 peer=192.0.2.7:4711 "
		   "children=3");
	event_bind_failed(&listener, EADDRINUSE);
	wrote_line(
	    "event=error service=ftp/tcp place=/etc/inetd.conf:7 "
	    "msg=\"cannot bind 0.0.0.0:21, retrying: "
	    "Address already in use\"");
	event_stderr(NULL, "ftp/tcp", 712, NULL, "a=b pid=1\nevent=\"x\"");
	wrote_line("event=stderr service=ftp/tcp pid=712 peer=- "
		   "msg=\"a=b pid=1\\u000aevent=\\\"x\\\"\"");
}

static void
whoever_was_served_has_one_record(void **state)
{
	struct rusage usage = { .ru_utime = { 1, 250000 },
		.ru_stime = { 0, 4000 },
		.ru_maxrss = 1832 };
	struct child ran = { .running = &running,
		.pid = 712,
		.kind = CHILD_RUNS,
		.peer = peer,
		.started = loop_clock() - 1500000,
		.killed = SIGTERM };

	(void)state;
	log_form(LOG_FORMAT_JSON);
	ran.own.process.usage = &usage;
	ran.local = &endpoint.addr;
	event_exited(&ran, SIGTERM);
	assert_non_null(strstr(last.line, "\"event\":\"exit\","));
	assert_non_null(strstr(last.line, "\"signal\":15,\"duration\":1.5"));
	assert_non_null(strstr(last.line,
	    "\"peer\":\"192.0.2.7:4711\",\"local\":\"0.0.0.0:21\","
	    "\"start\":\"20"));
	assert_non_null(strstr(last.line,
	    "Z\",\"reason\":\"kill\",\"utime\":1.250000,"
	    "\"stime\":0.004000,\"maxrss\":1832}"));
	last.count = 0;
	event_exited(&ran, 0);
	assert_non_null(strstr(last.line, "\"reason\":\"kill\""));
	event_exited(&ran, SIGSEGV);
	assert_null(strstr(last.line, "reason"));
	log_form(LOG_FORMAT_TEXT);
	last.count = 0;
	ran.started = loop_clock();
	event_exited(&ran, SIGTERM);
	wrote(LOG_INFO, "exit ftp/tcp pid=712 signal=15 duration=0.000");
}

static void
what_does_not_fit_is_cut_and_the_line_stays_whole(void **state)
{
	char text[2000], line[RECORD_MAX];
	struct record_event event = { .name = "stderr",
		.id = text,
		.message = text };
	struct record record = { .text = text, .event = &event };

	(void)state;
	memset(text, '\x01', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t size = 512; size <= sizeof(line); size++) {
		size_t length = record_print(&record, LOG_FORMAT_JSON, true,
		    line, size);

		assert_int_equal(length, strlen(line));
		assert_in_range(length, 1, size - 1);
		assert_string_equal(line + length - 2, "\"}");
		length = record_print(&record, LOG_FORMAT_LOGFMT, true, line,
		    size);
		assert_in_range(length, 1, size - 1);
		assert_int_equal(line[length - 1], '"');
	}
}

static void
each_word_has_a_number_of_its_own(void **state)
{
	(void)state;
	for (const struct event_word *row = event_words; row->word; row++) {
		assert_int_equal(strlen(row->message_id), 32);
		assert_int_equal(strspn(row->message_id, "0123456789abcdef"),
		    32);
		assert_int_equal(strcspn(row->name, " :="), strlen(row->name));
		for (const struct event_word *other = row + 1; other->word;
		     other++) {
			assert_string_not_equal(row->message_id,
			    other->message_id);
			assert_string_not_equal(row->word, other->word);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(clients_that_are_served, set_up),
		cmocka_unit_test_setup(clients_that_are_served_in_xinetds_words,
		    set_up),
		cmocka_unit_test_setup(clients_that_are_refused, set_up),
		cmocka_unit_test_setup(children_that_fail, set_up),
		cmocka_unit_test_setup(processes_that_serve_many, set_up),
		cmocka_unit_test_setup(services_that_wait, set_up),
		cmocka_unit_test_setup(sockets, set_up),
		cmocka_unit_test_setup(what_is_closed_by_hand, set_up),
		cmocka_unit_test_setup(superd_as_a_whole, set_up),
		cmocka_unit_test_setup(loads, set_up),
		cmocka_unit_test_setup(the_state, set_up),
		cmocka_unit_test_setup_teardown(lines_in_json, set_up,
		    back_to_text),
		cmocka_unit_test_setup_teardown(lines_in_logfmt, set_up,
		    back_to_text),
		cmocka_unit_test_setup_teardown(
		    whoever_was_served_has_one_record, set_up, back_to_text),
		cmocka_unit_test(
		    what_does_not_fit_is_cut_and_the_line_stays_whole),
		cmocka_unit_test(each_word_has_a_number_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
