"""The PROXY protocol: clients come through proxies that say who they are."""

import contextlib
import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest
from conftest import (SLOW, SUPERD, State, connect, many_files, probe,
                      process_status, read_all, tcp, wait_for)
from test_internal_process import exchange, redirect, service
from test_tcpmux import forge, unfit

CLIENT, SERVER = "192.0.2.7", "203.0.113.9"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
BOTH = {"proxy_protocol": "{v1, v2}", "proxy_from": '{"127.0.0.1", "::1"}'}


def v1(client=CLIENT, port=4711, server=SERVER):
    family = 6 if ":" in client else 4
    return f"PROXY TCP{family} {client} {server} {port} 443\r\n".encode()


def v2(client=CLIENT, port=4711, server=SERVER, more=b""):
    family = socket.AF_INET6 if ":" in client else socket.AF_INET
    body = socket.inet_pton(family, client) + \
        socket.inet_pton(family, server) + struct.pack(">HH", port, 443) + more
    return raw_v2(0x21, 0x21 if ":" in client else 0x11, body)


def raw_v2(command, family, body=b""):
    return SIGNATURE + struct.pack(">BBH", command, family, len(body)) + body


LOCAL = raw_v2(0x20, 0)
UNKNOWN = b"PROXY UNKNOWN\r\n"


def proxied(name="one", port=20001, **options):
    """A service behind proxies of this host."""
    values = dict(BOTH)
    if "internal" not in options and "redirect" not in options:
        values["server"] = f'"{probe("probe")}"'
    values.update(options)
    return service(name, port, **values)


def cat(**options):
    return proxied(server='"/bin/cat"', **options)


def echo(**options):
    return proxied(internal="echo", **options)


def refused(daemon, reason, name="one"):
    return daemon.service(name)["refused"][reason]


def wait_refused(daemon, reason, count, name="one"):
    wait_for(lambda: refused(daemon, reason, name) == count, 5 * SLOW,
             f"{count} refused by {reason}")


# What a header does.

@pytest.mark.parametrize("header", [
    v1(), v2(), v2(more=b"\x01\0\2h2\x04\0\0")], ids=["v1", "v2", "more"])
def test_variables_are_of_the_client(conf, header):
    conf(proxied(env_peer="yes", env_remote_host="yes"))
    env = State(tcp(20001, header)).env
    assert env["REMOTE_HOST"] == env["REMOTE_ADDR"] == CLIENT
    assert env["TCPREMOTEIP"] == CLIENT and env["TCPREMOTEPORT"] == "4711"
    assert env["REMOTE_PORT"] == "4711" and env["PROTO"] == "TCP"
    assert env["TCPLOCALIP"] == SERVER and env["TCPLOCALPORT"] == "443"


@pytest.mark.parametrize("make", [v1, v2])
def test_client_of_ipv6_behind_a_proxy_of_ipv4(conf, make):
    conf(proxied(env_peer="yes", only_from='{"2001:db8:1::/48"}'))
    header = make("2001:db8:1::7", server="2001:db8::9")
    env = State(tcp(20001, header)).env
    assert env["REMOTE_ADDR"] == "2001:db8:1::7"
    assert env["TCPLOCALIP"] == "2001:db8::9"
    assert tcp(20001, make("2001:db8:2::7", server="::1")) == b""


@pytest.mark.parametrize("header", [LOCAL, UNKNOWN, raw_v2(0x21, 0),
                                    b"PROXY UNKNOWN ::1 ::1 1 2\r\n",
                                    raw_v2(0x21, 0x31, bytes(216))])
def test_who_says_nothing_is_the_socket_s_own_address(conf, header):
    conf(proxied(env_peer="yes"))
    with connect(20001) as s:
        s.sendall(header)
        port = s.getsockname()[1]
        env = State(read_all(s)).env
    assert env["REMOTE_ADDR"] == "127.0.0.1"
    assert env["REMOTE_PORT"] == str(port)
    assert env["TCPLOCALPORT"] == "20001"


