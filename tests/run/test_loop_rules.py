"""Datagram services must not be made to talk to each other."""

import socket
import struct
import time

import pytest
from conftest import SLOW, udp, udp_socket, wait_for

CONF = """\
echo dgram udp wait root internal
chargen dgram udp wait root internal
daytime dgram udp wait root internal
time dgram udp wait root internal
"""


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def spoof(source, sport, dest, dport, payload=b"x"):
    """An IPv4 datagram with a forged sender, through a raw socket."""
    udp_head = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0)
    src, dst = socket.inet_aton(source), socket.inet_aton(dest)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 1, 0, 64,
                       17, 0, src, dst)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    with socket.socket(socket.AF_INET, socket.SOCK_RAW,
                       socket.IPPROTO_RAW) as s:
        s.sendto(head + udp_head + payload, (dest, 0))


def spoof_v6(source, sport, dport, payload=b"x"):
    """The same over IPv6, from and to one address of our own."""
    head = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0)
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW,
                       socket.IPPROTO_UDP) as s:
        s.setsockopt(socket.IPPROTO_IPV6, 7, 6)     # IPV6_CHECKSUM
        s.bind((source, 0))
        s.sendto(head + payload, (source, 0))


def answered(daemon):
    return sum(s["answered"] for s in daemon.status()["services"])


def seen(daemon):
    return sum(s["datagrams"] for s in daemon.status()["services"])


@pytest.mark.parametrize("source", ["192.0.2.1", "127.0.0.1"])
@pytest.mark.parametrize("sport,dport", [(19, 7), (7, 7), (7, 19), (13, 7),
                                         (37, 13)])
def test_forged_request_between_services_starts_no_loop(superd, veth, source,
                                                        sport, dport):
    """CERT CA-1996-01"""
    daemon = superd(CONF)
    spoof(source, sport, source, dport)
    wait_for(lambda: seen(daemon) >= 1)
    for _ in range(20):
        daemon.ctl("ping")
    assert seen(daemon) == 1 and answered(daemon) == 0


@pytest.mark.parametrize("source", ["::1", "2001:db8::1"])
@pytest.mark.parametrize("sport,dport", [(19, 7), (7, 7), (37, 13)])
def test_forged_request_over_ipv6_starts_no_loop(superd, veth, source, sport,
                                                 dport):
    daemon = superd(CONF)
    spoof_v6(source, sport, dport)
    wait_for(lambda: seen(daemon) >= 1)
    for _ in range(20):
        daemon.ctl("ping")
    assert seen(daemon) == 1 and answered(daemon) == 0


def test_forged_request_of_an_ordinary_port_is_answered(superd, veth):
    """the forging tests above would see it"""
    daemon = superd(CONF)
    spoof("192.0.2.1", 40000, "192.0.2.1", 7)
    spoof_v6("::1", 40000, 7)
    wait_for(lambda: answered(daemon) == 2)


def test_two_superds_that_are_made_to_talk_do_so_slowly(superd):
    """ports nobody knows of: the bound of answers ends what starts"""
    first = superd("20007 dgram udp wait root internal echo\n",
                   file="one.conf")
    second = superd("20008 dgram udp wait root internal echo\n",
                    file="two.conf", args=["--control", "none"], ready=False)
    second.wait_log("ready:")
    spoof("127.0.0.1", 20008, "127.0.0.1", 20007)
    wait_for(lambda: seen(first) >= 2)
    before = first.cpu() + second.cpu()
    time.sleep(2)
    assert seen(first) < 200
    assert first.cpu() + second.cpu() - before < 0.2 * SLOW


def test_services_on_unprivileged_ports_do_not_answer_each_other(superd):
    daemon = superd("20007 dgram udp wait root internal echo\n"
                    "20008 dgram udp wait root internal echo\n")
    spoof("127.0.0.1", 20007, "127.0.0.1", 20008)
    wait_for(lambda: seen(daemon) >= 1)
    daemon.ctl("ping")
    assert answered(daemon) == 0 and seen(daemon) == 1


def test_mapped_source_on_a_dual_socket_is_recognised(superd):
    daemon = superd("20007 dgram udp46 wait root internal echo\n"
                    "20008 dgram udp46 wait root internal echo\n")
    spoof("127.0.0.1", 20007, "127.0.0.1", 20008)
    wait_for(lambda: seen(daemon) >= 1)
    daemon.ctl("ping")
    assert answered(daemon) == 0
    assert udp(20008, b"abc") == b"abc"


def test_privileged_source_port_is_not_answered(superd):
    daemon = superd(CONF)
    assert udp(7, source=("127.0.0.1", 1023), timeout=0.3) is None
    assert daemon.service("echo/udp")["refused"]["loop"] == 1


@pytest.mark.parametrize("source", ["192.0.2.255", "255.255.255.255",
                                    "224.0.0.1", "0.0.0.5",
                                    "127.255.255.255"])
def test_sources_that_are_no_host_get_no_answer(superd, veth, source):
    daemon = superd(CONF)
    for _ in range(5):
        spoof(source, 40000, "192.0.2.1", 7)
    wait_for(lambda: seen(daemon) == 5)
    assert answered(daemon) == 0
    assert daemon.service("echo/udp")["refused"]["loop"] == 5
    assert daemon.read_log().count("drop") <= 1


def test_request_to_a_broadcast_address_is_answered_by_our_own(superd, veth):
    superd(CONF)
    with veth.peer(), udp_socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.sendto(b"x", ("192.0.2.255", 7))
        assert s.recvfrom(10) == (b"x", ("192.0.2.1", 7))


def test_ordinary_loopback_client_is_answered(superd):
    superd(CONF)
    assert udp(7, b"abc") == b"abc"


def burst(count):
    with udp_socket() as s:
        for _ in range(count):
            s.sendto(b"x", ("127.0.0.1", 7))
        s.settimeout(0.5)
        got = 0
        try:
            while True:
                s.recv(10)
                got += 1
        except TimeoutError:
            return got


def test_answers_to_one_source_are_bounded(superd):
    superd(CONF)
    assert 40 <= burst(200) <= 70


def test_rate_zero_lifts_the_bound_of_answers(superd):
    superd(CONF, args=["-R", "0"])
    assert burst(200) == 200


def test_dropped_datagrams_fill_no_log(superd):
    daemon = superd(CONF)
    with udp_socket(source=("127.0.0.1", 1000)) as s:
        for _ in range(300):
            s.sendto(b"x", ("127.0.0.1", 7))
    wait_for(lambda: daemon.service("echo/udp")["refused"]["loop"] > 200)
    assert daemon.read_log().count("drop") == 1
