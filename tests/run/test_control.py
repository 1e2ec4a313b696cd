"""The control socket and superctl."""

import contextlib
import json
import os
import re
import socket
import subprocess
import time

import pytest
from conftest import (SLOW, SUPERCTL, SUPERD, add_groups, connect,
                      open_terminal, probe, tcp, udp, wait_for)

CONF = (f"20001 stream tcp nowait nobody {probe('hold')} hold\n"
        "20013 stream tcp nowait root internal daytime\n")


def test_ping(superd):
    daemon = superd(CONF)
    assert daemon.ctl("ping") == (0, f"superd 0.2.0 pid {daemon.pid}\n")
    assert json.loads(daemon.ctl("--json", "ping")[1]) == {"pid": daemon.pid}
    assert daemon.ctl("-q", "ping") == (0, "")


def test_list_and_header(superd):
    daemon = superd(CONF)
    tcp(20013)
    lines = daemon.ctl("list")[1].splitlines()
    assert lines[0].split() == ["SERVICE", "STATE", "CHILDREN", "ACCEPTED",
                                "REFUSED", "FAILED", "ADDRESS"]
    assert lines[2].split() == ["20013/tcp", "listening", "0", "1", "0", "0",
                                "0.0.0.0:20013", "[::]:20013"]
    assert daemon.ctl("--no-header", "list")[1].splitlines() == lines[1:]
    ids = [s["id"] for s in json.loads(daemon.ctl("--json", "list")[1])]
    assert ids == ["20001/tcp", "20013/tcp"]


def test_show(superd):
    daemon = superd(CONF)
    with connect(20001) as s:
        pid = int(s.recv(100).split()[1])
        code, text = daemon.ctl("show", "20001/tcp")
        assert code == 0 and f"child {pid} for" in text
        assert "peer 127.0.0.1:" in text
    assert daemon.ctl("show", "nothing") == (
        4, "superctl: no service nothing\n")


IDS = "".join(f"{id} stream tcp nowait root internal daytime\n" for id in (
    "21", "2100", "2101", "127.0.0.1:22"))


@pytest.mark.parametrize("word,id", [
    ("127", "127.0.0.1:22/tcp"), ("2100", "2100/tcp"), ("2101/", "2101/tcp"),
    ("21", "21/tcp"), ("21/tcp", "21/tcp")])
def test_beginning_of_an_id_is_enough(superd, word, id):
    daemon = superd(IDS)
    code, text = daemon.ctl("--json", "show", word)
    assert code == 0 and json.loads(text)["id"] == id


@pytest.mark.parametrize("word,problem", [
    ("2", "more than one service begins with 2: 21/tcp, 2100/tcp, 2101/tcp"),
    ("210", "more than one service begins with 210: 2100/tcp, 2101/tcp"),
    ("2110/tcp", "no service 2110/tcp, did you mean 2100/tcp?"),
    ("22/tcpp", "no service 22/tcpp, did you mean 21/tcp?"),
    ("nothing", "no service nothing")])
def test_word_that_names_no_service_is_told_what_is_near(superd, word,
                                                         problem):
    daemon = superd(IDS)
    assert daemon.ctl("show", word) == (4, f"superctl: {problem}\n")


def test_errors_are_on_stderr_and_json_for_those_who_read_it(superd):
    daemon = superd(CONF)
    argv = [SUPERCTL, "-s", daemon.control, "--json", "show", "nosuch"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        4, "superctl: no service nosuch\n")
    assert json.loads(done.stdout) == {"error": "no service nosuch"}
    argv.remove("--json")
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (4, "")


def test_show_says_what_a_service_is(superd):
    """its program, user, place, sockets, limits and counts"""
    daemon = superd("20001 stream tcp4 nowait/7/30/5 nobody:daemon /bin/sh "
                    "sh -c 'exit 3'\n")
    tcp(20001)
    wait_for(lambda: daemon.service("20001/tcp4")["last_exit"])
    text = daemon.ctl("show", "20001")[1]
    for row in (r"20001/tcp4: listening, /bin/sh",
                r'  arguments +sh -c "exit 3"',
                r"  user +nobody, group daemon",
                rf"  defined +{daemon.conf}:1",
                r"  socket +0\.0\.0\.0:20001 listening",
                r"  limits +instances 7, per_source 5, source_rate 30 in 60 s",
                r"  counts +accepted 1, started 1, answered 0, failed 0, "
                r"refused 0",
                r"  last exit +status 3, pid \d+, \d+\.\d s ago"):
        assert re.search(f"^{row}$", text, re.M), (row, text)
    one = daemon.service("20001/tcp4")
    assert (one["args"], one["user"], one["group"]) == (
        ["sh", "-c", "exit 3"], "nobody", "daemon")
    assert one["limits"] == {
        "instances": 7, "per_source": 5, "rate": None,
        "source_rate": {"count": 30, "seconds": 60}}
    last = one["last_exit"]
    assert (last["status"], last["signal"]) == (3, None)
    assert last["pid"] > 1 and 0 <= last["ago"] < 60 * SLOW