@pytest.mark.parametrize("make", [cat, echo])
@pytest.mark.parametrize("header", [v1(), v2(more=b"\x05\0\3abc")],
                         ids=["v1", "v2"])
def test_headers_split_at_every_byte(conf, make, header):
    """and not a byte of what comes behind is lost"""
    daemon = conf(make())
    said = b"PROXY hello\r\n\0\xff"
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(connect(20001))
                       for _ in range(len(header) + 1)]
        for at, s in enumerate(connections):
            s.sendall(header[:at])
        for at, s in enumerate(connections):
            s.sendall(header[at:] + said)
            s.shutdown(socket.SHUT_WR)
        for s in connections:
            assert read_all(s) == said
    assert not sum(daemon.service("one")["refused"].values())


def test_header_may_come_byte_by_byte(conf):
    conf(echo())
    for header in (v1(), v2()):
        with connect(20001) as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(len(header)):
                s.sendall(header[at:at + 1])
            exchange(s, b"abc")


@pytest.mark.parametrize("header", [
    b"GET / HTTP/1.0\r\n\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
    b"PROXY TCP4 1.2.3.4 1.2.3.4 1 99999\r\n", b"PROXY UNKNOWN" + b"x" * 100,
    raw_v2(0x21, 0x11, bytes(11)), raw_v2(0x21, 0x21, bytes(35)),
    raw_v2(0x21, 0x12, bytes(12)), raw_v2(0x21, 0x41, bytes(36)),
    raw_v2(0x22, 0x11, bytes(12)), raw_v2(0x11, 0x11, bytes(12)),
    v2(more=b"\x04\0\xffabc"), v2(more=b"\x03\0\4abcd"),
    SIGNATURE + b"\x20\0\xff\xff", SIGNATURE[:5] + b"x"])
def test_what_is_no_header_is_refused(conf, header):
    daemon = conf(proxied())
    assert tcp(20001, header + b"abc") == b""
    wait_refused(daemon, "proxy_header", 1)
    assert daemon.service("one")["accepted"] == 1
    assert daemon.service("one")["started"] == 0
    daemon.wait_log(r"refuse one peer=127.0.0.1:\d+ reason=proxy_header$")
    assert State(tcp(20001, v1()))


def test_only_the_versions_that_are_given(conf):
    daemon = conf(proxied(proxy_protocol="{v1}") +
                  proxied("two", 20002, proxy_protocol="{v2}"))
    assert State(tcp(20001, v1())) and State(tcp(20002, v2()))
    assert tcp(20001, v2()) == b"" == tcp(20002, v1())
    wait_refused(daemon, "proxy_header", 1)
    wait_refused(daemon, "proxy_header", 1, "two")


def test_others_than_proxies_are_refused(conf, veth):
    """whatever they say"""
    daemon = conf(proxied(proxy_from='{"127.0.0.1", "::1", "192.0.2.9"}'))
    with veth.peer():
        assert tcp(20001, v1("127.0.0.1"), host="192.0.2.1") == b""
        assert tcp(20001, host="192.0.2.1") == b""
    assert State(tcp(20001, v1())) and State(tcp(20001, v1(), host="::1"))
    wait_refused(daemon, "proxy_from", 2)
    daemon.wait_log(r"refuse one peer=192.0.2.2:\d+ reason=proxy_from$")


def test_client_that_says_nothing_is_refused_in_time(conf):
    daemon = conf(proxied(proxy_timeout="1s"))
    with connect(20001) as silent, connect(20001) as slow:
        slow.sendall(v1()[:-1])
        began = time.monotonic()
        assert State(tcp(20001, v1()))
        assert read_all(silent) == b"" == read_all(slow)
        assert time.monotonic() - began >= 0.9
    wait_refused(daemon, "proxy_timeout", 2)


def test_those_that_only_look_are_no_line(conf):
    """as checks of a port do"""
    daemon = conf(proxied())
    for _ in range(3):
        connect(20001).close()
    wait_refused(daemon, "proxy_header", 3)
    assert "reason=" not in daemon.read_log()


# Rules.

