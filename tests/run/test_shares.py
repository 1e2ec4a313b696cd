"""Nobody takes all: no service, and no client at one."""

import contextlib
import re
import socket
import threading

import pytest
from conftest import (SLOW, connect, many_files, probe, reset, tcp, udp,
                      wait_for)

HOLD = probe("hold")
ATTACKER, OTHER, THIRD = "127.0.0.66", "127.0.0.7", "127.0.0.8"
SERVICES = {"exec": 20001, "echo": 20007, "redirect": 20003, "mux": 20010}
DAYTIME, QUIET, DATAGRAM, WAIT, RELAY, CHARGEN = (
    20013, 20011, 20012, 20014, 20015, 20019)
TARGET = 20020


def service(name, port, text, protocol="tcp", socket_type="stream"):
    if "type" not in text:
        text = "type = UNLISTED " + text
    return (f"service {name} {{ port = {port} socket_type = {socket_type} "
            f"protocol = {protocol} user = nobody {text} }}\n")


INTERNAL = "type = {UNLISTED, INTERNAL}"
CONF = "".join([
    service("exec", 20001, f"server = {HOLD} server_args = 60"),
    service("echo", 20007, INTERNAL),
    service("redirect", 20003, f"redirect = {{127.0.0.1, {TARGET}}}"),
    service("tcpmux", 20010, INTERNAL),
    service("daytime", DAYTIME, INTERNAL),
    service("quiet", QUIET, f"server = {probe('end')}"),
    service("echo-udp", DATAGRAM, INTERNAL + " name = echo wait = yes",
            "udp", "dgram"),
    service("wait", WAIT, f"server = {probe('acc')} wait = yes"),
    service("relay", RELAY, f"redirect = {{127.0.0.1, {TARGET}}}"),
    service("chargen", CHARGEN, INTERNAL),
])


class Target:
    """Says hello to everybody, and keeps the connections."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", TARGET),
                                           backlog=2000)
        self.connections = []
        self.thread = threading.Thread(daemon=True, target=self.run)
        self.thread.start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                self.connections.append(self.server.accept()[0])
                self.connections[-1].sendall(b"hello")

    def close(self):
        self.server.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        for s in [self.server, *self.connections]:
            s.close()


@pytest.fixture
def target():
    target = Target()
    yield target
    target.close()


def attack(stack, port, count, source=ATTACKER):
    """So many idle connections."""
    return [stack.enter_context(connect(port, source=(source, 0)))
            for _ in range(count)]


def first_words(port, say=b"", source=OTHER):
    """What a new client gets within a second."""
    with connect(port, timeout=1, source=(source, 0)) as s:
        s.sendall(say)
        return s.recv(100)


ASK = {
    "exec": lambda: first_words(20001).startswith(b"held"),
    "echo": lambda: first_words(20007, b"x") == b"x",
    "redirect": lambda: first_words(20003) == b"hello",
    "mux": lambda: first_words(20010, b"HELP\r\n") is not None,
}
ASK_OTHERS = {
    "daytime": lambda: first_words(DAYTIME),
    "quiet": lambda: first_words(QUIET) is not None,
    "datagram": lambda: udp(DATAGRAM, b"x", timeout=1, source=(OTHER, 0)),
    "wait": lambda: first_words(WAIT, b"x"),
    "relay": lambda: first_words(RELAY) == b"hello",
    "chargen": lambda: first_words(CHARGEN),
}

FEW = "max_children = 40\nmax_connections = 40\n"


@pytest.mark.parametrize("attacked", SERVICES)
@pytest.mark.parametrize("limits, count", [(FEW, 60), ("", 1003)],
                         ids=["few", "defaults"])
def test_one_client_at_one_service_stops_nobody(conf, target, attacked,
                                                limits, count):
    """one address, and every other service and client goes on"""
    if attacked == "exec" and SLOW > 2:
        pytest.skip("too many processes for a checker")
    with many_files(4000), contextlib.ExitStack() as stack:
        daemon = conf(limits + CONF)
        attack(stack, SERVICES[attacked], count)
        for name, ask in {**ASK_OTHERS, **ASK}.items():
            assert ask(), name
        pool = {"exec": "processes", "mux": "talks"}.get(attacked,
                                                         "connections")
        status = daemon.status()[pool]
        assert status["client"] == ATTACKER
        assert min(count, 0.6 * status["max"]) <= \
            status["client_holds"] <= 0.75 * status["max"]
        if attacked == "mux":
            return
        # and again, while nobody has left
        assert ASK[attacked]()


def test_a_service_that_holds_nothing_finds_a_place(conf):
    """whatever all the others hold, and whoever holds it"""
    names = [f"s{i}" for i in range(10)]
    daemon = conf("max_children = 20\n" + "".join(
        service(name, 21000 + i, f"server = {HOLD}")
        for i, name in enumerate(names)))
    with contextlib.ExitStack() as stack:
        for i in range(9):
            for n in range(20):
                attack(stack, 21000 + i, 1, f"127.0.1.{n}")
        wait_for(lambda: daemon.service("s8")["processes"] > 0)
        assert daemon.status()["processes"]["used"] == 19
        with connect(21009, timeout=1, source=(OTHER, 0)) as s:
            assert s.recv(100).startswith(b"held")
            assert daemon.status()["processes"]["used"] == 20


def served(sockets):
    """Who has been served, of these."""
    found = []
    for s in sockets:
        s.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            if s.recv(100, socket.MSG_PEEK):
                found.append(s)
    return found


def test_waiting_clients_are_all_served_in_the_end(conf):
    """each place that gets free is somebody's at once"""
    daemon = conf("max_children = 8\n" + "".join(
        service(name, port, f"server = {HOLD} server_args = 60")
        for name, port in (("a", 20001), ("b", 20002))))
    with contextlib.ExitStack() as stack:
        waiting = attack(stack, 20001, 40) + attack(stack, 20002, 40) + \
            attack(stack, 20001, 10, OTHER)
        wait_for(lambda: daemon.status()["waiting"] > 0)
        while waiting:
            done = wait_for(lambda: served(waiting), what="the next ones")
            for s in done:
                s.close()
                waiting.remove(s)
    wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.status()["waiting"] == 0
    assert daemon.service("a")["started"] == 50
    assert daemon.service("b")["started"] == 40


