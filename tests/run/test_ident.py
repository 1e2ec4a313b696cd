"""Users of clients, as the ident servers of their hosts have them: RFC 1413."""

import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest
from conftest import (SLOW, State, check_no_rights, connect, read_all,
                      take_descriptor, tcp, wait_for)
from test_xinetd import stanza

PEER, PEER6, OURS, OURS6 = ("192.0.2.2", "2001:db8::2", "192.0.2.1",
                            "2001:db8::1")


class Identd:
    """An ident server in the peer's namespace."""

    def __init__(self, veth, answer, host=PEER):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with veth.peer():
            self.listener = socket.socket(family, socket.SOCK_STREAM)
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR,
                                     1)
            self.listener.bind((host, 113))
            self.listener.listen(100)
        self.answer = answer
        self.queries, self.held = [], []
        self.thread = threading.Thread(daemon=True, target=self.run)
        self.thread.start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                self.serve(*self.listener.accept())

    def serve(self, s, address):
        s.settimeout(10 * SLOW)
        with contextlib.suppress(OSError):
            query = s.recv(100).decode()
            self.queries.append((query, address[0]))
            if self.answer is None:
                self.held.append(s)     # hangs
                return
            theirs, ours = query.split(",")
            data = self.answer
            for name, value in (("<theirs>", theirs), ("<ours>", ours)):
                data = data.replace(name.encode(), value.strip().encode())
            s.sendall(data)
        s.close()

    def close(self):
        for s in (self.listener, *self.held):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()
        # setns(2) is for those who are alone
        self.thread.join(10 * SLOW)


ALICE = b"<theirs> , <ours> : USERID : UNIX : alice\r\n"


@pytest.fixture
def identd(veth):
    servers = []

    def start(answer=ALICE, host=PEER):
        servers.append(Identd(veth, answer, host))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize("host,source", [(OURS, PEER), (OURS6, PEER6)])
def test_user_of_a_served_client_is_logged(xinetd, veth, identd, host,
                                           source):
    """asked for the ports of the connection, from its own address"""
    server = identd(host=source)
    daemon = xinetd(stanza(log_on_success="HOST USERID"))
    with veth.peer(), connect(20001, host) as s:
        port = s.getsockname()[1]
        state = State(read_all(s))
    assert sorted(state.fds) == [0, 1, 2]
    daemon.wait_log(r"USERID: one UNIX : alice$")
    assert server.queries == [(f"{port}, 20001\r\n", host)]
    assert daemon.log.index("START: one") < daemon.log.index("USERID: one")


def test_question_comes_from_the_address_that_was_connected_to(
        xinetd, veth, identd):
    server = identd()
    for address in ("192.0.2.7/24", "2001:db8::7/64"):
        subprocess.run(["ip", "addr", "add", address, "dev", "v0"],
                       check=True)
    daemon = xinetd(stanza(log_on_success="USERID"))
    with veth.peer():
        assert State(tcp(20001, host="192.0.2.7"))
    daemon.wait_log("USERID: one")
    assert server.queries[0][1] == "192.0.2.7"


def test_without_an_ident_server_the_client_is_served(xinetd, veth):
    daemon = xinetd(stanza(log_on_success="USERID PID EXIT"))
    with veth.peer():
        assert State(tcp(20001, host=OURS))
    daemon.wait_log("EXIT: one status=0")
    assert "USERID" not in daemon.log and "NOID" not in daemon.log


def test_idonly_lets_in_who_is_known(xinetd, veth, identd):
    identd()
    daemon = xinetd(stanza(flags="IDONLY NOLIBWRAP", log_on_success="USERID"))
    with veth.peer():
        assert State(tcp(20001, host=OURS))
    daemon.wait_log("USERID: one UNIX : alice$")