def test_access_is_the_client_s(conf):
    daemon = conf(proxied(only_from='{"192.0.2.0/24"}',
                          no_access='{"192.0.2.66"}') +
                  echo(name="two", port=20002, only_from='{"192.0.2.0/24"}'))
    assert State(tcp(20001, v1())) and tcp(20002, v1() + b"x") == b"x"
    for port in (20001, 20002):
        assert tcp(port, v1("198.51.100.1") + b"x") == b""
    assert tcp(20001, v2("192.0.2.66")) == b""
    # a proxy that says nothing might speak for anybody
    assert tcp(20001, UNKNOWN) == b""
    wait_refused(daemon, "access", 3)
    wait_refused(daemon, "access", 1, "two")
    daemon.wait_log(r"refuse one peer=198.51.100.1:4711 reason=access$")


@pytest.mark.parametrize("make", [cat, echo])
def test_limits_count_clients_and_not_proxies(conf, make):
    daemon = conf(make(per_source=2))
    with contextlib.ExitStack() as stack:
        def client(header):
            s = stack.enter_context(connect(20001))
            s.sendall(header)
            return s
        for header in (v1(), v2(), v1("192.0.2.8"), *[LOCAL, UNKNOWN] * 3):
            exchange(client(header))
        assert read_all(client(v1())) == b""
        wait_refused(daemon, "per_source", 1)
        daemon.wait_log(rf"refuse one peer={CLIENT}:4711 reason=per_source$")
    wait_for(lambda: daemon.service("one")["children"] == [])
    assert tcp(20001, v1() + b"x") == b"x"


@pytest.mark.parametrize("make", [cat, echo])
def test_rates_count_clients_and_not_proxies(conf, make):
    daemon = conf(make(source_rate="2/1h"))
    for header in (v1(), v1(), v2("192.0.2.8"), LOCAL, LOCAL, LOCAL):
        assert tcp(20001, header + b"x") == b"x"
    assert tcp(20001, v2() + b"x") == b""
    wait_refused(daemon, "source_rate", 1)


@pytest.mark.parametrize("make", [cat, echo])
def test_those_above_instances_wait(conf, make):
    conf(make(instances=1))
    with connect(20001) as first, connect(20001) as second:
        first.sendall(v1())
        exchange(first)
        second.sendall(v1("192.0.2.8") + b"y")
        second.settimeout(0.2)
        with pytest.raises(TimeoutError):
            second.recv(1)
        first.close()
        second.settimeout(5 * SLOW)
        assert second.recv(1) == b"y"


@pytest.mark.parametrize("make", [cat, echo])
def test_those_who_were_accepted_together_wait(conf, make):
    """all of them, before the header of any has come"""
    daemon = conf(make(instances=2))
    most = 0
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(20001)) for _ in range(8)]
        for s in clients:
            s.sendall(v1()[:9])
        for n, s in enumerate(clients):
            s.sendall(v1(f"192.0.2.{n}")[9:] + b"z")
        for _ in clients:
            wait_for(lambda: any(answers(s) for s in clients), 5 * SLOW)
            ready = [s for s in clients if answers(s)]
            most = max(most, len(daemon.service("one")["children"]))
            assert len(ready) <= 2
            clients.remove(ready[0])
            assert ready[0].recv(1) == b"z"
            ready[0].close()
    assert most == 2


def answers(s):
    return bool(select.select([s], [], [], 0)[0])


@pytest.mark.parametrize("make", [cat, echo])
def test_rate_of_the_service_lets_them_wait(conf, make):
    daemon = conf(make(rate="2/2s"))
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(20001)) for _ in range(5)]
        for s in clients:
            s.sendall(v1()[:9])
        for s in clients:
            s.sendall(v1()[9:] + b"z")
            s.shutdown(socket.SHUT_WR)
        for s in clients:
            assert read_all(s) == b"z"
    assert time.monotonic() - began > 2
    assert not sum(daemon.service("one")["refused"].values())


