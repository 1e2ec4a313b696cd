"""Groups: joined by sockets that are bound to them, or asked to."""

import contextlib
import pathlib
import socket
import struct

import pytest
from conftest import SLOW, run, probe, wait_for

GROUP, OTHER = "239.1.2.3", "239.1.2.4"
GROUP6, OTHER6 = "ff05::1:3", "ff05::1:4"


def joined(group):
    """Is a socket of this network namespace in the group?"""
    if ":" in group:
        text = pathlib.Path("/proc/net/igmp6").read_text()
        return socket.inet_pton(socket.AF_INET6, group).hex() in text
    number = struct.unpack("=I", socket.inet_aton(group))[0]
    return f"{number:08X}" in pathlib.Path("/proc/net/igmp").read_text()


@pytest.fixture
def peers(veth):
    """Two addresses at the peer, and a route to groups at both ends."""
    def routes(device):
        for group in "224.0.0.0/4", "ff00::/8":
            run("ip", "route", "replace", group, "dev", device, *(
                ["table", "local"] if ":" in group else []))

    routes("v0")
    with veth.peer():
        routes("v1")
        run("ip", "addr", "add", "192.0.2.3/24", "dev", "v1")
        run("ip", "addr", "add", "2001:db8::3/64", "dev", "v1", "nodad")
    return veth


def ask(group, port=20001, source=None, timeout=5.0):
    """One datagram to the group; the answer, or None."""
    v6 = ":" in group
    source = source or ("2001:db8::2" if v6 else "192.0.2.2")
    with socket.socket(socket.AF_INET6 if v6 else socket.AF_INET,
                       socket.SOCK_DGRAM) as s:
        s.settimeout(timeout * SLOW)
        s.bind((source, 0))
        if v6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
                         socket.if_nametoindex("v1"))
        else:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                         socket.inet_aton(source))
        s.sendto(b"hello", (group, port))
        with contextlib.suppress(TimeoutError):
            return s.recv(100)


def heard(peers, *args, **options):
    with peers.peer():
        return ask(*args, **options) is not None


@pytest.mark.parametrize("group", [GROUP, GROUP6, "239.1.2.230"])
@pytest.mark.parametrize("file", ["inetd.conf", "xinetd.conf", "superd.conf"])
def test_who_is_bound_to_a_group_is_in_it(superd, peers, file, group):
    six = ":" in group
    host = f"[{group}]" if six else group
    daemon = superd({
        "inetd.conf": f"{host}:20001 dgram udp wait root internal echo\n",
        "xinetd.conf": "service one\n{\nid = one\ntype = UNLISTED\n"
        f"port = 20001\nsocket_type = dgram\nbind = {group}\nwait = yes\n"
        f"user = root\nserver = {probe('serve')}\nserver_args = 100\n"
        f"{'flags = IPv6' if six else ''}\n}}\n",
        "superd.conf": f"service one {{ bind = \"{group}\" port = 20001\n"
        f"protocol = udp user = root server = {probe('serve')}\n"
        "server_args = 100 }\n",
    }[file], file=file)
    assert joined(group)
    assert heard(peers, group)
    wait_for(lambda: daemon.status()["children"] == 0)


def one(multicast, **more):
    lines = {"listen": '"*:20001"', "protocol": "udp", "internal": "echo",
             "multicast": "{" + ", ".join(f'"{m}"' for m in multicast) + "}",
             **more}
    return "service one {\n" + "".join(
        f"{name} = {value}\n" for name, value in lines.items()) + "}\n"


def test_groups_of_a_service_for_all_addresses(conf, peers):
    conf(one([GROUP, f"{GROUP6}@v0"]))
    assert heard(peers, GROUP) and heard(peers, GROUP6)
    assert not heard(peers, OTHER, timeout=0.3)


def test_a_dual_socket_hears_groups_of_both_families(conf, peers):
    conf(one([f"{GROUP}@v0", f"{GROUP6}@v0"], family="dual"))
    assert heard(peers, GROUP) and heard(peers, GROUP6)


def test_groups_that_others_are_in_are_not_heard(conf, peers):
    """the kernel gives a socket for all addresses what any asked for"""
    conf(one([f"{GROUP}@v0", f"{GROUP6}@v0"]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s, \
            socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s6:
        device = socket.if_nametoindex("v0")
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                     struct.pack("4s4si", socket.inet_aton(OTHER), bytes(4),
                                 device))
        s6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                      socket.inet_pton(socket.AF_INET6, OTHER6) +
                      struct.pack("i", device))
        assert joined(OTHER) and joined(OTHER6)
        assert not heard(peers, OTHER, timeout=0.3)
        assert not heard(peers, OTHER6, timeout=0.3)
        assert heard(peers, GROUP)


@pytest.mark.parametrize("group,good,bad", [
    ("232.1.2.3", "192.0.2.2", "192.0.2.3"),
    ("ff35::1:3", "2001:db8::2", "2001:db8::3")])
def test_only_the_source_that_is_named_is_heard(conf, peers, group, good,
                                                bad):
    conf(one([f"{group}@v0 from {good}"]))
    assert heard(peers, group, source=good)
    assert not heard(peers, group, source=bad, timeout=0.3)


def test_a_reload_changes_the_groups(conf, peers):
    daemon = conf(one([GROUP]))
    assert joined(GROUP) and not joined(OTHER)
    code, text = daemon.reload(one([OTHER]))
    assert code == 0, text
    assert joined(OTHER) and not joined(GROUP)
    assert heard(peers, OTHER)
    before = daemon.service("one")["listeners"]
    daemon.reload(one([OTHER], source_rate="100/1s"))
    assert daemon.service("one")["listeners"][0]["fd"] == before[0]["fd"]


def test_a_device_that_is_not_there_is_waited_for(conf, net):
    daemon = conf(one([f"{GROUP}@later"]) + 'service other {\n'
                  'listen = "*:20002"\nprotocol = udp\ninternal = echo\n}\n')
    service = daemon.service("one")
    assert service["state"] == "failed"
    assert "No such device" in [one["error"] for one in service["listeners"]]
    run("ip", "link", "add", "later", "type", "veth", "peer", "name", "end")
    run("ip", "link", "set", "later", "up")
    wait_for(lambda: daemon.service("one")["state"] == "listening", 12)
    assert joined(GROUP)


