"""Wait services: one child at a time owns the socket."""

import contextlib
import os
import signal
import time

import pytest
from conftest import SLOW, connect, probe, tcp, udp, udp_socket, wait_for


def listener_state(daemon, id):
    return daemon.service(id)["state"]


def test_one_server_answers_all_datagrams_of_its_life(superd):
    """T013"""
    daemon = superd(f"20001 dgram udp wait nobody {probe('serve')} serve 700\n")
    sockets = [udp_socket() for _ in range(3)]
    pids = set()
    with contextlib.ExitStack() as stack:
        for s in sockets:
            stack.enter_context(s)
        for i in range(20):
            s = sockets[i % 3]
            s.sendto(b"x", ("127.0.0.1", 20001))
            pids.add(s.recv(100))
    assert len(pids) == 1
    wait_for(lambda: daemon.status()["children"] == 0)
    assert udp(20001) not in pids
    assert daemon.service("20001/udp")["started"] == 2


def test_hundred_datagrams_hundred_servers_never_two_at_once(superd):
    """T014, finit 2dc7de3a"""
    daemon = superd(f"20001 dgram udp wait nobody {probe('once')} once\n",
                    args=["-l"])
    with udp_socket() as s:
        for _ in range(100):
            s.sendto(b"x", ("127.0.0.1", 20001))
            time.sleep(0.005)
        answers = {s.recv(100) for _ in range(100)}
    assert len(answers) == 100
    wait_for(lambda: daemon.status()["children"] == 0)
    assert "children=2" not in daemon.read_log()
    assert "backoff" not in daemon.log


def test_identical_datagrams_in_the_queue_are_not_taken_for_unread(superd):
    """A client that repeats itself while a one-shot server runs."""
    daemon = superd(f"20001 dgram udp wait nobody {probe('once')} once\n")
    with udp_socket() as s:
        for _ in range(30):
            s.sendto(b"same", ("127.0.0.1", 20001))
        start = time.monotonic()
        answers = {s.recv(100) for _ in range(30)}
        assert time.monotonic() - start < 2 * SLOW
    assert len(answers) == 30
    assert daemon.service("20001/udp")["discarded"] == 0


def test_stream_server_accepts_by_itself(superd):
    """T015"""
    daemon = superd(f"20001 stream tcp wait nobody {probe('acc')} acc\n")
    before = daemon.fds()
    pids = {tcp(20001, b"abc").split()[0] for _ in range(50)}
    assert len(pids) == 50
    wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.fds() == before


def test_server_that_never_reads_is_not_started_in_a_spin(superd, tmp_path):
    """T025: dgram, both a high and a privileged port"""
    ticks = [tmp_path / "high", tmp_path / "low"]
    for tick in ticks:
        tick.touch()
        tick.chmod(0o666)
    daemon = superd(
        f"20005 dgram udp wait nobody {probe('tick')} tick {ticks[0]}\n"
        f"905 dgram udp wait nobody {probe('tick')} tick {ticks[1]}\n"
        "20006 dgram udp wait root internal echo\n")
    udp(20005, timeout=0)
    udp(905, timeout=0)
    before = daemon.cpu()
    for _ in range(50):
        start = time.monotonic()
        assert udp(20006, b"x") == b"x"
        assert time.monotonic() - start < 0.05 * SLOW
        time.sleep(0.1)
    assert daemon.cpu() - before < 0.2 * SLOW
    for tick in ticks:
        assert 2 <= tick.stat().st_size <= 5
    # the datagram that nobody wants is thrown away, the service lives
    wait_for(lambda: daemon.service("20005/udp")["discarded"] == 1, 10)
    daemon.reload(f"20005 dgram udp wait nobody {probe('once')} once\n")
    wait_for(lambda: udp(20005, timeout=1), 20)


def test_stream_server_that_never_accepts_is_backed_off(superd, tmp_path):
    """T026"""
    tick = tmp_path / "ticks"
    tick.touch()
    tick.chmod(0o666)
    daemon = superd(
        f"20005 stream tcp wait nobody {probe('tick')} tick {tick}\n")
    before = daemon.cpu()
    with connect(20005):
        time.sleep(5)
        assert daemon.cpu() - before < 0.2 * SLOW
        assert 2 <= tick.stat().st_size <= 8
        service = daemon.service("20005/tcp")
        assert service["paused"] == "backoff" and service["paused_for"] > 0


def test_backoff_ends_by_itself(superd, tmp_path):
    """T029, systemd 15633"""
    switch = tmp_path / "good"
    script = tmp_path / "server"
    script.write_text(f"#!/bin/sh\n[ -e {switch} ] && exec {probe('acc')}"
                      "\nexit 1\n")
    script.chmod(0o755)
    daemon = superd(f"20005 stream tcp wait nobody {script} server\n")
    with connect(20005) as s:
        wait_for(lambda: daemon.service("20005/tcp")["paused"] == "backoff")
        switch.touch()
        s.settimeout(10 * SLOW)
        assert s.recv(100)


@pytest.mark.parametrize("kind,how", [("stream tcp", "shutdown"),
                                      ("stream tcp", "nonblock"),
                                      ("dgram udp", "connect"),
                                      ("dgram udp", "shutdown")])
def test_socket_that_its_server_spoiled_works_again(superd, tmp_path, kind,
                                                    how):
    """design 8: the daemon asserts its own flags, or makes a new socket"""
    switch = tmp_path / "good"
    good = "acc" if kind == "stream tcp" else "once"
    script = tmp_path / "server"
    script.write_text(f"#!/bin/sh\n[ -e {switch} ] && exec {probe(good)}\n"
                      f"exec {probe('spoil')} spoil {how}\n")
    script.chmod(0o755)
    daemon = superd(f"20005 {kind} wait nobody {script} server\n")
    id = daemon.status()["services"][0]["id"]
    if good == "acc":
        tcp(20005)
    else:
        udp(20005, timeout=0.2)
    wait_for(lambda: daemon.service(id)["started"] == 1 and
             daemon.service(id)["state"] == "listening")
    switch.touch()
    assert wait_for(lambda: tcp(20005, b"x") if good == "acc" else
                    udp(20005, timeout=0.5), 10)


def test_status_says_since_when_a_wait_child_is_busy(superd):
    daemon = superd(f"20001 dgram udp wait nobody {probe('serve')} serve\n")
    pid = int(udp(20001))
    service = daemon.service("20001/udp")
    assert service["state"] == "busy"
    assert service["children"][0]["pid"] == pid
    assert service["children"][0]["wait"] and \
        service["children"][0]["since"] >= 0


def test_wait_child_killed_frees_the_socket(superd):
    daemon = superd(f"20001 dgram udp wait nobody {probe('serve')} serve "
                    "60000\n")
    pid = int(udp(20001))
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: daemon.status()["children"] == 0)
    assert int(udp(20001)) != pid


def test_unreadable_bursts_do_not_stop_other_services(superd, tmp_path):
    tick = tmp_path / "ticks"
    tick.touch()
    tick.chmod(0o666)
    lines = "".join(f"{21000 + i} dgram udp wait nobody {probe('tick')} tick "
                    f"{tick}\n" for i in range(40))
    daemon = superd(lines + "20006 stream tcp nowait root internal daytime\n")
    for i in range(40):
        udp(21000 + i, timeout=0)
    start = time.monotonic()
    for _ in range(20):
        assert tcp(20006)
    assert time.monotonic() - start < 2 * SLOW
    assert daemon.alive()
