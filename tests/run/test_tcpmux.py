"""tcpmux, RFC 1078."""

import contextlib
import os
import pathlib
import signal
import socket
import struct
import time

import pytest
from conftest import (SLOW, State, check_no_rights, connect, probe,
                      process_status, read_all, refused, take_descriptor, tcp, wait_for)
from test_internal_process import take_socket

CONF = f"""\
20001 stream tcp nowait root internal tcpmux
tcpmux/plain stream tcp nowait root {probe("probe")} probe
tcpmux/+plus stream tcp nowait nobody:daemon {probe("probe")} probe
tcpmux/cat stream tcp nowait nobody /bin/cat cat
20002 stream tcp nowait root internal daytime
"""


def test_name_is_case_insensitive_and_plus_answers_for_the_service(superd):
    """RFC 1078"""
    superd(CONF)
    for name in (b"plus", b"PLUS"):
        answer = tcp(20001, name + b"\r\n")
        assert answer.startswith(b"+") and b"\r\n" in answer
        assert State(answer.split(b"\r\n", 1)[1])
    assert State(tcp(20001, b"plain\r\n"))


def test_unknown_name_is_refused(superd):
    superd(CONF)
    answer = tcp(20001, b"nothing\r\n")
    assert answer.startswith(b"-") and answer.endswith(b"\r\n")


def test_help_lists_the_names(superd):
    """RFC 1078"""
    superd(CONF)
    for question in (b"HELP\r\n", b"help\n"):
        assert sorted(tcp(20001, question).split()) == [b"cat", b"plain",
                                                        b"plus"]


def test_bytes_after_the_name_reach_the_service(superd):
    """RFC 1078, xinetd-org pull 9"""
    superd(CONF)
    assert tcp(20001, b"cat\r\nfor the service\n\0\xff") == \
        b"for the service\n\0\xff"


@pytest.mark.parametrize("question", [b"x" * 1000, b"a\0b\r\n", b"\r\n"])
def test_bad_names_are_refused(superd, question):
    """RFC 1078"""
    daemon = superd(CONF)
    assert tcp(20001, question).startswith(b"-")
    wait_for(lambda: daemon.status()["children"] == 0)


@pytest.mark.parametrize("pieces", [
    [b"c", b"a", b"t\r", b"\nabc"], [b"cat\r\n", b"abc"], [b"CaT\nabc"]])
def test_name_may_come_in_pieces(superd, pieces):
    """RFC 1078"""
    superd(CONF)
    with connect(20001) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            s.sendall(piece)
            time.sleep(0.05)
        s.shutdown(socket.SHUT_WR)
        assert read_all(s) == b"abc"


def test_plain_service_gets_no_plus(superd):
    """RFC 1078: it answers by itself"""
    superd(CONF)
    assert tcp(20001, b"cat\r\n+abc\r\n") == b"+abc\r\n"
    assert tcp(20001, b"plus\r\n").startswith(b"+")


def test_slow_name_does_not_prolong_the_timeout(superd):
    """a byte now and then"""
    superd(CONF)
    with connect(20001, timeout=20) as s:
        start = time.monotonic()
        s.settimeout(1)
        answer = b""
        while not answer and time.monotonic() - start < 20:
            with contextlib.suppress(OSError):
                s.send(b"x")
            try:
                answer = s.recv(100)
            except TimeoutError:
                continue
            break
        assert answer.startswith(b"-") or not answer
        assert time.monotonic() - start < 15 * SLOW


def test_silent_client_does_not_stop_others(superd):
    superd(CONF)
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(connect(20001))
        start = time.monotonic()
        assert tcp(20001, b"cat\r\nabc") == b"abc"
        assert time.monotonic() - start < 1 * SLOW


def test_services_of_the_mux_have_no_port_of_their_own(superd):
    daemon = superd(CONF)
    assert daemon.service("tcpmux/cat")["listeners"] == []


def test_reload_changes_what_the_mux_offers(superd):
    daemon = superd(CONF)
    with connect(20001) as s:       # started before the reload
        assert daemon.reload(CONF.replace("tcpmux/cat", "tcpmux/tac"))[0] == 0
        assert tcp(20001, b"tac\r\nabc") == b"abc"
        assert tcp(20001, b"cat\r\n").startswith(b"-")
        s.sendall(b"cat\r\n")
        assert s.recv(100).startswith(b"-")     # gone


