"""Wait services: one child at a time owns the socket."""

import contextlib
import os
import signal
import socket
import threading
import time

from conftest import (SLOW, connect, probe, read_all, tcp, udp, udp_socket,
                      wait_for)


def test_one_server_answers_all_datagrams_of_its_life(superd):
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
    """finit 2dc7de3a"""
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
    daemon = superd(f"20001 stream tcp wait nobody {probe('acc')} acc\n")
    before = daemon.fds()
    pids = {tcp(20001, b"abc").split()[0] for _ in range(50)}
    assert len(pids) == 50
    wait_for(lambda: daemon.status()["children"] == 0)
    wait_for(lambda: daemon.fds() <= before)


def test_sequential_clients_of_a_one_shot_server_are_not_delayed(superd):
    """the next connection is often there when its server ends"""
    daemon = superd(f"20001 stream tcp wait nobody {probe('acc')} acc\n")
    start = time.monotonic()
    for _ in range(40):
        assert tcp(20001, b"abc").endswith(b" abc")
    assert time.monotonic() - start < 4 * SLOW
    assert "backoff" not in daemon.read_log()


def test_parallel_clients_of_a_one_shot_server_are_not_delayed(superd):
    """the queue need not be shorter when a server ends"""
    superd(f"20001 stream tcp wait nobody {probe('acc')} acc\n")
    answers = []

    def client():
        with contextlib.suppress(TimeoutError):
            for _ in range(25):
                answers.append(tcp(20001, b"abc"))

    threads = [threading.Thread(daemon=True, target=client) for _ in range(4)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - start < 5 * SLOW
    assert len(answers) == 100
    assert all(answer.endswith(b" abc") for answer in answers)


def ask_unix(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(5 * SLOW)
        s.connect(str(path))
        s.sendall(b"x")
        s.shutdown(socket.SHUT_WR)
        return read_all(s)


def test_clients_of_a_one_shot_unix_server_are_not_delayed(superd, tmp_path):
    """as long as some always wait: who they are tells that it accepts"""
    node = tmp_path / "sock"
    daemon = superd(f"{node} stream unix wait nobody {probe('acc')} acc\n")
    answers = []

    def client():
        for _ in range(15):
            answers.append(ask_unix(node))

    clients = [threading.Thread(target=client) for _ in range(4)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    assert len(answers) == 60 and all(answers)
    assert "backoff" not in daemon.read_log()


def test_unix_server_that_never_accepts_is_backed_off(superd, tmp_path):
    """whether its clients wait or come and go"""
    node = tmp_path / "sock"
    daemon = superd(f"{node} stream unix wait nobody /bin/true true\n")
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(node))
        end = time.monotonic() + 2
        while time.monotonic() < end:
            with socket.socket(socket.AF_UNIX) as other:
                other.setblocking(False)
                with contextlib.suppress(OSError):
                    other.connect(str(node))
            time.sleep(0.01)
        assert "backoff" in daemon.read_log()
    assert daemon.service(f"{node}/unix")["started"] <= 14


def test_connections_that_wait_are_served_by_one_server_each(superd):
    """a queue of twenty is served without a delay"""
    daemon = superd(f"20001 stream tcp wait nobody {probe('acc')} acc\n")
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(20001)) for _ in range(20)]
        start = time.monotonic()
        for client in clients:
            client.sendall(b"abc")
            client.shutdown(socket.SHUT_WR)
        assert len({read_all(client) for client in clients}) == 20
        assert time.monotonic() - start < 2 * SLOW
    assert daemon.service("20001/tcp")["started"] == 20


def test_server_that_never_reads_is_not_started_in_a_spin(superd, tmp_path):
    """dgram, both a high and a privileged port"""
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
    """systemd 15633"""
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


