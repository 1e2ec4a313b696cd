"""Sensors: who connects to one is denied by all services for a time."""

import re
import subprocess

import pytest
from conftest import (State, connect, probe, read_all, tcp, udp, wait_for)
from test_xinetd import stanza

PEER, OURS, OURS6 = "192.0.2.2", "192.0.2.1", "2001:db8::1"


def sensor(**attributes):
    values = {"server": None, "user": None, "flags": "SENSOR",
              "deny_time": "60", "log_on_failure": "HOST"}
    values.update(attributes)
    return stanza("trap", 20009, **values)


ONE = stanza(log_on_failure="HOST")


def test_who_connects_is_denied_by_all_services(xinetd, veth):
    daemon = xinetd(sensor() + ONE + stanza("two", 20002))
    with veth.peer():
        assert State(tcp(20001, host=OURS))
        assert tcp(20009, host=OURS) == b""
        assert tcp(20001, host=OURS) == b"" == tcp(20002, host=OURS)
        assert tcp(20009, host=OURS) == b""
    assert State(tcp(20001))
    assert daemon.service("one")["refused"]["sensor"] == 1
    assert daemon.service("trap")["refused"]["sensor"] == 2
    assert daemon.status()["denied"] == 1
    assert "denied: 1\n" in daemon.ctl("status")[1]
    assert "sensor" in daemon.ctl("show", "trap")[1]
    daemon.wait_log(f"deny trap peer={PEER} time=60m$")
    daemon.wait_log(f"FAIL: trap address from={PEER}$")
    daemon.wait_log(f"FAIL: one address from={PEER}$")
    assert daemon.log.count("deny trap") == 1


def test_loopback_is_never_denied(xinetd):
    daemon = xinetd(sensor() + ONE)
    assert tcp(20009) == b"" == tcp(20009, host="::1")
    daemon.wait_log("FAIL: trap address from=::1$")
    assert State(tcp(20001)) and State(tcp(20001, host="::1"))
    assert daemon.status()["denied"] == 0 and "deny" not in daemon.log


@pytest.mark.parametrize("time", ["NEVER", None])
def test_never_only_logs(xinetd, veth, time):
    daemon = xinetd(sensor(deny_time=time) + ONE)
    with veth.peer():
        assert tcp(20009, host=OURS) == b""
        assert State(tcp(20001, host=OURS))
    daemon.wait_log(f"FAIL: trap address from={PEER}$")
    assert daemon.status()["denied"] == 0


def test_a_connection_without_a_word_is_enough(xinetd, veth):
    """and what was connected before goes on"""
    xinetd(sensor(deny_time="FOREVER") + stanza(server="/bin/cat"))
    with veth.peer(), connect(20001, OURS) as s:
        s.sendall(b"123")
        assert s.recv(3) == b"123"
        connect(20009, OURS).close()
        wait_for(lambda: tcp(20001, b"x", host=OURS) == b"")
        s.sendall(b"abc")
        assert s.recv(3) == b"abc"


@pytest.mark.parametrize("way", ["hup", "reload"])
def test_reload_keeps_the_denied(xinetd, veth, way):
    daemon = xinetd(sensor(deny_time="FOREVER") + ONE)
    with veth.peer():
        tcp(20009, host=OURS)
        assert tcp(20001, host=OURS) == b""
        getattr(daemon, way)(ONE + stanza("two", 20002))
        assert tcp(20001, host=OURS) == b"" == tcp(20002, host=OURS)
    daemon.wait_log(f"deny trap peer={PEER} time=forever$")
    assert daemon.status()["denied"] == 1


def test_start_forgets_the_denied(xinetd, superd, veth):
    daemon = xinetd(sensor(deny_time="FOREVER") + ONE)
    with veth.peer():
        tcp(20009, host=OURS)
    daemon.stop()
    xinetd(sensor() + ONE)
    with veth.peer():
        assert State(tcp(20001, host=OURS))


def test_ipv6_hosts_are_denied_with_their_network(xinetd, veth):
    daemon = xinetd(sensor() + ONE)
    with veth.peer():
        subprocess.run(["ip", "addr", "add", "2001:db8::3/64", "dev", "v1",
                        "nodad"], check=True)
        assert State(tcp(20001, host=OURS6, source=("2001:db8::3", 0)))
        tcp(20009, host=OURS6, source=("2001:db8::2", 0))
        assert tcp(20001, host=OURS6, source=("2001:db8::3", 0)) == b""
        assert State(tcp(20001, host=OURS))
    daemon.wait_log("deny trap peer=2001:db8::/64 time=60m$")


def test_senders_of_datagrams_are_not_denied(xinetd, veth):
    """anybody could name somebody else"""
    daemon = xinetd(sensor(socket_type="dgram", protocol="udp", wait="yes") +
                    ONE)
    with veth.peer():
        assert udp(20009, host=OURS, timeout=0.3) is None
        daemon.wait_log(f"FAIL: trap address from={PEER}$")
        assert State(tcp(20001, host=OURS))
    assert daemon.status()["denied"] == 0
    assert "senders of datagrams are not denied" in daemon.log


def test_denied_clients_get_no_datagrams_answered(superd, veth):
    superd('service trap { port = 20009 flags = SENSOR deny_time = 1h }\n'
           'service a { port = 20001 protocol = udp internal = echo }\n'
           'service b { port = 20002 protocol = udp wait = yes user = nobody'
           f' server = {probe("once")} }}\n'
           "service c { port = 20003 internal = daytime }\n",
           file="superd.conf")
    with veth.peer():
        assert udp(20001, host=OURS) == b"x" and udp(20002, host=OURS)
        tcp(20009, host=OURS)
        assert udp(20001, host=OURS, timeout=0.3) is None
        assert udp(20002, host=OURS, timeout=0.3) is None
        assert tcp(20003, host=OURS) == b""
    assert udp(20001) == b"x" and udp(20002) and tcp(20003)


def test_rules_of_the_sensor_do_not_hold(xinetd, veth):
    """whoever connects sets it off, as in xinetd"""
    xinetd(sensor(only_from="127.0.0.1", instances="1") + ONE)
    with veth.peer():
        tcp(20009, host=OURS)
        assert tcp(20001, host=OURS) == b""


def test_a_server_in_the_entry_is_not_started(xinetd):
    daemon = xinetd(sensor(server=probe("probe"), user="nobody"))
    assert tcp(20009) == b""
    assert "server has no effect with flag SENSOR" in \
        daemon.read_log()
    assert daemon.service("trap")["started"] == 0


def test_banners_of_a_sensor_are_sent(xinetd, tmp_path):
    (tmp_path / "hello").write_text("login: ")
    xinetd(sensor(banner=tmp_path / "hello"))
    assert tcp(20009) == b"login: "


def test_many_addresses_are_denied_and_few_lines_logged(superd, veth):
    daemon = superd("service trap { port = 20009 flags = SENSOR "
                    "deny_time = 1h }\n", file="superd.conf")
    subprocess.run(["ip", "route", "add", "198.51.100.0/24", "via", PEER],
                   check=True)
    with veth.peer():
        subprocess.run(["ip", "route", "add", "local", "198.51.100.0/24",
                        "dev", "lo"], check=True)
        for n in range(1, 201):
            with connect(20009, OURS, source=(f"198.51.100.{n}", 0)) as s:
                assert read_all(s) == b""
    assert daemon.status()["denied"] == 200
    assert daemon.status()["denied_left_out"] == 0
    assert len(re.findall("^.*deny trap", daemon.read_log(), re.M)) < 60