def test_deny_list_is_for_clients(conf):
    daemon = conf(proxied() + echo(name="two", port=20002))
    assert daemon.ctl("deny", CLIENT)[0] == 0
    assert tcp(20001, v1()) == b""
    wait_for(lambda: tcp(20002, v1() + b"x") == b"")
    assert State(tcp(20001, v1("192.0.2.8")))
    assert tcp(20002, LOCAL + b"x") == b"x"
    wait_refused(daemon, "sensor", 1)


def test_sensor_denies_the_client(conf):
    daemon = conf(proxied("trap", 20009, flags="{SENSOR}", deny_time="1h",
                          server=None, user=None) + proxied())
    assert tcp(20009, v2()) == b""
    daemon.wait_log(rf"deny trap peer={CLIENT} time=60m$")
    assert tcp(20001, v1()) == b""
    assert State(tcp(20001, v1("192.0.2.8")))


def test_libwrap_is_asked_about_the_client(conf, hosts):
    hosts("", f"ALL: {CLIENT}\n")
    daemon = conf(proxied(libwrap="yes") +
                  echo(name="two", port=20002, libwrap="yes"))
    if "cannot be consulted" in daemon.read_log():
        pytest.skip("built without libwrap")
    assert tcp(20001, v1()) == b"" == tcp(20002, v2() + b"x")
    assert State(tcp(20001, v1("192.0.2.8")))
    assert tcp(20002, v2("192.0.2.8") + b"x") == b"x"
    wait_refused(daemon, "libwrap", 1)
    wait_refused(daemon, "libwrap", 1, "two")


# Kinds of services.

def test_internal_service_that_only_answers(conf):
    daemon = conf(proxied(internal="daytime", only_from='{"192.0.2.7"}'))
    assert re.match(rb"\w{3} \w{3} ", tcp(20001, v1()))
    assert tcp(20001, v1("192.0.2.8")) == b""
    wait_refused(daemon, "access", 1)


def test_banners_follow_the_header(conf, tmp_path):
    for name in ("always", "success", "fail"):
        (tmp_path / name).write_text(f"{name}\n")
    conf(cat(banner=f'"{tmp_path}/always"',
             banner_success=f'"{tmp_path}/success"',
             banner_fail=f'"{tmp_path}/fail"', no_access='{"192.0.2.66"}'))
    with connect(20001) as s:
        s.settimeout(0.2)
        with pytest.raises(TimeoutError):
            s.recv(1)
    assert tcp(20001, v1() + b"x") == b"always\nsuccess\nx"
    assert tcp(20001, v1("192.0.2.66")) == b"always\nfail\n"


def test_tcpmux_behind_a_proxy(conf):
    mux = proxied("mux", 20001, internal="tcpmux")
    behind = service("hello", None, type="TCPMUX", server=f'"{probe("probe")}"',
                     env_peer="yes", only_from='{"192.0.2.0/24"}')
    daemon = conf(mux + behind)
    env = State(tcp(20001, v1() + b"hello\r\n")).env
    assert env["REMOTE_ADDR"] == CLIENT and env["TCPLOCALIP"] == SERVER
    assert tcp(20001, v2("198.51.100.1") + b"hello\r\n").startswith(b"-")
    wait_refused(daemon, "access", 1, "hello")


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("client", [CLIENT, "2001:db8::7", None])
def test_redirect_tells_its_target(conf, version, client):
    """of the client, which came through another proxy"""
    conf(redirect(redirect_proxy=f"v{version}", **BOTH))
    server = "2001:db8::9" if client and ":" in client else SERVER
    with socket.create_server(("127.0.0.1", 20002)) as listener:
        listener.settimeout(5 * SLOW)
        with connect(20001) as s:
            s.sendall(v1(client, server=server) if client else UNKNOWN)
            s.sendall(b"hello")
            target, _ = listener.accept()
            with target:
                target.settimeout(5 * SLOW)
                if client:
                    wanted = (v1 if version == 1 else v2)(client,
                                                          server=server)
                else:
                    wanted = UNKNOWN if version == 1 else LOCAL
                wanted += b"hello"
                got = b""
                while len(got) < len(wanted):
                    got += target.recv(4096)
                assert got == wanted
                target.sendall(b"answer")
                assert s.recv(100) == b"answer"


