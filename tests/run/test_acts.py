"""What superctl does to services and sessions: enable, disable, stop, drain,
kill; and who may."""

import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
import time

import pytest
from conftest import (SLOW, SUPERCTL, add_groups, connect, open_terminal,
                      probe, read_all, refused, tcp, wait_for)

HOLD = (f'service "hold" {{ server = {probe("hold")} user = root '
        'port = 20001 }\n')
ECHO = 'service "echo" { internal = echo port = 20007 }\n'
DAY = 'service "day" { internal = daytime port = 20013 }\n'


def state(daemon, id):
    return daemon.service(id)["state"]


def sessions(daemon, *id):
    status, text = daemon.ctl("--json", "sessions", *id)
    assert status == 0, text
    return json.loads(text)


def echoes(s):
    s.sendall(b"x")
    return s.recv(1) == b"x"


# Closed and opened.

@pytest.mark.parametrize("act,name", [("stop", "stopped"),
                                      ("disable", "disabled")])
def test_closed_service_refuses_and_its_sessions_live_on(conf, act, name):
    daemon = conf(HOLD + ECHO + DAY)
    with connect(20001) as held, connect(20007) as echo:
        held.recv(100)
        assert echoes(echo)
        wait_for(lambda: len(sessions(daemon)) == 2, what="both")
        for id in ("hold", "echo"):
            assert daemon.ctl(act, id) == (0, f"{id}: {name}\n")
        assert refused(20001) and refused(20007)
        assert state(daemon, "hold") == state(daemon, "echo") == name
        assert daemon.ctl("show", "hold")[0] == 3
        assert echoes(echo)
        assert len(sessions(daemon)) == 2
        assert tcp(20013)
        assert daemon.ctl("enable", "hold") == (0, "hold: listening\n")
        with connect(20001) as again:
            again.recv(100)
        assert refused(20007)
    assert daemon.ctl("enable", "echo")[0] == 0
    with connect(20007) as echo:
        assert echoes(echo)
    log = daemon.read_log()
    assert f"closed hold: {name}\n" in log and "opened hold\n" in log


def test_reload_opens_what_was_disabled_and_not_what_was_stopped(conf):
    """unchanged, and changed"""
    daemon = conf(HOLD + ECHO + DAY)
    daemon.ctl("disable", "echo")
    daemon.ctl("stop", "day")
    assert daemon.reload()[0] == 0
    assert state(daemon, "echo") == "listening" and refused(20013)
    with connect(20007) as echo:
        assert echoes(echo)
    daemon.ctl("disable", "echo")
    assert daemon.reload(HOLD + ECHO.replace("}", "instances = 5 }") +
                         DAY.replace("}", "instances = 5 }"))[0] == 0
    with connect(20007) as echo:
        assert echoes(echo)
    assert refused(20013) and state(daemon, "day") == "stopped"
    assert daemon.ctl("enable", "day")[0] == 0
    assert tcp(20013)


def test_stopped_service_that_is_removed_comes_back_open(conf):
    daemon = conf(HOLD + DAY)
    daemon.ctl("stop", "day")
    assert daemon.reload(HOLD)[0] == 0
    assert daemon.ctl("enable", "day")[0] == 4
    assert daemon.reload(HOLD + DAY)[0] == 0
    assert tcp(20013)


def test_refused_reload_opens_nothing(conf):
    daemon = conf(HOLD + DAY)
    daemon.ctl("disable", "day")
    assert daemon.reload("nonsense {")[0] == 1
    assert refused(20013) and state(daemon, "day") == "disabled"


def test_port_that_was_taken_meanwhile_is_told(conf):
    daemon = conf(HOLD + DAY)
    daemon.ctl("stop", "day")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 20013))
        other.listen()
        status, text = daemon.ctl("enable", "day")
        assert status == 3 and "Address already in use" in text, text
    wait_for(lambda: not refused(20013), 12 * SLOW, "another try")


def test_wait_server_keeps_its_socket_until_it_ends(conf, tmp_path):
    """and is not started again then"""
    script = tmp_path / "server"
    script.write_text("#!/bin/sh\nread -r line; exec sleep 60\n")
    script.chmod(0o755)
    daemon = conf(f'service "wait" {{ wait = yes port = 20002 '
                  f'server = {script} user = root }}\n' + DAY)
    with connect(20002):
        wait_for(lambda: sessions(daemon, "wait"), what="a server")
        assert daemon.ctl("stop", "wait")[0] == 0
        assert len(sessions(daemon, "wait")) == 1
        assert daemon.ctl("kill", "wait", "--signal", "KILL")[0] == 0
        wait_for(lambda: not sessions(daemon, "wait"), what="its end")
    wait_for(lambda: refused(20002), what="a closed port")
    assert daemon.ctl("enable", "wait")[0] == 0
    assert not refused(20002)


