"""tcpmux, RFC 1078."""

import contextlib
import os
import signal
import socket
import struct
import time

import pytest
from conftest import (SLOW, State, check_no_rights, connect, probe,
                      read_all, take_descriptor, tcp, wait_for)

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


def talker(daemon):
    """The process that a client talks with."""
    pid, = wait_for(daemon.askers)
    return pid


def test_talking_child_holds_no_listener(superd):
    """a port that is given up is free, whoever still talks"""
    daemon = superd(CONF)
    with connect(20001):
        pid = talker(daemon)
        wait_for(lambda: len(os.listdir(f"/proc/{pid}/fd")) <= 6)


@pytest.mark.root
def test_who_talks_to_strangers_has_no_rights(superd):
    """the service that is started then has its own"""
    daemon = superd(CONF)
    with connect(20001) as s:
        pid = talker(daemon)
        check_no_rights(pid)
        s.sendall(b"plain\r\n")
        s.shutdown(socket.SHUT_WR)
        state = State(read_all(s))
    assert state["uid"] == "0 0" and int(state["pid"]) != pid


# The verdict of one who talks: no refusal, nobody asked for its user.
VERDICT = struct.Struct("ii768s1024s")
IDENT_RESULTS, USER = 7, b"UNIX : root"


def fd_is_pipe(pid, fd):
    with contextlib.suppress(FileNotFoundError):
        return os.readlink(f"/proc/{pid}/fd/{fd}").startswith("pipe:")


def forge(pid, verdict):
    """An asker that was taken over says this, and stays as it is."""
    wait_for(lambda: fd_is_pipe(pid, 3))
    os.kill(pid, signal.SIGSTOP)
    with os.fdopen(take_descriptor(pid, 3), "wb", buffering=0) as pipe:
        pipe.write(verdict)


@pytest.mark.root
def test_who_has_talked_is_gone_before_the_service_starts(superd):
    """even if it does not want to go"""
    daemon = superd(CONF)
    with connect(20001) as s:
        pid = talker(daemon)
        forge(pid, VERDICT.pack(0, IDENT_RESULTS, b"", b"tcpmux/cat"))
        wait_for(lambda: not os.path.exists(f"/proc/{pid}"))
        s.sendall(b"abc")
        s.shutdown(socket.SHUT_WR)
        assert read_all(s) == b"abc"


@pytest.mark.root
@pytest.mark.parametrize("verdict,answer", [
    (VERDICT.pack(0, IDENT_RESULTS, b"", b"20002/tcp"), b"-Service not"),
    (VERDICT.pack(0, IDENT_RESULTS, b"", b"nothing"), b"-Service not"),
    (VERDICT.pack(0, IDENT_RESULTS, b"", b"x" * 1024), b""),
    (VERDICT.pack(0, IDENT_RESULTS, b"u" * 768, b"tcpmux/cat"), b""),
    (VERDICT.pack(0, 0, b"UNIX : a\nb", b"tcpmux/cat"), b""),
    (VERDICT.pack(0, -1, USER, b"tcpmux/cat"), b""),
    (VERDICT.pack(0, 1 << 30, USER, b"tcpmux/cat"), b""),
    (VERDICT.pack(-1, IDENT_RESULTS, b"", b"tcpmux/cat"), b""),
    (VERDICT.pack(2, IDENT_RESULTS, b"", b"tcpmux/cat"), b""),
    (b"tcpmux/cat", b""), (b"\xff" * 4096, b"")], ids=range(11))
def test_only_a_verdict_that_can_be_is_believed(superd, verdict, answer):
    daemon = superd(CONF)
    with connect(20001) as s:
        pid = talker(daemon)
        forge(pid, verdict)
        if not answer:      # it may be a command of hosts_options(5)
            os.kill(pid, signal.SIGKILL)
        assert read_all(s).startswith(answer)
    wait_for(lambda: not daemon.askers())
    for name in ("20002/tcp", "tcpmux/cat"):
        assert daemon.service(name)["started"] == 0
    assert tcp(20001, b"cat\r\nabc") == b"abc"