def test_idonly_refuses_who_is_not_known(xinetd, veth, tmp_path):
    (tmp_path / "sorry").write_text("sorry\n")
    daemon = xinetd(stanza(flags="IDONLY NOLIBWRAP", log_on_success="USERID",
                           log_on_failure="HOST",
                           banner_fail=tmp_path / "sorry"))
    with veth.peer():
        assert tcp(20001, host=OURS) == b"sorry\n"
    daemon.wait_log(f"NOID: one {PEER} no server$")
    daemon.wait_log(f"FAIL: one ident from={PEER}$")
    assert daemon.service("one")["refused"]["ident"] == 1


@pytest.mark.parametrize("answer", [
    b"<ours>, <theirs> : USERID : UNIX : root\r\n",
    b"<theirs>, <ours> : ERROR : NO-USER\r\n",
    b"<theirs>, <ours> : USERID : UNIX :\r\n",
    b"<theirs>, <ours> : USERID : UNIX : ro\x1b[2Jot\r\n",
    b"<theirs>, <ours> : USERID : UNIX : ro\0ot\r\n",
    b"<theirs>, <ours> : USERID : UNIX : " + b"a" * 100000 + b"\r\n",
    b"<theirs>, <ours> : USERID : UNIX : root",
    b"\r\n", b"\xff" * 900 + b"\r\n", b"",
])
def test_idonly_takes_no_answer_that_is_none(xinetd, veth, identd, answer):
    identd(answer)
    daemon = xinetd(stanza(flags="IDONLY NOLIBWRAP", log_on_success="USERID"))
    with veth.peer():
        assert tcp(20001, host=OURS) == b""
    daemon.wait_log(f"NOID: one {PEER} (bad response|user not told|"
                    "error while receiving response)$")
    assert "USERID" not in daemon.log and "root" not in daemon.log


@pytest.mark.parametrize("user,logged", [
    (b"%s%n%s FAIL: one address from=192.0.2.9", None),
    (b"\xc3\xa4\xff", r"\303\244\377"),
    (b"u" * 512, None),
    (b"a\r\nFAIL: two address from=192.0.2.9", "")])
def test_what_is_said_stays_one_printable_line(xinetd, veth, identd, user,
                                               logged):
    """CVE-2001-0763: a long answer; and none steers the log"""
    identd(b"<theirs>,<ours>:USERID:UNIX:" + user + b"\r\n")
    daemon = xinetd(stanza(log_on_success="USERID EXIT"))
    with veth.peer():
        assert State(tcp(20001, host=OURS))
    daemon.wait_log("EXIT: one")
    if logged is None:
        logged = user.decode()
    lines = [line for line in daemon.log.splitlines() if "USERID" in line]
    assert [line.partition("UNIX:")[2] for line in lines] == \
        ([logged] if logged else ["a"])
    assert not re.search(r"^(superd: )?FAIL", daemon.log, re.M)


def test_an_ident_server_that_hangs_stops_one_client_for_a_time(
        xinetd, veth, identd):
    identd(None)
    daemon = xinetd(stanza(log_on_success="USERID") + stanza("two", 20002))
    with veth.peer(), connect(20001, OURS, timeout=30) as s:
        start = time.monotonic()
        for _ in range(20):
            assert State(tcp(20002, host=OURS))
        assert time.monotonic() - start < 5 * SLOW
        assert daemon.service("one")["children"]
        assert State(read_all(s))
        assert 8 < time.monotonic() - start < 10 + 10 * SLOW
    assert "USERID" not in daemon.read_log()


@pytest.mark.root
def test_user_of_a_refused_client_is_logged(xinetd, veth, identd):
    """by a child without rights, which has the client until it knows"""
    server = identd(None)
    daemon = xinetd(stanza(log_on_failure="HOST USERID", no_access=PEER))
    with veth.peer(), connect(20001, OURS, timeout=30) as s:
        daemon.wait_log(f"FAIL: one address from={PEER}$")
        wait_for(lambda: server.held, what="the question")
        pid, = daemon.askers()
        check_no_rights(pid)
        assert daemon.service("one")["children"] == []
        port = s.getsockname()[1]
        server.held[0].sendall(f"{port},20001:USERID:UNIX:bob\r\n".encode())
        assert read_all(s) == b""
    daemon.wait_log("USERID: one UNIX:bob$")