def test_unix_socket_comes_and_goes(conf, tmp_path):
    path = tmp_path / "sock"
    daemon = conf(f'service "u" {{ listen = "{path}" '
                  f'server = {probe("hold")} user = root }}\n' + DAY)
    assert path.is_socket()
    assert daemon.ctl("stop", "u")[0] == 0
    assert not path.exists()
    assert daemon.ctl("enable", "u")[0] == 0
    assert path.is_socket()


def test_closing_and_opening_leaves_nothing(conf):
    daemon = conf(HOLD + ECHO + DAY)

    def turn():
        for id in ("hold", "echo"):
            assert daemon.ctl("disable", id)[0] == 0
            assert daemon.ctl("enable", id)[0] == 0
    for _ in range(3):
        turn()
    before = daemon.own_fds()
    for _ in range(20):
        turn()
    wait_for(lambda: daemon.own_fds() <= before, what="its descriptors")
    with connect(20007) as echo:
        assert echoes(echo)


# Sessions.

def test_sessions_are_listed_with_who_and_since_when(conf):
    daemon = conf(HOLD + ECHO)
    with connect(20001) as held, connect(20007) as echo:
        pid = int(held.recv(100).split()[1])
        assert echoes(echo)
        wait_for(lambda: len(sessions(daemon)) == 2, what="both")
        second, first = sessions(daemon)[::-1], sessions(daemon, "hold")[0]
        assert first["session"] == str(pid) and first["pid"] == pid
        assert first["user"] == "root" and first["since"] >= 0
        assert first["peer"] == "127.0.0.1:%d" % held.getsockname()[1]
        assert {one["service"] for one in second} == {"hold", "echo"}
        head, *lines = daemon.ctl("sessions")[1].splitlines()
        assert head.split() == ["SERVICE", "SESSION", "USER", "SECONDS",
                                "IN", "OUT", "PEER"]
        assert [line.split()[0] for line in lines] == ["echo", "hold"]
        assert lines[1].split()[1:3] == [str(pid), "root"]
    wait_for(lambda: not sessions(daemon), what="no session")
    assert daemon.ctl("sessions", "nothing")[0] == 4


def test_octets_of_sessions_are_told_while_they_live(conf):
    """of those that have a process of their own, as of others"""
    cat = ('service "cat" { port = 20003 server = /bin/cat user = root }\n'
           'service "dual" { port = 20004 protocol = tcp6 family = dual\n'
           'server = /bin/cat user = root }\n'
           'service "unix" { listen = @superd-test-octets server = /bin/cat\n'
           'user = root }\n')
    daemon = conf(cat + ECHO)
    with contextlib.ExitStack() as stack:
        for port, count in (20003, 7), (20003, 3000), (20004, 5), (20007, 11):
            one = stack.enter_context(connect(port))
            one.sendall(b"x" * count)
            assert len(one.recv(count, socket.MSG_WAITALL)) == count
        one = stack.enter_context(socket.socket(socket.AF_UNIX))
        one.connect("\0superd-test-octets")
        expected = [("cat", 7, 7), ("cat", 3000, 3000), ("dual", 5, 5),
                    ("echo", 11, 11), ("unix", None, None)]
        # what was sent is counted once it is acknowledged
        wait_for(lambda: [(s["service"], s["in"], s["out"]) for s in
                          sessions(daemon)] == expected, what="octets")
        lines = daemon.ctl("--no-header", "sessions", "cat")[1].splitlines()
        assert [line.split()[4:6] for line in lines] == [["7", "7"],
                                                         ["3000", "3000"]]
        line = daemon.ctl("--no-header", "sessions", "unix")[1]
        assert line.split()[4:6] == ["-", "-"]


def test_server_that_tcpmux_has_found_is_a_session(conf):
    daemon = conf('service "mux" { internal = tcpmux port = 20001 }\n'
                  'service "cat" { type = TCPMUX server = /bin/cat '
                  'user = root }\n')
    with connect(20001) as s:
        s.sendall(b"cat\r\nabc")
        assert s.recv(3) == b"abc"
        assert [one["service"] for one in sessions(daemon)] == ["cat"]


