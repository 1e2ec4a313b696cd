"""A0: two inetd.conf files of which each line must serve, verbatim."""

import socket

import clients
import pytest
from daemon import DIALECTS, KIND, Daemon, differs
from house import HERE

pytestmark = pytest.mark.skipif("inetd" not in DIALECTS,
                                reason=f"{KIND} does not read inetd.conf")
SAMPLES = ["inetd.conf.netprog", "inetd.conf.bits"]
PORTS = ["tcp/7", "udp/7", "tcp/19", "udp/19", "tcp/21", "tcp/23", "tcp/79",
         "tcp/113", "udp/69"]


@pytest.fixture(scope="module", params=SAMPLES)
def sample(request, house):
    house.run("truncate -s 0 /tmp/identd.args")
    text = (HERE / "samples" / request.param).read_text()
    daemon = Daemon(house, "inetd", text, PORTS)
    yield daemon
    daemon.stop()


@pytest.fixture
def arguments(request, sample):
    """In netprog they stand in an indented line of their own."""
    if "netprog" in request.node.name:
        request.applymarker(differs("knows no continuation lines",
                                    "inetutils"))


def ask(house, kind, address, port, data):
    """A socket that has sent this data."""
    with house.inside():
        s = socket.socket(socket.AF_INET, kind)
    s.settimeout(5)
    s.connect((address, port))
    s.sendall(data)
    return s


@pytest.fixture(params=[
    pytest.param("127.0.0.1", marks=differs(
        "drops datagrams from loopback", "openbsd")),
    "10.9.9.1"])
def address(request):
    return request.param


# the characters of RFC 864, twice, so that each line is a piece of it
PATTERN = bytes(range(32, 127)) * 2


def test_echo_stream(house, sample):
    with ask(house, socket.SOCK_STREAM, "127.0.0.1", 7, b"abc\r\n\0") as s:
        s.shutdown(socket.SHUT_WR)
        assert s.makefile("rb").read() == b"abc\r\n\0"


def test_echo_datagram(house, sample, address):
    with ask(house, socket.SOCK_DGRAM, address, 7, b"abc\r\n\0") as s:
        assert s.recv(1000) == b"abc\r\n\0"


def test_chargen_stream(house, sample):
    """lines of 72 characters, each beginning one further: RFC 864"""
    with ask(house, socket.SOCK_STREAM, "127.0.0.1", 19, b"") as s:
        stream = s.makefile("rb")
        for number in range(200):
            start = number % 95
            assert stream.read(74) == PATTERN[start:start + 72] + b"\r\n"


def test_chargen_datagram(house, sample, address):
    """at most 512 characters: RFC 864"""
    with ask(house, socket.SOCK_DGRAM, address, 19, b"") as s:
        assert 0 <= len(s.recv(2000)) <= 512


def test_ftp(house, sample):
    clients.ftp(house, sample)


def test_telnet(house, sample):
    clients.telnet(house, sample)


def test_finger(house, sample):
    clients.finger(house, sample)


def test_auth(house, sample, arguments):
    """with its arguments, also those of an indented line"""
    clients.ident(house, sample)
    assert house.out("sort -u /tmp/identd.args") == "-l -e -o\n"


def test_tftp(house, sample, arguments):
    """from the directory that an argument names"""
    clients.tftp_get(house)