def test_redirect_tells_of_clients_of_its_own(conf):
    daemon = conf(redirect(redirect_proxy="v2", log_on_success="{TRAFFIC}"))
    with socket.create_server(("127.0.0.1", 20002)) as listener:
        listener.settimeout(5 * SLOW)
        with connect(20001) as s:
            target, _ = listener.accept()
            with target:
                target.settimeout(5 * SLOW)
                wanted = v2("127.0.0.1", s.getsockname()[1], "127.0.0.1")
                wanted = wanted[:-2] + struct.pack(">H", 20001)
                got = b""
                # before the client says anything
                while len(got) < len(wanted):
                    got += target.recv(4096)
                assert got == wanted
                s.sendall(b"abc")
                assert target.recv(100) == b"abc"
    # the header is nobody's traffic
    daemon.wait_log(r"in=3\(bytes\) out=0\(bytes\)|in=3 out=0")


def test_chain_of_two(conf):
    """the second believes the first"""
    conf(redirect(redirect_proxy="v2", **BOTH) +
         cat(name="two", port=20002, only_from=f'{{"{CLIENT}"}}'))
    assert tcp(20001, v1() + b"hello") == b"hello"
    assert tcp(20001, v1("192.0.2.8") + b"hello") == b""
    assert tcp(20001, LOCAL + b"hello") == b""


# What is told.

def test_records_and_sessions_have_the_client(conf):
    daemon = conf(cat(), args=["-l", "--log-format", "json"])
    with connect(20001) as s:
        s.sendall(v2())
        exchange(s)
        session, = json.loads(daemon.ctl("--json", "sessions")[1])
        assert CLIENT in json.dumps(session)
    daemon.wait_log('"event":"exit"')
    last = json.loads(re.search('{.*"event":"exit".*', daemon.log)[0])
    assert last["peer"] == f"{CLIENT}:4711"
    assert last["local"] == f"{SERVER}:443"


def test_why_says_that_a_proxy_speaks(conf):
    daemon = conf(proxied(only_from='{"192.0.2.0/24"}'))
    code, text = daemon.ctl("why", "one", CLIENT)
    assert code == 0 and re.search(
        r"proxy_protocol +\+ if told by a proxy of proxy_from 127.0.0.1 ::1\n",
        text)
    assert daemon.ctl("why", "one", "127.0.0.1")[0] == 3


# Crowds, and ends.

def test_a_thousand_slow_ones_hold_nobody_up(conf):
    """those who wait are bounded, and honest proxies are served"""
    with many_files(4096):
        daemon = conf(cat(proxy_timeout="60s") +
                      service("two", 20002, internal="echo"))
        with contextlib.ExitStack() as stack:
            slow = []
            for n in range(1000):
                s = stack.enter_context(connect(20001))
                s.sendall(v1()[:n % 40])
                slow.append(s)
                if n % 100 == 99:
                    with connect(20002) as other:
                        exchange(other)
                    assert tcp(20001, v2() + b"x") == b"x"
            # the oldest have made room for the others
            assert read_all(slow[0]) == b""
            wait_for(lambda: refused(daemon, "proxy_timeout") >= 1000 - 512,
                     10 * SLOW, "those that made room")
            slow[-1].sendall(v1()[999 % 40:] + b"y")
            slow[-1].shutdown(socket.SHUT_WR)
            assert read_all(slow[-1]) == b"y"


def test_reload_while_the_header_is_on_its_way(conf):
    daemon = conf(cat())
    with connect(20001) as early, connect(20001) as unwanted:
        early.sendall(v1()[:10])
        unwanted.sendall(v1("192.0.2.8")[:10])
        # those that have come are the old process's
        assert tcp(20001, v1() + b"x") == b"x"
        assert daemon.reload(cat(no_access='{"192.0.2.8"}'))[0] == 0
        assert tcp(20001, v1() + b"x") == b"x"
        early.sendall(v1()[10:] + b"abc")
        early.shutdown(socket.SHUT_WR)
        assert read_all(early) == b"abc"
        unwanted.sendall(v1("192.0.2.8")[10:])
        assert read_all(unwanted) == b""
    wait_refused(daemon, "access", 1)