@pytest.mark.parametrize("program,error,status", [
    ("/nonexistent/x", "No such file or directory", 127),
    ("/etc/passwd", "Permission denied", 126)])
def test_show_says_why_a_service_does_not_start(superd, program, error,
                                                status):
    """what clients see is nothing: the state is where to look"""
    daemon = superd(f"20001 stream tcp nowait nobody {program} x\n")
    assert daemon.service("20001/tcp")["last_failure"] is None
    assert set(daemon.service("20001/tcp")["limits"].values()) == {None}
    assert tcp(20001) == b""
    one = wait_for(lambda: daemon.service("20001/tcp")["last_exit"]) and \
        daemon.service("20001/tcp")
    failure = one["last_failure"]
    assert (failure["step"], failure["error"]) == ("exec", error)
    assert failure["pid"] == one["last_exit"]["pid"]
    assert one["last_exit"]["status"] == status     # as shells have it
    text = daemon.ctl("show", "20001/tcp")[1]
    assert re.search(rf"^  failure +exec: {error}, pid {failure['pid']}, "
                     r"[\d.]+ s ago$", text, re.M), text
    assert f"  last exit  status {status}, pid " in text
    assert daemon.ctl("--no-header", "list")[1].split()[:6] == [
        "20001/tcp", "listening", "0", "1", "0", "1"]


def test_show_says_which_signal_ended_a_server(superd):
    daemon = superd("20001 stream tcp nowait nobody /bin/sh sh -c "
                    "'kill -9 $$'\n")
    tcp(20001)
    last = wait_for(lambda: daemon.service("20001/tcp")["last_exit"])
    assert (last["status"], last["signal"]) == (None, 9)
    assert "  last exit  signal 9 (Killed), pid" in \
        daemon.ctl("show", "20001/tcp")[1]


def test_show_says_who_holds_a_service(superd, veth):
    """the clients that have most of its children"""
    daemon = superd("20001 stream tcp nowait/40 nobody "
                    f"{probe('hold')} hold\n")
    with contextlib.ExitStack() as stack:
        def hold(host, times):
            for _ in range(times):
                s = stack.enter_context(connect(20001, host))
                assert s.recv(100)
        hold("127.0.0.1", 2)
        hold("192.0.2.1", 3)
        hold("2001:db8::1", 1)
        text = daemon.ctl("show", "20001/tcp")[1]
        assert re.search(r"^  holds      6 of 40$", text, re.M), text
        assert re.search(r"^  clients +192\.0\.2\.1(/32)? has 3, "
                         r"127\.0\.0\.1(/32)? has 2, "
                         r"2001:db8::/64 has 1$", text, re.M), text


def test_show_says_that_an_entry_is_left_out(superd):
    daemon = superd(CONF + "20002 stream tcp nowait nosuchuser /bin/cat cat\n")
    assert daemon.ctl("show", "20002/tcp") == (
        3, f"superctl: 20002/tcp is not served: {daemon.conf}:3 has an "
        "error, see superd -t\n")


def test_columns_of_the_list_are_as_wide_as_needed(superd, tmp_path):
    long = str(tmp_path / ("x" * 60))
    daemon = superd(f"{long} stream unix nowait root internal daytime\n"
                    "20013 stream tcp4 nowait root internal daytime\n")
    header, *rows = daemon.ctl("list")[1].splitlines()
    for row in rows:
        assert row.index("listening") == header.index("STATE")
        assert row[header.index("ADDRESS") - 1] == " "
    assert {row[header.index("ADDRESS"):] for row in rows} == {
        long, "0.0.0.0:20013"}