def test_status_says_since_when_a_wait_child_is_busy(superd):
    daemon = superd(f"20001 dgram udp wait nobody {probe('serve')} serve\n")
    pid = int(udp(20001))
    service = daemon.service("20001/udp")
    assert service["state"] == "busy"
    assert service["children"][0]["pid"] == pid
    assert service["children"][0]["wait"] and \
        service["children"][0]["since"] >= 0


def test_superd_never_accepts_for_a_wait_server(superd):
    """NetBSD rl-tcpwait: while a server runs, superd looks away"""
    daemon = superd("20001 stream tcp wait nobody /bin/sleep sleep 60\n")
    before, cpu = daemon.own_fds(), daemon.cpu()
    with connect(20001):
        wait_for(lambda: daemon.service("20001/tcp")["state"] == "busy")
        with contextlib.ExitStack() as stack:
            for _ in range(20):
                stack.enter_context(connect(20001))
            time.sleep(0.3)
            assert daemon.own_fds() == before
            assert daemon.service("20001/tcp")["started"] == 1
            assert daemon.cpu() - cpu < 0.05 * SLOW
        os.kill(daemon.service("20001/tcp")["children"][0]["pid"],
                signal.SIGKILL)


def test_datagrams_that_arrive_as_a_server_ends_are_not_lost(superd):
    """design 8: xinetd empties the queue, and loses them"""
    daemon = superd(f"20001 dgram udp wait nobody {probe('once')} once\n")
    with udp_socket() as s:
        for i in range(200):
            s.sendto(str(i).encode(), ("127.0.0.1", 20001))
        answers = {s.recv(100) for _ in range(200)}
    assert len(answers) == 200
    assert daemon.service("20001/udp")["discarded"] == 0


def test_good_server_after_a_bad_one_is_not_delayed(superd, tmp_path):
    """the back-off is forgotten once a server reads"""
    switch = tmp_path / "bad"
    script = tmp_path / "server"
    script.write_text(f"#!/bin/sh\n[ -e {switch} ] && exit 1\n"
                      f"exec {probe('once')}\n")
    script.chmod(0o755)
    switch.touch()
    daemon = superd(f"20005 dgram udp wait nobody {script} server\n")
    with udp_socket(timeout=20) as s:
        s.sendto(b"x", ("127.0.0.1", 20005))
        wait_for(lambda: daemon.service("20005/udp")["paused"] == "backoff")
        switch.unlink()
        assert s.recv(100)
        start = time.monotonic()
        for _ in range(20):
            s.sendto(b"x", ("127.0.0.1", 20005))
            assert s.recv(100)
        assert time.monotonic() - start < 2 * SLOW


def test_empty_datagram_wakes_a_server(superd):
    superd(f"20001 dgram udp wait nobody {probe('once')} once\n")
    assert udp(20001, b"")


def pass_descriptors(node):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.connect(str(node))
        socket.send_fds(s, [b"x"], [0, 0, 0])


def test_descriptors_in_a_datagram_are_not_for_superd(superd, tmp_path):
    """which looks who has sent it"""
    node = tmp_path / "sock"
    daemon = superd(f"{node} dgram unix wait nobody {probe('once')} once\n")
    before = daemon.fds()
    for i in range(4):
        pass_descriptors(node)
        wait_for(lambda: daemon.status()["services"][0]["accepted"] == i + 1 and
                 daemon.status()["children"] == 0)
        wait_for(lambda: daemon.fds() == before)


def test_descriptors_in_an_unread_datagram_are_not_for_superd(superd,
                                                              tmp_path):
    """which asks for the time when that came, too"""
    node, ticks = tmp_path / "sock", tmp_path / "ticks"
    ticks.touch()
    ticks.chmod(0o666)
    daemon = superd(f"{node} dgram unix wait nobody {probe('tick')} tick "
                    f"{ticks}\n")
    before = daemon.fds()
    pass_descriptors(node)
    wait_for(lambda: len(ticks.read_text()) >= 4 and
             daemon.status()["children"] == 0, 20)
    wait_for(lambda: daemon.fds() == before)


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