def test_service_whose_clients_come_directly_from_now_on(conf):
    """nobody's header is read any more, nor believed"""
    daemon = conf(cat())
    with connect(20001) as early:
        early.sendall(v1()[:10])
        assert tcp(20001, v1() + b"x") == b"x"
        assert daemon.reload(service("one", 20001,
                                     server='"/bin/cat"'))[0] == 0
        assert tcp(20001, v1()) == v1()
        early.sendall(v1()[10:])
        assert read_all(early) == b""
        assert daemon.reload(cat())[0] == 0
        wait_for(lambda: tcp(20001, v1() + b"x") == b"x", what="headers again")


def test_death_of_the_internal_process_loses_headers_only(conf):
    daemon = conf(cat())
    with connect(20001) as served, connect(20001) as waits:
        served.sendall(v1())
        exchange(served)
        waits.sendall(v1()[:10])
        assert tcp(20001, v1() + b"x") == b"x"
        os.kill(internal_pid(daemon), signal.SIGKILL)
        assert read_all(waits) == b""
        exchange(served)
        wait_for(lambda: tcp(20001, v1() + b"x") == b"x", 5 * SLOW)


def internal_pid(daemon):
    return wait_for(lambda: daemon.status()["workers"],
                    what="the internal process")[0]["pid"]


