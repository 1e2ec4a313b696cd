"""Limits pause and resume by themselves."""

import contextlib
import os
import re
import select
import signal
import socket
import struct
import subprocess
import time

import pytest
from conftest import SLOW, connect, probe, tcp, udp, udp_socket, wait_for

HOLD = probe("hold")


def held(s):
    """The pid of the hold program behind a connection; None if it waits."""
    s.settimeout(0.3 * SLOW)
    try:
        line = s.recv(100)
    except TimeoutError:
        return None
    return int(line.split()[1]) if line else 0


def test_starts_per_minute_are_a_bucket_and_the_rest_waits(superd):
    """nowait.3"""
    daemon = superd(f"20001 stream tcp nowait.3 nobody {HOLD} hold\n")
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(connect(20001)) for _ in range(10)]
        served = [s for s in sockets if held(s)]
        assert len(served) == 3
        service = daemon.service("20001/tcp")
        assert service["paused"] == "rate" and 0 < service["paused_for"] <= 20
        assert daemon.read_log().count("pause") == 1


def test_rate_resumes_by_itself(superd):
    """60 a minute is one a second"""
    daemon = superd("20001 stream tcp nowait:60 nobody /bin/true true\n")
    start = time.monotonic()
    for _ in range(63):
        assert tcp(20001) == b""
    assert 2 <= time.monotonic() - start < 8 * SLOW
    assert daemon.service("20001/tcp")["started"] == 63


def test_zero_is_no_limit(superd):
    superd("20001 stream tcp nowait.0 nobody /bin/true true\n",
           args=["-R", "2"])
    for _ in range(10):
        assert tcp(20001) == b""


def test_rate_of_the_command_line_is_the_default(superd):
    daemon = superd("20001 stream tcp nowait nobody /bin/true true\n"
                    f"20002 stream tcp wait nobody {probe('acc')} acc\n",
                    args=["-R", "2"])
    for _ in range(2):
        tcp(20001)
    with connect(20001):
        wait_for(lambda: daemon.service("20001/tcp")["paused"] == "rate")
    for _ in range(5):      # wait services have none
        assert tcp(20002, b"x")


def test_without_any_option_there_is_no_rate(superd):
    superd("20001 stream tcp nowait nobody /bin/true true\n")
    start = time.monotonic()
    for _ in range(300):
        assert tcp(20001) == b""
    assert time.monotonic() - start < 10 * SLOW


def test_children_of_a_service_are_bounded_and_others_wait(superd):
    daemon = superd(f"20001 stream tcp nowait/2 nobody {HOLD} hold\n",
                    args=["-l"])
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(connect(20001)) for _ in range(3)]
        assert held(sockets[0]) and held(sockets[1])
        assert held(sockets[2]) is None
        start = time.monotonic()
        sockets[0].close()
        sockets[2].settimeout(5)
        assert sockets[2].recv(100).startswith(b"held")
        assert time.monotonic() - start < 0.2 * SLOW
        assert "children=3" not in daemon.read_log()


def test_children_of_one_address_are_bounded(superd, veth):
    """the mapped address of a dual socket is the IPv4 one"""
    superd(f"20001 stream tcp46 nowait/0/0/2 nobody {HOLD} hold\n")
    with contextlib.ExitStack() as stack:
        with veth.peer():
            sockets = [stack.enter_context(connect(20001, "192.0.2.1"))
                       for _ in range(3)]
        assert held(sockets[0]) and held(sockets[1])
        assert held(sockets[2]) == 0        # closed
        assert held(stack.enter_context(connect(20001)))


def test_slot_of_an_address_is_freed_when_its_child_is_killed(superd):
    """systemd 20685"""
    daemon = superd(f"20001 stream tcp nowait nobody {HOLD} hold\n",
                    args=["-s", "1"])
    for _ in range(5):
        with connect(20001) as s:
            pid = held(s)
            assert pid
            with connect(20001) as t:
                assert held(t) == 0
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.service("20001/tcp")["refused"]["per_source"] == 5


def test_mapped_address_counts_as_the_ipv4_one(superd):
    """one client, by a dual socket and by an IPv4 one"""
    daemon = superd(f"20001 stream tcp46 nowait/0/2 nobody {HOLD} hold\n")
    for host in ("127.0.0.1", "::ffff:127.0.0.1"):
        with connect(20001, host) as s:
            assert held(s)
    with connect(20001) as s:
        assert held(s) == 0
    with connect(20001, "::1") as s:
        assert held(s)
    assert "peer=127.0.0.1:" in daemon.read_log()
    assert "ffff" not in daemon.log


