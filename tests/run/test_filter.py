"""Lists of wait services: the kernel checks who its server never shows."""

import contextlib
import json
import signal
import socket
import sys

import pytest
from conftest import SLOW, connect, run, udp_socket, wait_for

# Takes the socket, tries to be rid of its filter, and answers until told.
SERVER = """\
import json, socket
SO_ATTACH_FILTER, SO_DETACH_FILTER, SO_LOCK_FILTER = 26, 27, 44
s = socket.socket(fileno=0)
stream = s.type == socket.SOCK_STREAM
said = {"pid": __import__("os").getpid()}
def attempt(name, option, value):
    try:
        s.setsockopt(socket.SOL_SOCKET, option, value)
        said[name] = "done"
    except OSError as error:
        said[name] = error.strerror
attempt("detach", SO_DETACH_FILTER, 0)
attempt("unlock", SO_LOCK_FILTER, 0)
while True:
    if stream:
        c, peer = s.accept()
        data = c.recv(100)
        c.sendall(json.dumps(said).encode())
        c.close()
    else:
        data, peer = s.recvfrom(100)
        s.sendto(json.dumps(said).encode(), peer)
    if data == b"end":
        break
"""
GOOD, BAD = "192.0.2.2", "192.0.2.3"
GOOD6, BAD6 = "2001:db8::2", "2001:db8::3"
OURS, OURS6 = "192.0.2.1", "2001:db8::1"


@pytest.fixture
def peers(veth):
    """The peer has two addresses of each family: one is let in."""
    with veth.peer():
        run("ip", "addr", "add", f"{BAD}/24", "dev", "v1")
        run("ip", "addr", "add", f"{BAD6}/64", "dev", "v1", "nodad")
    return veth


@pytest.fixture
def entry(tmp_path):
    """An entry of xinetd.conf for the server above."""
    path = tmp_path / "server.py"
    path.write_text(SERVER)

    def make(**attributes):
        lines = {"type": "UNLISTED", "id": "one", "port": "20001",
                 "socket_type": "stream", "wait": "yes", "user": "nobody",
                 "server": sys.executable, "server_args": str(path),
                 **attributes}
        return "service one\n{\n" + "".join(
            f"\t{name} = {value}\n" for name, value in lines.items()) + "}\n"

    return make


def ask_stream(source, data=b"x", host=OURS, port=20001, timeout=5.0):
    """What the server says; None where nobody answers."""
    try:
        with connect(port, host, timeout, (source, 0)) as s:
            s.sendall(data)
            return json.loads(s.recv(1000))
    except TimeoutError:
        return None


def ask_dgram(source, data=b"x", host=OURS, port=20001, timeout=5.0):
    with udp_socket(host, timeout, (source, 0)) as s:
        s.sendto(data, (host, port))
        try:
            return json.loads(s.recv(1000))
        except TimeoutError:
            return None


def dropped(daemon):
    return sum(listener["dropped"]
               for listener in daemon.service("one")["listeners"])


KINDS = pytest.mark.parametrize("kind, ask", [("stream", ask_stream),
                                              ("dgram", ask_dgram)])
FAMILIES = pytest.mark.parametrize("good, bad, ours, flags", [
    (GOOD, BAD, OURS, "IPv4"), (GOOD6, BAD6, OURS6, "IPv6"),
    (GOOD, BAD, OURS, "IPv6")], ids=["ipv4", "ipv6", "mapped"])


@KINDS
@FAMILIES
def test_each_client_of_a_wait_service_is_checked(xinetd, peers, entry, kind,
                                                  ask, good, bad, ours,
                                                  flags):
    """before a server runs, and while it has the socket"""
    daemon = xinetd(entry(socket_type=kind, flags=flags,
                          only_from=f"{GOOD} {GOOD6}"))
    with peers.peer():
        # a first packet may have to wait for its neighbour's address
        wait_for(lambda: ask(bad, host=ours, timeout=0.3) is None and
                 dropped(daemon) > 0)
        assert daemon.service("one")["started"] == 0
        assert "packets dropped" in daemon.ctl("show", "one")[1]
        first = ask(good, host=ours)
        assert ask(bad, host=ours, timeout=0.3) is None
        assert ask(bad, b"end", host=ours, timeout=0.3) is None
        assert ask(good, host=ours)["pid"] == first["pid"]
        ask(good, b"end", host=ours)
    wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.service("one")["state"] == "listening"


@KINDS
def test_a_server_cannot_be_rid_of_the_filter(xinetd, peers, entry, kind,
                                              ask):
    xinetd(entry(socket_type=kind, user="root", only_from=GOOD))
    with peers.peer():
        said = ask(GOOD)
        assert said["detach"] == said["unlock"] == "Operation not permitted"
        assert ask(BAD, timeout=0.3) is None
        ask(GOOD, b"end")


