"""Internal services: RFC 862-868, over TCP and UDP."""

import contextlib
import datetime
import os
import socket
import shutil
import struct
import subprocess
import threading
import time

import pytest
from conftest import (SLOW, WRAPPER, check_no_rights, connect, read_all, tcp,
                      udp, udp_socket, wait_for)

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
    """RFC 862"""
    superd(CONF)
    sent = os.urandom(4 << 20)
    with connect(7) as s:
        def send():
            at, step = 0, 1
            while at < len(sent):
                s.sendall(sent[at:at + step])
                at, step = at + step, step % 9000 + 1
            s.shutdown(socket.SHUT_WR)
        thread = threading.Thread(daemon=True, target=send)
        thread.start()
        got = read_all(s)
        thread.join()
    assert got == sent


@pytest.mark.parametrize("size", [0, 1, 512, 1472, 8192, 65507])
def test_echo_datagram_is_returned_whole(superd, size):
    """RFC 862"""
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


@pytest.mark.parametrize("host, bound", [
    ("127.0.0.9", "127.0.0.9:7 dgram udp"), ("::1", "[::1]:7 dgram udp6")])
def test_a_socket_with_one_address_answers_from_it(superd, host, bound):
    superd(f"{bound} wait root internal echo\n")
    with udp_socket(host) as s:
        s.connect((host, 7))            # only takes answers from there
        s.send(b"x")
        assert s.recv(10) == b"x"


def test_discard_reads_without_stalling_and_sends_nothing(superd):
    """RFC 863"""
    superd(CONF)
    assert tcp(9, b"x" * (4 << 20)) == b""


def test_discard_datagrams_are_never_answered(superd):
    """RFC 863"""
    daemon = superd(CONF)
    with udp_socket() as s:
        for _ in range(100):
            s.sendto(b"x", ("127.0.0.1", 9))
    wait_for(lambda: daemon.service("discard/udp")["datagrams"] == 100)
    assert daemon.service("discard/udp")["answered"] == 0


def test_chargen_lines_rotate_through_the_ring_of_95(superd):
    """RFC 864"""
    superd(CONF)
    with connect(19) as s:
        data = b""
        while len(data) < 74 * 200:
            data += s.recv(65536)
    for k in range(200):
        line = data[74 * k:74 * k + 74]
        assert line == (RING * 2)[k % 95:k % 95 + 72] + b"\r\n", k


def test_chargen_ignores_its_input(superd):
    """RFC 864"""
    superd(CONF)
    with connect(19) as s:
        s.sendall(b"noise\r\n" * 100)
        data = b""
        while len(data) < 74 * 10:
            data += s.recv(65536)
    assert data[:74] == RING[:72] + b"\r\n"
    assert data[74:148] == RING[1:73] + b"\r\n"