@pytest.fixture
def network():
    """A hundred addresses of an IPv6 network."""
    subprocess.run(["ip", "-6", "-batch", "-"], check=True, text=True,
                   input="".join(
                       f"addr add 2001:db8:a::{n}/64 dev lo nodad\n"
                       for n in range(1, 101)))


def count_held(stack, port, sources):
    sockets = [stack.enter_context(connect(port, "::1", source=(source, 0)))
               for source in sources]
    return sum(bool(held(s)) for s in sockets)


def test_client_is_its_network(superd, network):
    """an IPv6 host may have any address of its network"""
    daemon = superd(f"20001 stream tcp6 nowait/0/0/2 nobody {HOLD} hold\n"
                    "20002 stream tcp6 nowait/0/2 nobody /bin/true true\n")
    with contextlib.ExitStack() as stack:
        assert count_held(stack, 20001, [f"2001:db8:a::{n}"
                                         for n in range(1, 41)]) == 2
        assert count_held(stack, 20001, ["::1"]) == 1
    for n in range(1, 6):
        tcp(20002, host="::1", source=(f"2001:db8:a::{n}", 0))
    assert daemon.service("20001/tcp6")["refused"]["per_source"] == 38
    assert re.search(r"peer=\[2001:db8:a::\d+\]:\d+ reason=per_source "
                     r"client=2001:db8:a::/64$", daemon.read_log(), re.M)
    assert daemon.service("20002/tcp6")["refused"]["source_rate"] == 3


def test_length_of_a_clients_prefix_is_configured(conf, network):
    """and a reload that changes it takes nobody's place away"""
    text = (f'source_prefix = 24/%d\nservice 20001 {{ per_source = 2 '
            f'family = ipv6 socket_type = stream user = nobody '
            f'server = {HOLD} }}\n')
    daemon = conf(text % 128)
    sources = [f"2001:db8:a::{n}" for n in range(1, 6)]
    with contextlib.ExitStack() as stack:
        assert count_held(stack, 20001, sources * 2) == 10
        assert daemon.reload(text % 120)[0] == 0
        assert count_held(stack, 20001, sources) == 2
    wait_for(lambda: daemon.status()["children"] == 0)
    with contextlib.ExitStack() as stack:
        assert count_held(stack, 20001, sources) == 2


def test_answers_are_counted_for_a_network(superd, network):
    daemon = superd("20007 dgram udp6 wait root internal echo\n")
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(
            udp_socket("::1", source=(f"2001:db8:a::{n}", 0)))
            for n in range(1, 101)]
        for s in sockets:
            s.sendto(b"x", ("::1", 20007))
        wait_for(lambda: daemon.service("20007/udp6")["datagrams"] == 100)
        assert daemon.service("20007/udp6")["answered"] < 90


def test_datagrams_of_one_address_are_bounded_for_a_wait_service(superd):
    """the sender is known before the server runs"""
    daemon = superd("20001 dgram udp wait/0/2 nobody "
                    f"{probe('once')} once\n")
    answers = []
    for _ in range(4):
        answers.append(udp(20001, timeout=0.5))
        wait_for(lambda: daemon.status()["children"] == 0)
    assert [a is not None for a in answers] == [True, True, False, False]
    assert daemon.service("20001/udp")["refused"]["source_rate"] == 2


def test_starts_per_minute_of_one_address(superd, veth):
    daemon = superd("20001 stream tcp nowait/0/3 nobody /usr/bin/id id\n")
    answers = [tcp(20001) for _ in range(6)]
    assert [bool(a) for a in answers] == [True] * 3 + [False] * 3
    assert tcp(20001, host="192.0.2.1")     # another client address
    assert daemon.service("20001/tcp")["refused"]["source_rate"] == 3
    assert "reason=source_rate" in daemon.read_log()


def next_served(waiting, timeout=5):
    """The first of these clients whose server has started."""
    ready, _, _ = select.select(waiting, [], [], timeout * SLOW)
    assert ready, "nobody was served"
    assert ready[0].recv(100).startswith(b"held")
    waiting.remove(ready[0])
    return ready[0]


def test_all_children_together_are_bounded_and_shared_fairly(superd):
    """a freed place goes to both services, in turn"""
    daemon = superd(f"20001 stream tcp nowait nobody {HOLD} hold 60\n"
                    f"20002 stream tcp nowait nobody {HOLD} hold 60\n",
                    args=["--max-children", "10"])
    with contextlib.ExitStack() as stack:
        # of many clients: one alone has a share only
        waiting = [stack.enter_context(
            connect(port, source=(f"127.0.{n + 1}.{port % 10}", 0)))
            for port, count in ((20001, 70), (20002, 60))
            for n in range(count)]
        served = [next_served(waiting) for _ in range(10)]
        assert daemon.status()["children"] == 10
        assert not select.select(waiting, [], [], 0.2)[0]
        assert daemon.service("20001/tcp")["paused"] == "max_children"
        assert daemon.service("20002/tcp")["paused"] == "max_children"
        ports = []
        for _ in range(100):
            served.pop(0).close()
            served.append(next_served(waiting))
            ports.append(served[-1].getpeername()[1])
        assert daemon.status()["children"] <= 10
    # in every stretch of ten places, for as long as both had clients
    for i in range(0, 90, 10):
        stretch = ports[i:i + 10]
        assert 3 <= stretch.count(20002) <= 7, ports