def test_one_session_is_ended_and_no_other(conf):
    daemon = conf(HOLD + ECHO)
    with connect(20001) as one, connect(20001) as two, \
            connect(20007) as echo, connect(20007) as other:
        pid = int(one.recv(100).split()[1])
        two.recv(100)
        assert echoes(echo) and echoes(other)
        wait_for(lambda: len(sessions(daemon)) == 4, what="all of them")
        assert daemon.ctl("kill", str(pid)) == (0, "1 session\n")
        assert read_all(one) == b""
        wait_for(lambda: len(sessions(daemon)) == 3, what="its end")
        peer = "127.0.0.1:%d" % echo.getsockname()[1]
        name, = [s["session"] for s in sessions(daemon, "echo")
                 if s["peer"] == peer]
        assert daemon.ctl("kill", name) == (0, "1 session\n")
        assert echo.recv(1) == b""
        assert echoes(other)
        assert len(sessions(daemon, "hold")) == 1
    assert daemon.ctl("kill", "1")[0] == 4
    assert daemon.ctl("kill", str(daemon.pid))[0] == 4


def test_all_sessions_of_a_service_are_ended(conf):
    """of a redirected one, too"""
    daemon = conf(HOLD + ECHO + 'service "to" { port = 20003 '
                  'redirect = {127.0.0.1, 20007} }\n')
    for id, port in ("echo", 20007), ("to", 20003), ("hold", 20001):
        clients = [connect(port) for _ in range(5)]
        for client in clients:
            if id != "hold":
                client.sendall(b"x")
            client.recv(1)
        wait_for(lambda: len(sessions(daemon, id)) == 5, what="all of them")
        assert daemon.ctl("kill", id) == (0, "5 sessions\n")
        for client in clients:
            client.settimeout(5 * SLOW)
            try:
                while client.recv(100):
                    pass
            except ConnectionResetError:
                pass
            client.close()
        wait_for(lambda: not sessions(daemon), what="no session")


def test_signal_is_by_name_or_number(conf, tmp_path):
    script = tmp_path / "server"
    script.write_text('#!/bin/sh\ntrap "echo usr1" USR1\necho ready\n'
                      'while :; do sleep 0.1; done\n')
    script.chmod(0o755)
    daemon = conf(f'service "s" {{ server = {script} user = root '
                  'port = 20001 }\n')
    with connect(20001) as client:
        assert client.recv(10) == b"ready\n"
        for name in ("USR1", "SIGUSR1", str(int(signal.SIGUSR1))):
            assert daemon.ctl("kill", "s", "--signal", name)[0] == 0
            assert client.recv(10) == b"usr1\n"
        for name in ("usr1", "0", "999", "SIG"):
            assert daemon.ctl("kill", "s", "--signal", name)[0] == 2
        daemon.ctl("kill", "s")
        assert read_all(client) == b""


# Watching.

def shown(terminal, text):
    """What is on the screen once this is in a whole list."""
    screen, seen = b"", b""
    deadline = time.monotonic() + 10 * SLOW
    while text not in screen:
        assert time.monotonic() < deadline, seen
        if select.select([terminal], [], [], 1)[0]:
            seen += os.read(terminal, 65536)
        *whole, _ = seen.split(b"\x1b[H\x1b[J") + [b""]
        screen = whole[-2] if len(whole) > 2 else b""
    return screen


def test_watch_shows_the_list_as_it_changes_and_ends_with_superd(conf):
    daemon = conf(HOLD + ECHO + DAY)
    terminal, theirs = open_terminal()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 4, 60, 0, 0))
    with subprocess.Popen([SUPERCTL, "-s", daemon.control, "watch"],
                          stdout=theirs, stderr=theirs) as watching:
        screen = shown(terminal, b"listening")
        assert screen.count(b"\n") == 3 and b"hold" not in screen
        daemon.ctl("stop", "day")
        shown(terminal, b"stopped")
        daemon.stop()
        assert watching.wait(10 * SLOW) == 4
    os.close(theirs)
    os.close(terminal)


# Draining.