@pytest.mark.root
def test_who_asks_for_a_served_client_has_no_rights(xinetd, veth, identd):
    """nor its connection: only the answer matters"""
    server = identd(None)
    daemon = xinetd(stanza(flags="IDONLY NOLIBWRAP", log_on_success="USERID"))
    with veth.peer(), connect(20001, OURS, timeout=30) as s:
        wait_for(lambda: server.held, what="the question")
        pid, = daemon.askers()
        check_no_rights(pid)
        connection = os.stat(f"/proc/{pid}/fd/0").st_rdev
        assert connection == os.stat("/dev/null").st_rdev
        port = s.getsockname()[1]
        server.held[0].sendall(f"{port},20001:USERID:UNIX:bob\r\n".encode())
        state = State(read_all(s))
    assert int(state["pid"]) != pid
    daemon.wait_log("USERID: one UNIX:bob$")


# The verdict of an asker: no refusal, the user that was found, no other text.
VERDICT = struct.Struct("ii768s1024s")
IDENT_OK, IDENT_RESULTS, USER = 0, 7, b"UNIX : root"


def fd_is_pipe(pid, fd):
    with contextlib.suppress(FileNotFoundError):
        return os.readlink(f"/proc/{pid}/fd/{fd}").startswith("pipe:")


def forge(pid, verdict):
    """An asker that was taken over says this, and stays as it is."""
    wait_for(lambda: fd_is_pipe(pid, 3))
    os.kill(pid, signal.SIGSTOP)
    with os.fdopen(take_descriptor(pid, 3), "wb", buffering=0) as pipe:
        pipe.write(verdict)


ONLY = stanza(flags="IDONLY NOLIBWRAP", log_on_success="USERID")


@pytest.mark.root
def test_who_has_asked_is_gone_before_the_server_starts(xinetd, veth, identd):
    """even if it does not want to go"""
    server = identd(None)
    daemon = xinetd(ONLY)
    with veth.peer(), connect(20001, OURS, timeout=30) as s:
        wait_for(lambda: server.held, what="the question")
        pid, = daemon.askers()
        forge(pid, VERDICT.pack(0, IDENT_OK, USER, b""))
        wait_for(lambda: not os.path.exists(f"/proc/{pid}"))
        assert State(read_all(s))
    daemon.wait_log("USERID: one UNIX : root$")


@pytest.mark.root
@pytest.mark.parametrize("verdict", [
    VERDICT.pack(0, IDENT_RESULTS, b"", b"x" * 1024),
    VERDICT.pack(0, IDENT_RESULTS, b"u" * 768, b""),
    VERDICT.pack(0, IDENT_OK, b"UNIX : a\nb", b""),
    VERDICT.pack(0, -1, USER, b""), VERDICT.pack(0, 1 << 30, USER, b""),
    VERDICT.pack(-1, IDENT_RESULTS, b"", b""),
    VERDICT.pack(2, IDENT_RESULTS, b"", b""), b"UNIX : root",
    b"\xff" * 4096], ids=range(9))
def test_only_a_verdict_that_can_be_is_believed(xinetd, veth, identd,
                                                verdict):
    server = identd(None)
    daemon = xinetd(ONLY)
    with veth.peer(), connect(20001, OURS, timeout=30) as s:
        wait_for(lambda: server.held, what="the question")
        pid, = daemon.askers()
        forge(pid, verdict)
        os.kill(pid, signal.SIGKILL)    # it may be one of hosts_options(5)
        assert read_all(s) == b""
    wait_for(lambda: not daemon.askers())
    assert daemon.service("one")["children"] == []
    assert "USERID" not in daemon.read_log()
    daemon.check_at_rest()