def test_who_gave_up_waiting_takes_no_place(conf):
    daemon = conf("max_children = 8\n" +
                  service("a", 20001, f"server = {HOLD} server_args = 60"))
    with contextlib.ExitStack() as stack:
        first = attack(stack, 20001, 6)
        wait_for(lambda: daemon.service("a")["processes"] == 6)
        impatient = attack(stack, 20001, 20)
        patient, = attack(stack, 20001, 1)
        wait_for(lambda: daemon.service("a")["waiting"] == 21)
        assert daemon.service("a")["paused"] == "share"
        for s in impatient:
            reset(s)
        for s in first:
            s.close()
        patient.settimeout(5 * SLOW)
        assert patient.recv(100).startswith(b"held")
        assert daemon.service("a")["started"] == 7


def test_above_its_share_a_client_is_refused_where_excess_says_so(conf):
    daemon = conf("max_children = 8\n" + service(
        "a", 20001, f"server = {HOLD} excess = refuse"))
    with contextlib.ExitStack() as stack:
        attack(stack, 20001, 6)
        wait_for(lambda: daemon.service("a")["processes"] == 6)
        assert tcp(20001, source=(ATTACKER, 0)) == b""
        assert first_words(20001).startswith(b"held")
        assert daemon.service("a")["refused"]["share"] == 1


def test_lines_are_bounded_and_the_rest_is_closed(conf):
    daemon = conf("max_children = 8\n" +
                  service("a", 20001, f"server = {HOLD} server_args = 60"))
    with many_files(1000), contextlib.ExitStack() as stack:
        attack(stack, 20001, 6 + 128)
        wait_for(lambda: daemon.service("a")["waiting"] == 128)
        assert tcp(20001, source=(ATTACKER, 0)) == b""
        assert daemon.service("a")["refused"]["share"] == 1
        assert daemon.reload(CONF.splitlines()[4])[0] == 0
        assert daemon.status()["waiting"] == 0


def test_per_source_goes_before_shares(conf):
    daemon = conf("max_children = 8\n" + service(
        "a", 20001, f"server = {HOLD} per_source = unlimited"))
    with contextlib.ExitStack() as stack:
        attack(stack, 20001, 8)
        wait_for(lambda: daemon.service("a")["processes"] == 8)


def test_instances_are_shared_too(conf):
    """the upper bound of the service is what its clients share"""
    conf(service("a", 20001, f"server = {HOLD} instances = 8"))
    with contextlib.ExitStack() as stack:
        attack(stack, 20001, 20)
        assert first_words(20001).startswith(b"held")


def test_the_log_says_who_holds_what(conf):
    daemon = conf("max_children = 8\n" + service(
        "a", 20001, f"server = {HOLD}") + service(
        "b", 20002, f"server = {HOLD}"))
    with contextlib.ExitStack() as stack:
        attack(stack, 20001, 10)
        daemon.wait_log(rf"pause a reason=share client={ATTACKER} "
                        r"client_holds=\d$")
        for n in range(8):
            attack(stack, 20002, 1, f"127.0.1.{n}")
        match = daemon.wait_log(r"pause b reason=max_children service=(.) "
                                r"holds=\d client=(\S+) client_holds=\d$")
        assert re.match(r"127\.0\.", match[2])
        processes = daemon.status()["processes"]
        assert processes["used"] == processes["max"] == 8
        assert processes["services"] == 2