def test_client_that_comes_after_a_reload_is_offered_what_is_new(superd):
    """though the process from before has not read yet that it is retired, and
    knows of clients first"""
    daemon = superd(CONF)
    old = talker(daemon)
    os.kill(old, signal.SIGSTOP)
    with connect(20001) as first:
        daemon.reload(CONF.replace("tcpmux/cat", "tcpmux/tac"))
        new, = [one["pid"] for one in daemon.status()["workers"]
                if one["pid"] != old]
        wait_for(lambda: daemon.service("20001/tcp")["children"])
        os.kill(new, signal.SIGSTOP)
        with connect(20001) as s:
            s.sendall(b"tac\r\nabc")
            s.shutdown(socket.SHUT_WR)
            os.kill(old, signal.SIGCONT)
            wait_for(lambda: not os.path.exists(f"/proc/{old}"))
            os.kill(new, signal.SIGCONT)
            assert read_all(s) == b"abc"
        first.sendall(b"cat\r\n")
        assert read_all(first).startswith(b"-")


def test_client_is_served_though_who_talked_with_it_has_ended(superd):
    """superd hears of that end first, for once"""
    daemon = superd(CONF)
    pid = talker(daemon)
    with contextlib.ExitStack() as stack:
        s = stack.enter_context(connect(20001))
        wait_for(lambda: daemon.service("20001/tcp")["children"])
        # what came last has a descriptor above those of the process, and
        # the next round begins with the lowest
        for _ in range(12):
            control = stack.enter_context(socket.socket(socket.AF_UNIX))
            control.connect(daemon.control)
        assert daemon.reload(CONF.replace("tcpmux/plain", "tcpmux/x"))[0] == 0
        wait_for(lambda: len(daemon.status()["workers"]) == 2)
        os.kill(daemon.pid, signal.SIGSTOP)
        s.sendall(b"cat\r\nabc")
        s.shutdown(socket.SHUT_WR)
        wait_for(lambda: process_status(pid)["State"].startswith("Z"))
        os.kill(daemon.pid, signal.SIGCONT)
        assert read_all(s) == b"abc"


def test_silent_client_is_closed_after_a_while(superd):
    daemon = superd(CONF)
    with connect(20001, timeout=20) as s:
        start = time.monotonic()
        assert read_all(s).startswith(b"-")
        assert 8 < time.monotonic() - start < 15 * SLOW
    with connect(20001):
        pass            # gone at once
    wait_for(lambda: daemon.status()["children"] == 0)


@pytest.mark.root
def test_service_runs_as_its_own_user_in_a_clean_state(superd):
    """CVE-2013-4342"""
    superd(CONF, starter=[probe("dirty"), "all", "--"])
    state = State(tcp(20001, b"plus\r\n").split(b"\r\n", 1)[1])
    assert state["uid"] == "65534 65534" and state["gid"] == "1 1"
    assert sorted(state.fds) == [0, 1, 2]
    assert int(state["SigIgn"], 16) == int(state["SigBlk"], 16) == 0
    assert list(state.env) == ["PATH"]
    assert state["sid"] == state["pid"]


def test_only_services_of_the_mux_are_reachable(superd):
    """CVE-2012-0862"""
    superd(CONF)
    for name in (b"20002", b"20001", b"20002/tcp", b"echo"):
        assert tcp(20001, name + b"\r\n").startswith(b"-")


def test_limits_are_those_of_the_real_service(superd):
    daemon = superd("20001 stream tcp nowait root internal tcpmux\n"
                    f"tcpmux/one stream tcp nowait/1 nobody {probe('hold')} "
                    "hold\n", args=["-l"])
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(connect(20001))
        first.sendall(b"one\r\n")
        assert first.recv(100).startswith(b"held")
        assert daemon.service("tcpmux/one")["children"]
        assert daemon.service("20001/tcp")["children"] == []
        assert tcp(20001, b"one\r\n").startswith(b"-")
        assert daemon.service("tcpmux/one")["refused"]["instances"] == 1
    assert "start tcpmux/one" in daemon.read_log()


def test_service_that_was_closed_is_not_available(superd):
    daemon = superd(CONF)
    assert daemon.ctl("stop", "tcpmux/cat")[0] == 0
    assert tcp(20001, b"cat\r\n").startswith(b"-")
    assert daemon.ctl("enable", "tcpmux/cat")[0] == 0
    assert tcp(20001, b"cat\r\nabc") == b"abc"