def test_no_access_closes_and_the_longer_match_wins(xinetd, peers, entry):
    xinetd(entry(only_from="192.0.2.0", no_access=BAD))
    with peers.peer():
        assert ask_stream(BAD, timeout=0.3) is None
        assert ask_stream(GOOD)
        assert ask_stream(BAD, timeout=0.3) is None
        ask_stream(GOOD, b"end")


@KINDS
def test_superd_conf_has_it_too(conf, peers, tmp_path, kind, ask):
    (tmp_path / "server.py").write_text(SERVER)
    daemon = conf(f"""service one {{
        listen = "*:20001"
        protocol = {"tcp" if kind == "stream" else "udp"}
        wait = yes
        user = nobody
        server = {sys.executable}
        server_args = {{{tmp_path}/server.py}}
        only_from = {{{GOOD}, "{GOOD6}"}}
    }}""")
    with peers.peer():
        for good, bad, ours in (GOOD, BAD, OURS), (GOOD6, BAD6, OURS6):
            assert ask(good, host=ours)
            assert ask(bad, host=ours, timeout=0.3) is None
            ask(good, b"end", host=ours)
            wait_for(lambda: daemon.status()["children"] == 0)


@KINDS
def test_a_reload_changes_the_lists(xinetd, peers, entry, kind, ask):
    daemon = xinetd(entry(socket_type=kind, only_from=GOOD))
    with peers.peer():
        assert ask(BAD, timeout=0.3) is None
        code, text = daemon.reload(entry(socket_type=kind, only_from=BAD))
        assert code == 0, text
        assert ask(GOOD, timeout=0.3) is None
        assert ask(BAD, b"end")
        wait_for(lambda: daemon.status()["children"] == 0)
        code, text = daemon.reload(entry(socket_type=kind))
        assert code == 0, text
        assert ask(GOOD, b"end")
        wait_for(lambda: daemon.status()["children"] == 0)
        assert ask(BAD, b"end")
    wait_for(lambda: daemon.status()["children"] == 0)
    assert "error" not in daemon.read_log()


@KINDS
def test_a_reload_while_a_server_has_the_socket(xinetd, peers, entry, kind,
                                                ask):
    """it goes on under the old lists; the next one has the new ones"""
    daemon = xinetd(entry(socket_type=kind, only_from=GOOD))
    with peers.peer():
        first = ask(GOOD)
        daemon.reload(entry(socket_type=kind, only_from=BAD))
        assert ask(BAD, timeout=0.3) is None
        assert ask(GOOD)["pid"] == first["pid"]
        ask(GOOD, b"end")
        wait_for(lambda: daemon.service("one")["state"] == "listening",
                 what="the new socket")
        assert ask(GOOD, timeout=0.3) is None
        assert ask(BAD)["pid"] != first["pid"]
        ask(BAD, b"end")
    wait_for(lambda: daemon.status()["children"] == 0)


def test_a_reload_that_changes_other_things_keeps_the_socket(xinetd, peers,
                                                             entry):
    daemon = xinetd(entry(only_from=GOOD))
    before = daemon.service("one")["listeners"]
    with peers.peer(), connect(20001, OURS, source=(GOOD, 0)) as s:
        daemon.reload(entry(only_from=GOOD, nice="3"))
        s.sendall(b"end")
        assert json.loads(s.recv(1000))
    assert daemon.service("one")["listeners"][0]["fd"] == before[0]["fd"]
    wait_for(lambda: daemon.status()["children"] == 0)


def test_a_session_lives_on_when_its_client_is_no_longer_let_in(xinetd, peers,
                                                                entry):
    daemon = xinetd(entry(only_from=GOOD))
    with peers.peer(), connect(20001, OURS, source=(GOOD, 0)) as s:
        wait_for(lambda: daemon.status()["children"] == 1)
        daemon.reload(entry(only_from=BAD))
        s.sendall(b"end")
        assert json.loads(s.recv(1000))
    wait_for(lambda: daemon.service("one")["state"] == "listening")


LONG = " ".join(f"10.{i // 100}.{i % 100 * 2}.0/24" for i in range(2000))


@pytest.mark.parametrize("attributes, why", [
    ({"only_from": "host.example"}, "cannot look up host names"),
    ({"no_access": ".example"}, "cannot look up host names"),
    ({"only_from": LONG}, "too long"),
])
def test_lists_that_are_no_filter_are_an_error(xinetd, entry, attributes,
                                               why):
    daemon = xinetd(entry(**attributes))
    assert "cannot be honoured with wait = yes: the kernel checks the " \
        "clients" in daemon.read_log() and why in daemon.log
    assert daemon.status()["services"] == []