def test_drain_waits_for_the_last_session(conf):
    daemon = conf(HOLD + ECHO + DAY)
    answer = []
    with connect(20007) as echo:
        assert echoes(echo)
        wait_for(lambda: sessions(daemon), what="it")
        thread = threading.Thread(target=lambda: answer.append(
            daemon.ctl("drain", "echo")))
        thread.start()
        wait_for(lambda: refused(20007), what="a closed port")
        assert echoes(echo) and not answer
        assert tcp(20013)
    thread.join(10 * SLOW)
    assert answer == [(0, "echo: 0 sessions left\n")]


def test_drain_tells_who_is_left_when_its_time_is_over(conf):
    daemon = conf(HOLD + ECHO + DAY)
    with connect(20001) as held, connect(20007) as echo:
        held.recv(100)
        assert echoes(echo)
        wait_for(lambda: len(sessions(daemon)) == 2, what="both")
        assert daemon.ctl("drain", "--all", "--timeout", "1s") == (
            1, "all services: 2 sessions left\n")
        assert json.loads(daemon.ctl("--json", "drain", "hold",
                                     "--timeout=1")[1]) == {"sessions": 1}
        assert echoes(echo)
    assert all(refused(port) for port in (20001, 20007, 20013))
    assert daemon.ctl("drain", "--all")[0] == 0


@pytest.mark.parametrize("what", ["day", "--all"])
def test_a_drain_leaves_what_is_disabled_disabled(conf, what):
    daemon = conf(DAY + ECHO)
    daemon.ctl("disable", "day")
    assert daemon.ctl("drain", what)[0] == 0
    assert state(daemon, "day") == "disabled"
    daemon.reload()
    assert tcp(20013)
    assert state(daemon, "echo") == (
        "stopped" if what == "--all" else "listening")


def test_client_of_a_drain_that_leaves_is_forgotten(conf):
    daemon = conf(HOLD)
    with connect(20001) as held:
        held.recv(100)
        before = daemon.own_fds()
        for _ in range(3):
            with subprocess.Popen([SUPERCTL, "-s", daemon.control, "drain",
                                   "hold"]) as asking:
                wait_for(lambda: refused(20001), what="a closed port")
                asking.kill()
        wait_for(lambda: daemon.own_fds() <= before, what="none that asks")
    assert daemon.ctl("drain", "hold")[0] == 0


@pytest.mark.parametrize("args,status", [
    ((), 2), (("hold", "--all"), 2), (("nothing",), 4),
    (("hold", "--timeout", "soon"), 2), (("hold", "--timeout", "0"), 2),
    (("hold", "--signal", "TERM"), 2)])
def test_drain_of_nothing_in_particular_closes_nothing(conf, args, status):
    daemon = conf(HOLD)
    assert daemon.ctl("drain", *args)[0] == status
    assert state(daemon, "hold") == "listening"


# Limits.

@pytest.mark.parametrize("text", [HOLD, HOLD.replace(
    f"server = {probe('hold')} user = root", "internal = echo")])
def test_limit_set_by_hand_holds_until_a_reload(conf, text):
    """of a program, and in the internal process"""
    daemon = conf(text + DAY)

    def served():
        with connect(20001) as client:
            client.sendall(b"x\n")
            return client.recv(100) != b""
    assert served() and served()
    assert daemon.ctl("set", "hold", "source_rate=2/1h", "instances=5") == (
        0, "hold: instances=5 source_rate=2/1h\n")
    wait_for(lambda: not served(), what="its end")
    service = daemon.service("hold")
    assert service["overridden"] == "instances=5 source_rate=2/1h"
    assert service["limits"]["instances"] == 5
    assert service["limits"]["source_rate"] == {"count": 2, "seconds": 3600}
    assert "overridden" in daemon.ctl("show", "hold")[1]
    assert daemon.reload("nonsense {")[0] == 1
    assert daemon.service("hold")["overridden"] is not None
    daemon.write(text + DAY)
    assert daemon.reload()[0] == 0
    assert daemon.service("hold")["overridden"] is None
    assert daemon.service("hold")["limits"]["instances"] != 5
    assert served() and served() and served()
    daemon.wait_log("set hold: instances=5 source_rate=2/1h$")