def talker(daemon):
    """The process that clients talk with."""
    one, = daemon.status()["workers"]
    return one["pid"]


def test_silent_clients_have_no_process_each(superd):
    daemon = superd(CONF)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(20001)) for _ in range(60)]
        wait_for(lambda: daemon.status()["children"] == 60)
        assert daemon.child_pids() == [talker(daemon)]
        for s in clients:
            s.sendall(b"nothing\r\n")
        for s in clients:
            assert read_all(s).startswith(b"-")
    wait_for(lambda: daemon.status()["children"] == 0)


def test_port_that_is_given_up_is_free(superd):
    """whoever still talks"""
    daemon = superd(CONF)
    with connect(20001) as s:
        wait_for(lambda: daemon.status()["children"] == 1)
        changed = CONF.replace("20001 ", "20003 ", 1)
        assert daemon.reload(changed)[0] == 0
        wait_for(lambda: refused(20001))
        # and the talk goes on
        s.sendall(b"nothing\r\n")
        assert read_all(s).startswith(b"-")


def connections(pid):
    """The inodes of the sockets that a process has."""
    found = set()
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.add(os.readlink(link))
    return {name for name in found if name.startswith("socket:")}


@pytest.mark.root
def test_who_talks_to_strangers_has_no_rights(superd):
    """the service that is started then has its own"""
    daemon = superd(CONF)
    pid = talker(daemon)
    check_no_rights(pid)
    state = State(tcp(20001, b"plain\r\n"))
    assert state["uid"] == "0 0" and int(state["pid"]) != pid


@pytest.mark.root
def test_who_has_talked_keeps_nothing_of_the_connection(superd):
    daemon = superd(CONF)
    with connect(20001) as s:
        s.sendall(b"cat\r\n")
        child, = wait_for(lambda: daemon.service("tcpmux/cat")["children"])
        # it has its own only as soon as it has its program
        connection, = wait_for(
            lambda: os.readlink(f"/proc/{child['pid']}/exe") ==
            os.path.realpath("/bin/cat") and connections(child["pid"]))
        assert connection not in connections(talker(daemon))
        # superd closes it when the server has made it its own
        wait_for(lambda: connection not in connections(daemon.pid))
        s.sendall(b"abc")
        s.shutdown(socket.SHUT_WR)
        assert read_all(s) == b"abc"


@pytest.mark.root
def test_server_gets_a_connection_that_waits_for_it(superd):
    """it was non-blocking in the process that has talked"""
    superd("20001 stream tcp nowait root internal tcpmux\n"
           f"tcpmux/probe stream tcp nowait nobody {probe('probe')} probe\n")
    _, flags = State(tcp(20001, b"probe\r\n")).fds[0]
    assert flags & os.O_NONBLOCK == 0


# What a process that was taken over could say.

WISH = struct.Struct("=II40x")


def sockets(pid):
    """By what they are: it may still be closing the daemon's others, and gives
    their numbers to its own."""
    found = {}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):      # closed meanwhile
            name = os.readlink(f"/proc/{pid}/fd/{fd}")
            if name.startswith("socket:"):
                found[name] = int(fd)
    return found


def client_of(pid, before):
    """The socket that it has now and did not have then."""
    new = [fd for name, fd in sockets(pid).items() if name not in before]
    return new[0] if new else None


def forge(pid, fd, message, copies=1, own=None):
    """In the name of the process: this message, with its connection or with
    another descriptor."""
    given = own if own is not None else take_descriptor(pid, fd)
    with take_socket(pid, 0) as channel:
        socket.send_fds(channel, [message], [given] * copies)
    if own is None:
        os.close(given)


@contextlib.contextmanager
def talking(daemon):
    """A client, and where the process has it, which stands still."""
    pid = talker(daemon)
    before = sockets(pid)
    with connect(20001) as s:
        wait_for(lambda: daemon.service("20001/tcp")["children"])
        fd = wait_for(lambda: client_of(pid, before))
        os.kill(pid, signal.SIGSTOP)
        wait_for(lambda: process_status(pid)["State"].startswith("T"))
        yield s, pid, fd
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    wait_for(lambda: daemon.status()["children"] == 0)
    wait_for(lambda: not os.path.exists(f"/proc/{pid}") or
             client_of(pid, before) is None)


def number(nth=1):
    """Of the nth connection that the first internal process has accepted."""
    return 1 << 22 | nth