def test_place_is_not_lost_when_its_client_has_gone(superd):
    """the first in the queue gave up; the next one is served"""
    superd(f"20001 stream tcp nowait nobody {HOLD} hold\n"
           f"20002 stream tcp nowait nobody {HOLD} hold\n",
           args=["--max-children", "1"])
    with connect(20001) as first:
        assert held(first)
        with connect(20001) as gone:
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
        with connect(20002) as patient:
            first.close()
            patient.settimeout(2 * SLOW)
            assert patient.recv(100).startswith(b"held")


@pytest.mark.root
def test_max_children_of_superd_conf_changes_on_reload(superd, tmp_path):
    (tmp_path / "inetd.conf").write_text(
        f"20001 stream tcp nowait nobody {HOLD} hold\n")
    text = f'max_children = %d\ninetd_conf = {{"{tmp_path}/inetd.conf"}}\n'
    daemon = superd(text % 1, file="superd.conf")
    with connect(20001) as s, connect(20001) as t:
        assert held(s) and held(t) is None
        assert daemon.reload(text % 2)[0] == 0
        t.settimeout(5 * SLOW)
        assert t.recv(100).startswith(b"held")


def test_internal_answers_go_on_while_all_children_are_busy(superd):
    daemon = superd(f"20001 stream tcp nowait nobody {HOLD} hold\n"
                    "20013 stream tcp nowait root internal daytime\n"
                    "20007 dgram udp wait root internal echo\n",
                    args=["--max-children", "1"])
    with connect(20001) as s, connect(20001):
        assert held(s)
        wait_for(lambda: daemon.service("20001/tcp")["paused"])
        assert tcp(20013)
        assert udp(20007, b"x") == b"x"


def test_thousands_of_refusals_cost_no_memory(superd):
    """CVE-2003-0211"""
    daemon = superd("20001 stream tcp nowait/0/1 nobody /bin/true true\n")
    for _ in range(500):
        tcp(20001)
    before, fds = daemon.rss(), daemon.fds()
    for _ in range(20000 if SLOW < 2 else 2000):
        tcp(20001)
    assert daemon.growth(before) < 256 * 1024
    wait_for(lambda: daemon.fds() <= fds)
    assert daemon.read_log().count("refuse ") < 200     # bounded, too


@pytest.mark.parametrize("noise", ["20001", "20003"])
def test_noisy_service_does_not_starve_a_quiet_one(superd, noise):
    """whether children or the loop answer the noise"""
    daemon = superd(f"20001 stream tcp nowait nobody {probe('end')} end\n"
                    "20002 stream tcp nowait root internal daytime\n"
                    "20003 stream tcp nowait root internal daytime\n",
                    args=["-R", "0"])
    times = []
    with subprocess.Popen([probe("storm"), noise, "16", "10000000"],
                          stdout=subprocess.DEVNULL,
                          start_new_session=True) as storm:
        for _ in range(100):
            start = time.monotonic()
            assert tcp(20002)
            times.append(time.monotonic() - start)
            time.sleep(0.01)
        os.killpg(storm.pid, signal.SIGKILL)
    # so much that in turns the quiet one would have waited
    assert daemon.service(f"{noise}/tcp")["accepted"] > 2 * len(times)
    assert sorted(times)[95] < 0.05 * SLOW


def test_every_service_of_many_is_served_under_load(superd):
    """round-robin, not table order; beyond the directly watched"""
    lines = "".join(f"{21000 + i} stream tcp nowait root internal daytime\n"
                    for i in range(60))
    superd(lines)
    for i in range(60):
        assert tcp(21000 + i)


def test_load_line_counts_children(superd):
    daemon = superd(f"20001 stream tcp nowait/2 nobody {HOLD} hold\n",
                    args=["-l"])
    with connect(20001) as s:
        pid = held(s)
        daemon.wait_log(rf"start 20001/tcp pid={pid} peer=127\.0\.0\.1:\d+ "
                        r"children=1/2")
    daemon.wait_log(rf"exit 20001/tcp pid={pid} status=0 duration=0\.\d+")