def test_limits_set_by_hand_end_with_a_changed_or_stale_definition(conf):
    daemon = conf(HOLD + ECHO + DAY)
    for id in ("hold", "echo", "day"):
        assert daemon.ctl("set", id, "instances=7")[0] == 0
    text = (HOLD.replace("user = root", "user = root instances = 3") +
            ECHO.replace("port = 20007", "bind = 192.0.2.77 port = 20099"))
    assert daemon.reload(text)[0] == 3
    assert daemon.service("hold")["limits"]["instances"] == 3
    assert daemon.service("echo")["state"] == "stale"
    assert daemon.service("echo")["limits"]["instances"] != 7
    for id in ("hold", "echo"):
        assert daemon.service(id)["overridden"] is None
    for _ in range(3):
        assert daemon.ctl("set", "echo", "instances=9")[0] == 0
        assert daemon.reload(text + DAY)[0] == 3
    with connect(20007) as echo:
        assert echoes(echo)


@pytest.mark.parametrize("words,text", [
    (["instances"], "instances: expected OPTION=VALUE"),
    (["instances=many"], "instances: expected a number"),
    (["rate=1/x"], "rate: expected a rate such as 100/m"),
    (["instance=5"], "did you mean instances?"),
    (["user=nobody"], "user: expected OPTION=VALUE of a limit"),
    (["id=x"], "id: expected OPTION=VALUE of a limit"),
    (["instances=5", "rate="], "rate: expected a rate")])
def test_what_cannot_be_set_sets_nothing(conf, words, text):
    daemon = conf(HOLD)
    status, answer = daemon.ctl("set", "hold", *words)
    assert status == 2 and text in answer, answer
    assert daemon.service("hold")["overridden"] is None


# Who may.

OUTSIDER, ASKERS, ADMINS = 1234, 4321, 4322
ACTS = (("set", "day", "instances=9"), ("stop", "day"), ("disable", "day"),
        ("enable", "day"), ("kill", "day"), ("drain", "day"))
ASKED = (("ping",), ("list",), ("sessions",), ("show", "day"), ("reload",))


@pytest.fixture
def groups(tmp_path, mounts):
    add_groups(tmp_path, mounts, askers=ASKERS, admins=ADMINS)


def ask_as(daemon, *args, groups=()):
    return subprocess.run(
        [SUPERCTL, "-s", daemon.control, *args], user=OUTSIDER,
        group=OUTSIDER, extra_groups=groups, text=True, capture_output=True,
        check=False)


@pytest.mark.root
def test_only_admins_act_and_askers_read(conf, groups):
    daemon = conf("control_group = askers\ncontrol_admin = admins\n" + DAY)
    for command in ACTS:
        assert ask_as(daemon, *command, groups=[ADMINS]).returncode == 0
        denied = ask_as(daemon, *command, groups=[ASKERS])
        assert denied.returncode == 1
        assert "permission denied: root may, and the control_admin" in \
            denied.stderr
    assert daemon.ctl("enable", "day")[0] == 0
    for command in ASKED:
        for group in ASKERS, ADMINS:
            assert ask_as(daemon, *command, groups=[group]).returncode == 0
    for command in ASKED + ACTS:
        assert ask_as(daemon, *command).returncode == 1
    assert state(daemon, "day") == "listening"


@pytest.mark.root
@pytest.mark.parametrize("text,mode", [
    ("", 0o600), ("control_group = askers\n", 0o660),
    ("control_admin = admins\n", 0o660),
    ("control_group = admins\ncontrol_admin = admins\n", 0o660),
    ("control_group = askers\ncontrol_admin = admins\n", 0o666)])
def test_node_lets_in_who_may_ask_and_no_more_than_it_has_to(
        conf, groups, text, mode):
    daemon = conf(DAY + text)
    assert os.stat(daemon.control).st_mode & 0o777 == mode


def test_garbage_changes_nothing(conf):
    daemon = conf(DAY)

    def ask(line):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10 * SLOW)
            s.connect(daemon.control)
            s.sendall(line + b"\n")
            return b"".join(iter(lambda: s.recv(4096), b""))
    for line in (b"stop", b"stop day day", b"stop day --all", b"stop --all",
                 b"stop day --nosuch=1", b"disable day --timeout=1", b"kill",
                 b"drain day" + b" x" * 40, b"--all drain"):
        assert ask(line).startswith(b"ERROR 2\n"), line
    assert state(daemon, "day") == "listening"


def test_closed_port_is_another_programs_at_once(conf):
    """however many connections wait there"""
    daemon = conf(ECHO + HOLD)
    clients = [connect(20007) for _ in range(50)]
    assert daemon.ctl("stop", "echo")[0] == 0
    deadline = time.monotonic() + 5 * SLOW
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        while True:
            try:
                other.bind(("127.0.0.1", 20007))
                other.listen()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.01)
    for client in clients:
        client.close()