def test_show_says_by_its_status_whether_it_is_served(superd):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 20002))
        busy.listen()
        daemon = superd(CONF + "127.0.0.1:20002 stream tcp nowait root "
                        "internal daytime\n")
        assert daemon.ctl("-q", "show", "127.0.0.1:20002/tcp") == (3, "")
        assert daemon.ctl("-q", "show", "20013/tcp") == (0, "")
        assert daemon.ctl("-q", "show", "nothing") == (4, "")


def test_reloads_are_counted_and_the_start_is_none(superd):
    daemon = superd(CONF)
    assert daemon.status()["reloads"] == 0
    assert daemon.reload()[0] == 0
    assert daemon.reload("garbage\n")[0] == 1
    status = daemon.status()
    assert (status["reloads"], status["reloads_failed"]) == (1, 1)


def test_status_keys_are_stable(superd):
    """these are documented in superctl(8)"""
    daemon = superd(CONF)
    status = daemon.status()
    assert sorted(status) == sorted([
        "version", "pid", "uptime", "config", "files", "children",
        "max_children", "workers", "paused", "sources", "log_dropped",
        "reloads", "reloads_failed", "unservable", "services",
        "denied", "denied_left_out", "ident_left_out", "processes",
        "connections", "talks", "waiting"])
    assert sorted(status["services"][0]) == sorted([
        "id", "state", "name", "dialect", "wait", "internal", "program",
        "args", "user", "group", "file", "line", "limits", "paused",
        "paused_for", "listeners", "children", "accepted", "started",
        "answered", "datagrams", "discarded", "failed", "refused",
        "last_failure", "last_exit", "processes", "connections", "talks",
        "most", "waiting", "client", "client_holds", "overridden"])
    assert sorted(status["services"][0]["limits"]) == sorted([
        "instances", "per_source", "rate", "source_rate"])
    assert sorted(status["services"][0]["listeners"][0]) == sorted([
        "address", "type", "fd", "state", "retry_in", "error",
        "dropped"])
    assert status["services"][0]["line"] == 1
    assert status["services"][0]["file"] == str(daemon.conf)


def test_reload_answers_with_the_difference_as_json(superd):
    daemon = superd(CONF)
    daemon.write(CONF + "nonsense\n")
    code, text = daemon.ctl("--json", "reload")
    answer = json.loads(text)
    assert code == 1 and answer["applied"] is False
    assert "too few fields" in answer["reports"][0]
    daemon.write(CONF + "20014 stream tcp nowait root internal daytime\n")
    code, text = daemon.ctl("--json", "reload")
    answer = json.loads(text)
    assert code == 0 and answer["applied"] and answer["added"] == 1


def test_text_of_names_does_not_steer_the_terminal(superd):
    """on a terminal, control characters are shown as octal"""
    daemon = superd(b"20001 stream tcp nowait root /bin/a\x1b[31mb x\n")
    master, slave = open_terminal()
    with os.fdopen(master, "rb", buffering=0) as terminal:
        with os.fdopen(slave, "wb", buffering=0) as tty:
            subprocess.run([SUPERCTL, "-s", daemon.control, "show",
                            "20001/tcp"], stdout=tty, check=True)
            text = terminal.read(4096)
    assert b"\\033[31m" in text and b"\x1b" not in text


OUTSIDER, MEMBER, GROUP = 1234, 1235, 4321


@pytest.fixture
def group(tmp_path, mounts):
    """The group `askers'."""
    add_groups(tmp_path, mounts, askers=GROUP)
    return "control_group = askers\n"


DAYTIME = 'service "day" { internal = daytime port = 20013 }\n'


