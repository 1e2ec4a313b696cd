"""Internal services: RFC 862-868, over TCP and UDP."""

import datetime
import os
import socket
import struct
import threading
import time

import pytest
from conftest import connect, read_all, tcp, udp, udp_socket, wait_for

CONF = """\
echo stream tcp nowait root internal
echo dgram udp wait root internal
discard stream tcp nowait root internal
discard dgram udp wait root internal
chargen stream tcp nowait root internal
chargen dgram udp wait root internal
daytime stream tcp nowait root internal
daytime dgram udp wait root internal
time stream tcp nowait root internal
time dgram udp wait root internal
"""

RING = bytes(range(32, 127))


def test_echo_returns_four_mebibytes_and_closes_after_half_close(superd):
    """T053, R862-1, R862-2"""
    superd(CONF)
    sent = os.urandom(4 << 20)
    with connect(7) as s:
        def send():
            at, step = 0, 1
            while at < len(sent):
                s.sendall(sent[at:at + step])
                at, step = at + step, step % 9000 + 1
            s.shutdown(socket.SHUT_WR)
        thread = threading.Thread(target=send)
        thread.start()
        got = read_all(s)
        thread.join()
    assert got == sent


@pytest.mark.parametrize("size", [0, 1, 512, 1472, 8192, 65507])
def test_echo_datagram_is_returned_whole(superd, size):
    """T054, R862-3"""
    superd(CONF)
    sent = os.urandom(size)
    assert udp(7, sent) == sent


def test_echo_answers_from_the_address_that_was_asked(superd, veth):
    superd(CONF)
    with veth.peer():
        for host in ("192.0.2.1", "2001:db8::1"):
            with udp_socket(host) as s:
                s.sendto(b"x", (host, 7))
                assert s.recvfrom(100)[1][0] == host


def test_datagrams_to_another_loopback_address_are_answered_from_it(superd):
    superd(CONF)
    with udp_socket() as s:
        s.connect(("127.0.0.9", 7))     # only takes answers from there
        s.send(b"x")
        assert s.recv(10) == b"x"


def test_discard_reads_without_stalling_and_sends_nothing(superd):
    """T055, R863-1"""
    superd(CONF)
    assert tcp(9, b"x" * (4 << 20)) == b""


def test_discard_datagrams_are_never_answered(superd):
    """R863-2"""
    daemon = superd(CONF)
    with udp_socket() as s:
        for _ in range(100):
            s.sendto(b"x", ("127.0.0.1", 9))
    wait_for(lambda: daemon.service("discard/udp")["datagrams"] == 100)
    assert daemon.service("discard/udp")["answered"] == 0


def test_chargen_lines_rotate_through_the_ring_of_95(superd):
    """T056, R864-1"""
    superd(CONF)
    with connect(19) as s:
        data = b""
        while len(data) < 74 * 200:
            data += s.recv(65536)
    for k in range(200):
        line = data[74 * k:74 * k + 74]
        assert line == (RING * 2)[k % 95:k % 95 + 72] + b"\r\n", k


def test_chargen_client_that_never_reads_costs_no_memory(superd):
    """R864-3"""
    daemon = superd(CONF)
    before = daemon.rss()
    with connect(19):
        time.sleep(0.5)
        assert daemon.rss() - before < 256 * 1024
    wait_for(lambda: daemon.status()["children"] == 0)


@pytest.mark.parametrize("size", [0, 1, 512, 1472])
def test_chargen_datagram_has_at_most_512_printable_octets(superd, size):
    """T057, R864-2"""
    superd(CONF)
    answer = udp(19, b"x" * size)
    assert 0 < len(answer) <= 512 and answer.endswith(b"\r\n")
    assert all(32 <= c < 127 or c in b"\r\n" for c in answer)


def test_daytime_is_one_line_in_english_and_local_time(superd):
    """T058, R867-1, R867-3"""
    env = dict(os.environ, TZ="XXX-05:45", LANG="de_DE.UTF-8",
               LC_ALL="de_DE.UTF-8")
    superd(CONF, env=env)
    with connect(13) as s:      # nothing is sent
        text = read_all(s).decode("ascii")
    assert text.endswith("\r\n") and text.count("\n") == 1
    then = datetime.datetime.strptime(text.strip(), "%a %b %d %H:%M:%S %Y")
    now = datetime.datetime.utcnow() + datetime.timedelta(minutes=345)
    assert abs((now - then).total_seconds()) < 5


def test_daytime_datagram(superd):
    """R867-2"""
    superd(CONF)
    assert udp(13, b"").endswith(b"\r\n")


def test_time_is_four_octets_since_1900(superd):
    """T059, R868-1, R868-2, R868-3"""
    superd(CONF)
    for answer in (tcp(37), udp(37, b"")):
        assert len(answer) == 4
        seconds, = struct.unpack("!I", answer)
        assert abs(seconds - 2208988800 - time.time()) < 3


def test_descriptors_stay_constant_over_thousands_of_connections(superd):
    """T038, CVE-2001-0309"""
    daemon = superd(CONF)
    before = daemon.fds()
    for _ in range(600):
        assert len(tcp(37)) == 4
        assert tcp(13).endswith(b"\r\n")
        assert tcp(7, b"x") == b"x"
    wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.fds() <= before


def test_internal_children_are_not_root(superd):
    daemon = superd(CONF)
    with connect(7):
        pid = wait_for(daemon.child_pids)[0]
        status = open(f"/proc/{pid}/status", encoding="ascii").read()
        wait_for(lambda: "Uid:\t65534" in open(
            f"/proc/{pid}/status", encoding="ascii").read() or
            os.getuid() != 0, what=status)
        wait_for(lambda: len(os.listdir(f"/proc/{pid}/fd")) == 3)


def test_internal_service_on_another_port_is_named(superd):
    superd("7007 stream tcp nowait root internal echo\n"
           "7013 dgram udp wait root internal daytime\n")
    assert tcp(7007, b"abc") == b"abc"
    assert udp(7013).endswith(b"\r\n")