def usage(pid):
    """Ticks of CPU time, and bytes of memory."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12]),
            int(fields[21]) * os.sysconf("SC_PAGE_SIZE"))


def fill(s):
    """Send until the other side takes no more."""
    with contextlib.suppress(TimeoutError):
        while True:
            s.send(b"x" * 65536)


@pytest.mark.parametrize("port", [7, 19])
def test_client_that_never_reads_costs_no_memory_and_no_cpu(superd, port):
    """RFC 864: neither in superd nor in the child"""
    daemon = superd(CONF)
    before, cpu = daemon.rss(), daemon.cpu()
    with connect(port, timeout=0.2) as s:
        child, = wait_for(daemon.child_pids)
        if port == 7:
            fill(s)
        time.sleep(0.2)         # now it has filled its buffers
        ticks, memory = usage(child)
        time.sleep(0.5)
        assert usage(child)[0] - ticks <= 5 * SLOW
        assert usage(child)[1] - memory < 256 * 1024
        assert daemon.growth(before) < 256 * 1024
        assert daemon.cpu() - cpu < 0.1 * SLOW
    wait_for(lambda: daemon.status()["children"] == 0)


def test_reset_ends_the_child(superd):
    """RST instead of FIN"""
    daemon = superd(CONF)
    for port in (7, 9, 19):
        s = connect(port)
        s.send(b"x")
        wait_for(lambda: daemon.status()["children"] == 1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("ii", 1, 0))
        s.close()
        wait_for(lambda: daemon.status()["children"] == 0)


@pytest.mark.parametrize("size", [0, 1, 512, 1472])
def test_chargen_datagram_has_at_most_512_printable_octets(superd, size):
    """RFC 864"""
    superd(CONF)
    answer = udp(19, b"x" * size)
    assert 0 < len(answer) <= 512 and answer.endswith(b"\r\n")
    assert all(32 <= c < 127 or c in b"\r\n" for c in answer)


def test_daytime_is_one_line_in_english_and_local_time(superd):
    """RFC 867"""
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
    """RFC 867: one for each request, whatever is in it"""
    superd(CONF)
    with udp_socket(timeout=0.3) as s:
        for request in (b"", b"x" * 1000):
            s.sendto(request, ("127.0.0.1", 13))
            text = s.recv(1000).decode("ascii")
            datetime.datetime.strptime(text, "%a %b %d %H:%M:%S %Y\r\n")
        with pytest.raises(TimeoutError):
            s.recv(1000)


def test_daytime_changes_from_call_to_call(superd):
    """RFC 867"""
    superd(CONF)
    first = tcp(13)
    wait_for(lambda: tcp(13) != first, 3)


def fake_clock(tmp_path, now):
    """A library to preload, in which it is now `now'."""
    if shutil.which("cc") is None:
        pytest.skip("no compiler")
    if WRAPPER:
        pytest.skip("superd's wrapper would be preloaded, too")
    source, library = tmp_path / "clock.c", tmp_path / "clock.so"
    source.write_text("#include <time.h>\ntime_t time(time_t *t)\n"
                      f"{{ time_t now = {now}; if (t) *t = now; "
                      "return now; }\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source],
                   check=True)
    return dict(os.environ, LD_PRELOAD=str(library), TZ="UTC0",
                ASAN_OPTIONS="verify_asan_link_order=0")


@pytest.mark.parametrize("now,octets,text", [
    (2085978495, b"\xff\xff\xff\xff", b"Thu Feb  7 06:28:15 2036\r\n"),
    (2085978496, b"\0\0\0\0", b"Thu Feb  7 06:28:16 2036\r\n"),
    (2147483648, b"\x03\xaa\x7e\x80", b"Tue Jan 19 03:14:08 2038\r\n"),
    (4294967296, b"\x83\xaa\x7e\x80", b"Sun Feb  7 06:28:16 2106\r\n"),
])
def test_clock_of_the_future(superd, tmp_path, now, octets, text):
    """RFC 868: 2036 wraps, 2038 and 2106 are ordinary"""
    superd(CONF, env=fake_clock(tmp_path, now))
    assert tcp(37) == udp(37, b"") == octets
    assert tcp(13) == udp(13, b"") == text


def test_time_does_not_depend_on_the_zone(superd):
    """RFC 868"""
    superd(CONF, env=dict(os.environ, TZ="XXX-14"))
    seconds, = struct.unpack("!I", tcp(37))
    assert abs(seconds - 2208988800 - time.time()) < 3


def test_time_is_four_octets_since_1900(superd):
    """RFC 868"""
    superd(CONF)
    for answer in (tcp(37), udp(37, b"")):
        assert len(answer) == 4
        seconds, = struct.unpack("!I", answer)
        assert abs(seconds - 2208988800 - time.time()) < 3


def test_descriptors_stay_constant_over_thousands_of_connections(superd):
    """CVE-2001-0309"""
    daemon = superd(CONF)
    before = daemon.fds()
    for _ in range(5000 if SLOW < 2 else 1000):
        assert len(tcp(37)) == 4
        assert tcp(13).endswith(b"\r\n")
        assert tcp(7, b"x") == b"x"
    wait_for(lambda: daemon.status()["children"] == 0)
    wait_for(lambda: daemon.fds() <= before)


def test_internal_children_are_not_root(superd):
    daemon = superd(CONF)
    with connect(7):
        pid = wait_for(daemon.child_pids)[0]
        if os.getuid() == 0:
            check_no_rights(pid)
        # the channel as 0-1, null, how it is asked and how it knocks,
        # epoll's, and the connection
        sockets = sum(len(service["listeners"])
                      for service in daemon.status()["services"])
        wait_for(lambda: len(os.listdir(f"/proc/{pid}/fd")) == sockets + 7)


def test_internal_service_on_another_port_is_named(superd):
    superd("7007 stream tcp nowait root internal echo\n"
           "7013 dgram udp wait root internal daytime\n")
    assert tcp(7007, b"abc") == b"abc"
    assert udp(7013).endswith(b"\r\n")


def test_descriptors_in_a_datagram_are_for_nobody(superd, tmp_path):
    node = tmp_path / "sock"
    daemon = superd(f"{node} dgram unix wait root internal echo\n")
    internal, = (one["pid"] for one in daemon.status()["workers"])

    def descriptors():
        return len(os.listdir(f"/proc/{internal}/fd"))

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind("\0client of superd")
        s.settimeout(5 * SLOW)
        s.connect(str(node))
        s.send(b"x")
        assert s.recv(10) == b"x"
        before = descriptors()
        for i in range(5):
            socket.send_fds(s, [b"x"], [0, 0, 0])
            assert s.recv(10) == b"x"
        assert descriptors() == before