def ask_as(daemon, *args, uid=OUTSIDER, gid=OUTSIDER, groups=()):
    done = subprocess.run([SUPERCTL, "-s", daemon.control, *args], user=uid,
                          group=gid, extra_groups=groups, text=True,
                          capture_output=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.root
def test_members_of_the_group_may_ask_and_reload(conf, group):
    """with it as their first group, or as any other"""
    daemon = conf(group + DAYTIME)
    assert os.stat(daemon.control).st_mode & 0o777 == 0o660
    for who in ({"gid": GROUP}, {"groups": [7, GROUP]},
                {"groups": [*range(1000, 1200), GROUP]}):
        assert ask_as(daemon, "reload", **who)[0] == 0, who
    assert ask_as(daemon, "ping")[0] == 1
    assert ask_as(daemon, "ping", gid=0)[0] == 1


@pytest.mark.root
def test_mode_of_the_node_lets_nobody_in(conf, group):
    """somebody has made it everybody's: the kernel says who asks"""
    daemon = conf(group + DAYTIME)
    os.chmod(daemon.control, 0o666)
    for command in ("reload", "list", "ping"):
        code, text = ask_as(daemon, command)
        assert code == 1 and "permission denied" in text, text
    assert daemon.status()["reloads"] == 0
    assert ask_as(daemon, "ping", groups=[GROUP])[0] == 0


@pytest.mark.root
def test_without_a_group_only_root_may_ask(conf):
    daemon = conf(DAYTIME)
    assert os.stat(daemon.control).st_mode & 0o777 == 0o600
    os.chmod(daemon.control, 0o666)
    assert ask_as(daemon, "ping", gid=0)[0] == 1
    assert daemon.ctl("ping")[0] == 0


@pytest.mark.root
def test_group_that_is_removed_may_ask_no_more(conf, group):
    daemon = conf(group + DAYTIME)
    assert ask_as(daemon, "ping", groups=[GROUP])[0] == 0
    assert daemon.reload(DAYTIME)[0] == 0
    assert ask_as(daemon, "ping", groups=[GROUP])[0] == 1


def test_unknown_control_group_is_an_error_of_the_check(tmp_path):
    path = tmp_path / "superd.conf"
    path.write_text(DAYTIME + "control_group = nosuchgroup\n")
    done = subprocess.run([SUPERD, "-t", path], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 1
    assert f"{path}:2:17: error: control_group: unknown group nosuchgroup" \
        in done.stderr


# Connects as often as it is told as this user, says nothing and waits.
SILENT = """
import socket, sys
kept = []
for i in range(int(sys.argv[2])):
    kept.append(socket.socket(socket.AF_UNIX))
    kept[-1].connect(sys.argv[1])
print("connected", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def silent_clients(daemon, uid, count):
    with subprocess.Popen(
            ["/usr/bin/python3", "-c", SILENT, daemon.control, str(count)],
            user=uid, group=GROUP, extra_groups=[], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"connected\n"
        try:
            yield
        finally:
            process.stdin.close()


@pytest.mark.root
def test_silent_members_shut_nobody_out(conf, group):
    """64 silent clients of one, and as many of others: root and another
    member are answered at once"""
    daemon = conf(group + DAYTIME)
    fds = daemon.fds()
    with contextlib.ExitStack() as stack:
        stack.enter_context(silent_clients(daemon, MEMBER, 64))
        assert daemon.ctl("-t", "5", "ping")[0] == 0
        assert ask_as(daemon, "-t", "5", "ping", gid=GROUP)[0] == 0
        # of one user alone there are a few
        wait_for(lambda: daemon.fds() <= fds + 8)
        for uid in range(2000, 2008):
            stack.enter_context(silent_clients(daemon, uid, 8))
        assert daemon.ctl("-t", "5", "ping")[0] == 0
        assert ask_as(daemon, "-t", "5", "ping", gid=GROUP)[0] == 0
        assert daemon.fds() <= fds + 32


def test_silent_clients_of_root_do_not_shut_root_out(superd):
    daemon = superd(CONF)
    with contextlib.ExitStack() as stack:
        for _ in range(64):
            s = stack.enter_context(socket.socket(socket.AF_UNIX))
            s.connect(daemon.control)   # waits while its queue is full
        assert daemon.ctl("-t", "5", "ping")[0] == 0


def test_reload_by_superctl_does_not_block_on_its_client(superd):
    """it goes away before the answer"""
    daemon = superd(CONF)
    for _ in range(20):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(daemon.control)   # waits while its queue is full
            s.sendall(b"reload\n")
    wait_for(lambda: daemon.status()["reloads"] >= 1)
    assert tcp(20013)


def test_two_requests_in_one_connection_get_one_answer(superd):
    daemon = superd(CONF)
    with raw(daemon) as s:
        s.sendall(b"ping\nping\n")
        data = b""
        with contextlib.suppress(ConnectionResetError):
            while block := s.recv(4096):
                data += block
    assert data.count(b"EXIT 0\n") == 1


def test_requests_without_sense_are_refused(superd):
    daemon = superd(CONF)
    for request in (b"\n", b" \n", b"ping ping\n", b"json\n",
                    b"reload now\n", b"PING\n", b"x" * 200 + b"\n",
                    b"%s%n\n", b"show\n", b"show a b\n"):
        with raw(daemon) as s:
            s.sendall(request)
            assert s.recv(4096).startswith(b"ERROR 2\n"), request
    assert daemon.ctl("ping")[0] == 0


def test_status_says_why_a_listener_failed(superd):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 20001))
        busy.listen()
        daemon = superd("127.0.0.1:20001 stream tcp nowait root internal "
                        "daytime\n20013 stream tcp nowait root internal "
                        "daytime\n")
        one, = daemon.service("127.0.0.1:20001/tcp")["listeners"]
        assert one["fd"] == -1 and one["state"] == "failed"
        assert one["error"] == "Address already in use"
        assert 0 < one["retry_in"] <= 8


def test_counters_count(superd):
    """accepted, started, answered, datagrams, children, uptime"""
    daemon = superd(CONF + "20007 dgram udp wait root internal echo\n")
    for _ in range(3):
        tcp(20013)
        udp(20007, b"x")
    with connect(20001) as s:
        s.recv(100)
        # an answer is counted once it was sent
        wait_for(lambda: daemon.service("20007/udp")["answered"] == 3)
        wait_for(lambda: daemon.service("20013/tcp")["answered"] == 3)
        status = daemon.status()
        by_id = {one["id"]: one for one in status["services"]}
        assert by_id["20013/tcp"]["accepted"] == 3
        assert by_id["20013/tcp"]["answered"] == 3
        assert by_id["20013/tcp"]["started"] == 0
        assert by_id["20007/udp"]["datagrams"] == 3
        assert by_id["20007/udp"]["answered"] == 3
        assert by_id["20001/tcp"]["started"] == status["children"] == 1
        child, = by_id["20001/tcp"]["children"]
        assert child["pid"] in daemon.child_pids()
        assert child["peer"] == "127.0.0.1:%d" % s.getsockname()[1]
        assert 0 <= status["uptime"] < 60 * SLOW


def raw(daemon):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(5 * SLOW)
    s.connect(daemon.control)
    return s


def test_slow_and_rude_clients_block_nobody(superd):
    daemon = superd(CONF)
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(raw(daemon)) for _ in range(10)]
        assert tcp(20013)
        assert daemon.ctl("ping")[0] == 0
        silent[0].send(b"sta")
        assert daemon.ctl("ping")[0] == 0
        silent[0].send(b"tus\n")
        assert silent[0].recv(6) == b"EXIT 0"
        with contextlib.suppress(OSError):
            silent[1].sendall(b"x" * 100000)
        silent[2].send(b"\0\xff\n")
        assert silent[2].recv(100).startswith(b"ERROR 2\n")
    assert daemon.ctl("ping")[0] == 0


def test_too_many_clients_are_turned_away(superd):
    daemon = superd(CONF)
    fds = daemon.fds()
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            with contextlib.suppress(BlockingIOError):  # the backlog
                stack.enter_context(raw(daemon))
        wait_for(lambda: daemon.fds() <= fds + 33)
        assert tcp(20013)
    wait_for(lambda: daemon.fds() <= fds)
    assert daemon.ctl("ping")[0] == 0


def test_long_answer_to_a_client_that_does_not_read(superd):
    lines = "".join(f"{21000 + i} stream tcp4 nowait root internal daytime\n"
                    for i in range(800))
    daemon = superd(lines)
    with raw(daemon) as s:
        s.send(b"json status\n")
        time.sleep(0.2)
        assert tcp(21000)       # nobody waits for it
        data = b""
        while block := s.recv(65536):
            data += block
    assert len(json.loads(data.split(b"\n", 1)[1])["services"]) == 800


def test_control_socket_of_another_superd_is_left_alone(superd, tmp_path):
    first = superd(CONF)
    second = superd("20002 stream tcp nowait root internal daytime\n",
                    file="other.conf")
    assert "error control socket" in second.read_log()
    assert first.ctl("ping")[1].endswith(f"pid {first.pid}\n")
    second.stop()
    assert os.path.exists(first.control)
    assert udp(20099, timeout=0.1) is None
