"""Network devices that go, and come again under the same name."""

import pathlib
import signal
import socket

import pytest
from conftest import SLOW, probe, read_all, run, tcp, udp, wait_for

OURS = "192.0.2.1"


class Device:
    """One end of a pair, whose other end is the peer's."""

    def __init__(self, net):
        self.net = net

    def remove(self):
        run("ip", "link", "del", "v0")

    def make(self):
        self.net.pair()


@pytest.fixture
def device(veth):
    return Device(veth)


def one(**more):
    lines = {"listen": '"*:20001"', "protocol": "tcp", "internal": "daytime",
             "interface": "v0", **more}
    return "service one {\n" + "".join(
        f"{name} = {value}\n" for name, value in lines.items()) + "}\n"


ANY = 'service other {\nlisten = "*:20002"\ninternal = daytime\n}\n'


def state(daemon):
    return daemon.service("one")["state"]


def errors(daemon):
    return {listener["error"] for listener in
            daemon.service("one")["listeners"]}


def test_served_again_after_its_device_was_made_anew(conf, device):
    daemon = conf(one() + ANY)
    with device.net.peer():
        assert tcp(20001, host=OURS)
    device.remove()
    wait_for(lambda: state(daemon) == "failed", what="failed")
    assert errors(daemon) == {"No such device"}
    device.make()
    wait_for(lambda: state(daemon) == "listening", 3, "listening")
    with device.net.peer():
        assert tcp(20001, host=OURS)
    assert tcp(20002)
    assert len([line for line in daemon.read_log().splitlines()
                if "error one" in line]) <= 2       # a line for each socket


def test_served_again_when_it_is_another_at_once(conf, device):
    """no moment in which superd could see that it is gone"""
    daemon = conf(one() + ANY)
    daemon.signal(signal.SIGSTOP)
    device.remove()
    device.make()
    daemon.signal(signal.SIGCONT)
    daemon.wait_log("rebind one: its network device has changed")
    with device.net.peer():
        assert tcp(20001, host=OURS)
    assert state(daemon) == "listening"


def test_a_device_that_is_renamed_is_another(conf, device):
    daemon = conf(one() + ANY)
    run("ip", "link", "set", "v0", "down")
    run("ip", "link", "set", "v0", "name", "v9")
    wait_for(lambda: state(daemon) == "failed")
    run("ip", "link", "set", "v9", "name", "v0")
    run("ip", "link", "set", "v0", "up")
    wait_for(lambda: state(daemon) == "listening", 3)


def test_what_does_not_concern_a_socket_leaves_it(conf, device):
    daemon = conf(one() + ANY)
    before = daemon.service("one")["listeners"]
    run("ip", "link", "add", "x0", "type", "veth", "peer", "name", "x1")
    run("ip", "link", "set", "v0", "down")
    run("ip", "link", "set", "v0", "up")
    run("ip", "link", "del", "x0")
    device.remove()
    wait_for(lambda: state(daemon) == "failed")
    other = daemon.service("other")
    assert other["state"] == "listening"
    device.make()
    wait_for(lambda: state(daemon) == "listening", 3)
    assert len(daemon.service("one")["listeners"]) == len(before)
    assert daemon.service("other")["listeners"] == other["listeners"]


def test_a_server_that_has_the_socket_keeps_it_to_its_end(conf, device):
    daemon = conf(one(protocol="udp", internal="", wait="yes", user="root",
                      server=probe("serve"), server_args="1500",
                      listen='"0.0.0.0:20001"').replace("internal = \n", "")
                  + ANY)
    with device.net.peer():
        pid = udp(20001, host=OURS)
    assert pid
    device.remove()
    device.make()
    assert state(daemon) == "busy"
    wait_for(lambda: daemon.status()["children"] == 0)
    wait_for(lambda: state(daemon) == "listening", 3)
    with device.net.peer():
        assert udp(20001, host=OURS) not in (None, pid)
    wait_for(lambda: daemon.status()["children"] == 0)


@pytest.mark.parametrize("group", ["239.1.2.3@v0",
                                   "232.1.2.3@v0 from 192.0.2.2"])
def test_groups_are_joined_on_the_new_device(conf, device, group):
    def joined():
        text = pathlib.Path("/proc/net/igmp").read_text().split("v0")[1:]
        return text and "030201E" in text[0]

    daemon = conf(one(protocol="udp", internal="echo",
                      multicast=f'{{"{group}"}}').replace(
                          "interface = v0\n", "") + ANY)
    assert joined()
    device.remove()
    wait_for(lambda: state(daemon) == "failed")
    device.make()
    wait_for(lambda: state(daemon) == "listening", 3)
    assert joined()


def test_an_address_with_a_scope_follows_its_device(superd, device):
    """link-local ones: the kernel binds to the number of the scope"""
    def address():
        run("ip", "addr", "add", "fe80::77/64", "dev", "v0", "nodad")

    def answers():
        with device.net.peer(), socket.socket(socket.AF_INET6) as s:
            s.settimeout(5 * SLOW)
            s.connect(("fe80::77", 20001, 0, socket.if_nametoindex("v1")))
            return read_all(s)

    address()
    daemon = superd("[fe80::77%v0]:20001 stream tcp6 nowait root internal "
                    "daytime\n20002 stream tcp nowait root internal daytime\n")
    one = next(name for name in (service["id"] for service in
                                 daemon.status()["services"])
               if "fe80" in name)
    assert answers()
    device.remove()
    wait_for(lambda: daemon.service(one)["state"] == "failed")
    device.make()
    address()
    wait_for(lambda: daemon.service(one)["state"] == "listening", 12)
    assert answers()
    before = daemon.service(one)["listeners"]
    daemon.reload()
    assert daemon.service(one)["listeners"] == before