def test_many_at_once(conf):
    """some hundred programs: the channel to the daemon is full at times"""
    conf(cat() + echo(name="two", port=20002))
    failed = []

    def client(n):
        for _ in range(10):
            port, header = 20001 + n % 2, (v1, v2)[n // 2 % 2](f"10.0.{n}.1")
            if tcp(port, header + b"x") != b"x":
                failed.append(n)

    threads = [threading.Thread(target=client, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


# What cannot be.

@pytest.mark.parametrize("options,text", [
    ({"proxy_from": None}, "proxy_protocol needs proxy_from"),
    ({"wait": "yes"}, "proxy_protocol does not go with wait = yes"),
    ({"proxy_from": '{"proxy.example"}'},
     "proxy_from: expected addresses and networks, not names"),
    ({"proxy_from": '{"10.0.0.0/99"}'}, "10.0.0.0/99"),
    ({"proxy_protocol": "{v3}"}, "proxy_protocol: unknown word v3"),
    ({"proxy_protocol": None}, "proxy_from needs proxy_protocol"),
    ({"proxy_timeout": "0s"}, "proxy_timeout 0s: expected a time"),
    ({"redirect_proxy": "v1"}, "redirect_proxy needs redirect"),
    ({"socket_type": "dgram", "protocol": "udp", "internal": "echo",
      "server": None}, "proxy_protocol does not go with this protocol"),
    ({"type": "TCPMUX", "port": None},
     "proxy_protocol does not go with a service behind tcpmux")])
def test_entry_that_cannot_be_served(tmp_path, options, text):
    file = tmp_path / "superd.conf"
    file.write_text(proxied(**options) + echo(name="two", port=20002))
    done = subprocess.run([SUPERD, "-t", "-f", file], capture_output=True,
                          text=True)
    assert re.search(rf"superd.conf:\d+:\d+: error: {re.escape(text)}",
                     done.stderr), done.stderr
    assert done.returncode == 1 and done.stderr.count("error:") == 1


def test_user_of_a_client_is_nobody_to_ask(tmp_path):
    """its host is not at the other end"""
    file = tmp_path / "superd.conf"
    file.write_text(proxied(flags="{IDONLY}"))
    done = subprocess.run([SUPERD, "-t", "-f", file], capture_output=True,
                          text=True)
    assert "IDONLY" in done.stderr and done.returncode == 1


def test_the_daemon_does_not_read_headers(conf):
    """but a process without rights"""
    daemon = conf(cat(proxy_timeout="60s"))
    with connect(20001) as s:
        s.sendall(v1()[:10])
        inode = None
        wait_for(lambda: s.fileno() >= 0 and taken(s), what="the bytes")
        inode = server_inode(s)
        assert inode not in descriptors(daemon.pid)
        pid = internal_pid(daemon)
        assert inode in descriptors(pid)
        assert set(process_status(pid)["CapEff"]) <= {"0"}


def taken(s):
    """All that was sent has been read."""
    with open("/proc/net/tcp") as table:
        for line in table:
            fields = line.split()
            if fields[1].endswith(f":{20001:04X}") and \
                    fields[2].endswith(f":{s.getsockname()[1]:04X}"):
                return fields[4].endswith(":00000000")
    return False


def server_inode(s):
    with open("/proc/net/tcp") as table:
        for line in table:
            fields = line.split()
            if fields[1].endswith(f":{20001:04X}") and \
                    fields[2].endswith(f":{s.getsockname()[1]:04X}"):
                return fields[9]
    return None


def descriptors(pid):
    found = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            target = os.readlink(f"/proc/{pid}/fd/{fd}")
            found |= set(re.findall(r"socket:\[(\d+)\]", target))
    return found


# What an internal process may say that is not honest.

TOLD = struct.Struct("=IIHH16sHH16s")
BACK = socket.inet_aton(CLIENT)


@contextlib.contextmanager
def waiting(daemon):
    """A connection whose header is on its way, and the process that has it,
    which stands still."""
    pid = internal_pid(daemon)
    before = descriptors(pid)
    with connect(20001) as s:
        s.sendall(v1()[:10])
        wait_for(lambda: taken(s), what="the bytes")
        inode, = descriptors(pid) - before
        fd, = [int(fd) for fd in os.listdir(f"/proc/{pid}/fd")
               if inode in os.readlink(f"/proc/{pid}/fd/{fd}")]
        os.kill(pid, signal.SIGSTOP)
        wait_for(lambda: process_status(pid)["State"].startswith("T"))
        yield s, pid, fd
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@pytest.mark.root
@pytest.mark.parametrize("family,other", [
    (socket.AF_INET, socket.AF_INET6), (socket.AF_UNIX, socket.AF_UNIX),
    (0, socket.AF_INET), (255, 255)])
def test_only_addresses_that_can_be_are_believed(conf, family, other):
    daemon = conf(cat(proxy_timeout="60s"))
    with waiting(daemon) as (s, pid, fd):
        forge(pid, fd, TOLD.pack(0, 0, family, 1, BACK, other, 1, BACK))
        wait_for(lambda: not os.path.exists(f"/proc/{pid}"))
        assert read_all(s) == b""
    assert daemon.service("one")["started"] == 0
    wait_for(lambda: tcp(20001, v1() + b"x") == b"x", 5 * SLOW)


@pytest.mark.root
@pytest.mark.parametrize("kind", ["file", "listener", "datagrams", "pair"])
def test_only_connections_of_tcp_are_believed(conf, kind):
    daemon = conf(cat(proxy_timeout="60s"))
    with waiting(daemon) as (_, pid, fd), unfit(kind) as own:
        forge(pid, fd, TOLD.pack(0, 0, socket.AF_INET, 1, BACK,
                                 socket.AF_INET, 1, BACK), own=own)
        wait_for(lambda: not os.path.exists(f"/proc/{pid}"))
    assert daemon.service("one")["started"] == 0


@pytest.mark.root
def test_only_clients_of_proxies_are_believed(conf):
    """who its peer is, is asked of the kernel"""
    daemon = conf(cat(proxy_timeout="60s", proxy_from='{"127.0.0.1"}') +
                  service("two", 20002, internal="echo"))
    with waiting(daemon) as (_, pid, fd), \
            socket.create_server(("::1", 0),
                                 family=socket.AF_INET6) as server, \
            socket.create_connection(server.getsockname()[:2]) as own:
        for number in range(2):
            forge(pid, fd, TOLD.pack(0, number, socket.AF_INET, 1, BACK,
                                     socket.AF_INET, 1, BACK),
                  own=own.fileno())
        wait_refused(daemon, "proxy_from", 1)
    assert daemon.service("one")["started"] == 0
    assert daemon.service("two")["started"] == 0
    assert internal_pid(daemon) == pid