def test_nobody_is_asked_where_the_log_does_not_want_it(xinetd, veth, identd):
    server = identd()
    daemon = xinetd(stanza(log_on_failure="HOST", no_access=PEER) +
                    stanza("two", 20002, log_on_success="HOST EXIT",
                           log_on_failure="USERID"))
    with veth.peer():
        assert tcp(20001, host=OURS) == b""
        assert State(tcp(20002, host=OURS))
    daemon.wait_log("EXIT: two")
    assert not server.queries and daemon.status()["ident_left_out"] == 0


def test_a_flood_of_refused_clients_is_not_asked_for(xinetd, veth, identd):
    identd(None)
    daemon = xinetd(stanza(log_on_failure="USERID", no_access=PEER) +
                    stanza("two", 20002))
    with veth.peer(), contextlib.ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(connect(20001, OURS))
        wait_for(lambda: daemon.service("one")["refused"]["access"] == 50)
        assert daemon.status()["ident_left_out"] == 50 - 32
        assert len(daemon.askers()) <= 32
        assert State(tcp(20002, host=OURS))
    daemon.wait_log(r"ident: too many refused clients, 1 not asked about")
    assert len(re.findall("ident: too many", daemon.read_log())) == 1


def test_so_many_refused_clients_are_asked_for_in_a_second(xinetd, veth):
    daemon = xinetd(stanza(log_on_failure="USERID", no_access=PEER,
                           cps="1000 1"))
    with veth.peer():
        for _ in range(200):
            assert tcp(20001, host=OURS) == b""
    left_out = daemon.status()["ident_left_out"]
    assert 0 < left_out <= 200 - 64


def test_a_service_that_goes_while_its_client_is_asked_for(
        xinetd, veth, identd):
    server = identd(None)
    daemon = xinetd(stanza(log_on_failure="USERID", no_access=PEER) +
                    stanza("two", 20002))
    with veth.peer(), connect(20001, OURS) as s:
        wait_for(lambda: server.held, what="the question")
        assert daemon.reload(stanza("two", 20002))[0] == 0
        port = s.getsockname()[1]
        server.held[0].sendall(f"{port},20001:USERID:UNIX:bob\r\n".encode())
        assert read_all(s) == b""
        wait_for(lambda: not daemon.askers())
        assert State(tcp(20002, host=OURS))
    assert "bob" not in daemon.read_log()


@pytest.mark.parametrize("internal", ["daytime", "echo", "tcpmux"])
def test_internal_services_let_in_only_the_known(superd, veth, identd,
                                                 internal):
    """even those that the loop answers"""
    daemon = superd(f"service x {{ port = 20001 internal = {internal} "
                    "flags = IDONLY log_on_success = {USERID} }",
                    file="superd.conf")
    with veth.peer():
        assert tcp(20001, b"help\r\n", host=OURS) == b""
    daemon.wait_log(f"NOID: x {PEER} no server$")
    server = identd()
    with veth.peer():
        data = tcp(20001, b"help\r\n", host=OURS)
    assert internal == "tcpmux" or data
    daemon.wait_log("USERID: x UNIX : alice$")
    assert len(server.queries) == 1


def test_service_behind_tcpmux_lets_in_only_the_known(xinetd, veth, identd):
    conf = (
        "service tcpmux\n{\n\ttype = INTERNAL UNLISTED\n\tport = 20001\n"
        "\tsocket_type = stream\n\tprotocol = tcp\n\twait = no\n"
        "\tflags = NOLIBWRAP\n}\n")
    conf += stanza("one", port=None, type="TCPMUX UNLISTED",
                   flags="IDONLY NOLIBWRAP", log_on_success="USERID")
    daemon = xinetd(conf)
    with veth.peer():
        assert tcp(20001, b"one\r\n", host=OURS).startswith(b"-")
    daemon.wait_log(f"NOID: one {PEER} no server$")
    identd()
    with veth.peer():
        assert State(tcp(20001, b"one\r\n", host=OURS))
    daemon.wait_log("USERID: one UNIX : alice$")