@pytest.mark.root
def test_only_services_of_the_mux_are_started_for_who_talks(superd):
    """whatever number it says"""
    daemon = superd(CONF)
    answers = []
    for service in range(5):
        with talking(daemon) as (s, pid, fd):
            forge(pid, fd, WISH.pack(number(service + 1), service))
            s.shutdown(socket.SHUT_WR)
            wait_for(lambda: not daemon.service("20001/tcp")["children"])
            os.kill(pid, signal.SIGCONT)
            answers.append(read_all(s))
    assert sum(answer.startswith(b"-Service not") for answer in answers) == 2
    for name in ("20001/tcp", "20002/tcp"):
        assert daemon.service(name)["started"] == (5 if "1/" in name else 0)
    for name in ("plain", "plus", "cat"):
        assert daemon.service(f"tcpmux/{name}")["started"] == 1
    assert talker(daemon) == pid


def ended_for(daemon, forgery):
    """A process that says this is ended, and starts nothing."""
    with talking(daemon) as (s, pid, fd):
        forgery(pid, fd)
        assert read_all(s) == b""
    wait_for(lambda: not os.path.exists(f"/proc/{pid}"))
    for name in ("plain", "plus", "cat"):
        assert daemon.service(f"tcpmux/{name}")["started"] == 0
    wait_for(lambda: daemon.status()["workers"])
    assert tcp(20001, b"cat\r\nabc") == b"abc"


@pytest.mark.root
@pytest.mark.parametrize("message,copies", [
    (WISH.pack(1 << 22 | 1, 5), 1), (WISH.pack(1 << 22 | 1, 1 << 31), 1),
    (WISH.pack(1 << 22 | 1, 0) + b"x", 1), (b"x", 1),
    (WISH.pack(1 << 22 | 1, 0), 0), (WISH.pack(1 << 22 | 1, 0), 2),
    (b"\xff" * 4000, 1)], ids=range(7))
def test_only_a_message_that_can_be_is_believed(superd, message, copies):
    daemon = superd(CONF)
    ended_for(daemon, lambda pid, fd: forge(pid, fd, message, copies))


@contextlib.contextmanager
def unfit(kind):
    """A descriptor that no client has."""
    with contextlib.ExitStack() as stack:
        if kind == "file":
            yield stack.enter_context(open("/dev/null", "rb")).fileno()
        elif kind == "listener":
            yield stack.enter_context(
                socket.create_server(("127.0.0.1", 0))).fileno()
        elif kind == "unconnected":
            yield stack.enter_context(socket.socket()).fileno()
        elif kind == "datagrams":
            s = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
            s.connect(("127.0.0.1", 20001))
            yield s.fileno()
        elif kind == "another":
            server = stack.enter_context(
                socket.create_server(("127.0.0.1", 0)))
            yield stack.enter_context(
                socket.create_connection(server.getsockname())).fileno()
        else:
            ends = socket.socketpair()
            for end in ends:
                stack.enter_context(end)
            yield ends[0].fileno()


@pytest.mark.root
@pytest.mark.parametrize("kind", ["file", "listener", "datagrams", "another",
                                  "pair"])
def test_only_the_clients_own_connection_is_believed(superd, kind):
    """who its peer is, is asked of the kernel"""
    daemon = superd(CONF)
    with unfit(kind) as own:
        ended_for(daemon, lambda pid, fd: forge(
            pid, fd, WISH.pack(number(), 0), own=own))


@pytest.mark.root
def test_connection_without_a_peer_starts_nothing(superd):
    """it was reset meanwhile"""
    daemon = superd(CONF)
    for service in range(5):
        with talking(daemon) as (_, pid, fd), unfit("unconnected") as own:
            forge(pid, fd, WISH.pack(number(service + 1), service), own=own)
            wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.service("20001/tcp")["started"] == 5
    for name in ("plain", "plus", "cat"):
        assert daemon.service(f"tcpmux/{name}")["started"] == 0


@pytest.mark.root
def test_connection_that_nobody_knows_is_closed(superd):
    daemon = superd(CONF)
    with talking(daemon) as (s, pid, fd):
        forge(pid, fd, WISH.pack(number(999), 0))
        os.kill(pid, signal.SIGCONT)
        s.sendall(b"cat\r\nabc")
        s.shutdown(socket.SHUT_WR)
        assert read_all(s) == b"abc"
    assert talker(daemon) == pid
    daemon.check_at_rest()
