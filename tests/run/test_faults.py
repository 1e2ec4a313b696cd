"""Shortages and vanished clients: nothing spins, sleeps or is lost."""

import contextlib
import errno
import os
import pathlib
import resource
import signal
import socket
import statistics
import struct
import subprocess
import time

import pytest
from conftest import (LONELY, SLOW, SUPERD, WRAPPER, connect, many_files,
                      probe, process_status, read_all, refused, tcp, udp,
                      wait_for)

ECHO = "20007 dgram udp wait root internal echo\n"


def timed(ask):
    start = time.monotonic()
    assert ask()
    return time.monotonic() - start


def limit_resource(pid, name, soft):
    """As the user of the process: it may be another one's."""
    ids = process_status(pid)
    subprocess.run(["prlimit", f"--pid={pid}", f"--{name}={soft}:"],
                   check=True, user=int(ids["Uid"].split()[0]),
                   group=int(ids["Gid"].split()[0]), extra_groups=[])


def limit_files(pid, soft):
    limit_resource(pid, "nofile", soft)


def quick_echo(limit=0.05):
    """One slow answer may be the machine's fault, three in a row are not."""
    return any(timed(lambda: udp(20007, b"x") == b"x") < limit * SLOW
               for _ in range(3))


def test_descriptors_exhausted(superd):
    """no CPU, others go on, the same client is served at the end"""
    daemon = superd("20001 stream tcp nowait nobody /usr/bin/id id\n"
                    "20013 stream tcp nowait root internal daytime\n" + ECHO)
    hard = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (3, hard[1]))
    before = daemon.cpu()
    with connect(20001) as s, connect(20013) as t:
        daemon.wait_log("pause reason=shortage of=descriptors")
        end = time.monotonic() + 2
        while time.monotonic() < end:
            assert quick_echo()
            time.sleep(0.05)
        assert daemon.cpu() - before < 0.1 * SLOW
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, hard)
        start = time.monotonic()
        s.settimeout(5)
        t.settimeout(5)
        assert b"uid=" in read_all(s) and read_all(t)
        assert time.monotonic() - start < 2 * SLOW
    assert daemon.log.count("shortage") == 1


def test_listener_that_found_no_room_in_the_internal_process(superd):
    """it is asked for again, and serves once there is room"""
    daemon = superd("20013 stream tcp nowait root internal daytime\n" + ECHO)
    with connect(20013) as s:       # it has raised its limit by then
        assert read_all(s)
    pid, = [one["pid"] for one in daemon.status()["workers"]]
    assert daemon.ctl("disable", "20013/tcp")[0] == 0
    limit_resource(pid, "nofile", 3)
    assert daemon.ctl("enable", "20013/tcp")[0] == 0
    daemon.wait_log("pause reason=shortage of=descriptors")
    assert quick_echo()
    limit_resource(pid, "nofile", 1000)
    with connect(20013) as s:
        assert read_all(s).endswith(b"\n")


def test_no_memory_for_the_sets_of_select(superd):
    """it goes on all the same: clients, timers, signals; and does not spin"""
    daemon = superd("20001 stream tcp nowait nobody /usr/bin/id id\n"
                    "20002 stream tcp nowait nobody internal echo\n" + ECHO,
                    starter=[probe("dirty"), f"fail=pselect6/{errno.ENOMEM}",
                             "--"])
    before = daemon.cpu()
    time.sleep(2)
    assert daemon.cpu() - before < 0.1 * SLOW
    for _ in range(5):
        assert b"uid=" in tcp(20001) and tcp(20002, b"abc") == b"abc"
        assert udp(20007, b"x") == b"x"
    wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.reload(ECHO)[0] == 0
    assert refused(20001) and udp(20007, b"x") == b"x"
    daemon.stop()


def test_descriptors_exhausted_for_good_servers_of_wait(superd):
    """a wait service needs no descriptor of superd's"""
    daemon = superd(f"20001 dgram udp wait nobody {probe('once')} once\n"
                    "20013 stream tcp nowait root internal daytime\n")
    pids = daemon.pid, daemon.status()["workers"][0]["pid"]
    for pid in pids:
        limit_files(pid, 3)
    with connect(20013) as s:
        daemon.wait_log("pause reason=shortage of=descriptors")
        for pid in pids:
            limit_files(pid, 500)
        s.settimeout(5 * SLOW)
        assert read_all(s)
    assert udp(20001)


def test_client_gone_while_descriptors_are_exhausted(superd):
    daemon = superd("20013 stream tcp nowait root internal daytime\n")
    pid = daemon.status()["workers"][0]["pid"]
    limit_files(pid, 3)
    with connect(20013) as s:
        daemon.wait_log("pause reason=shortage of=descriptors")
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("ii", 1, 0))
    limit_files(pid, 500)
    assert tcp(20013)


def test_reload_while_descriptors_are_exhausted(superd):
    """nothing is lost, and nothing is half done"""
    line = "%d stream tcp nowait root internal daytime\n"
    daemon = superd(line % 20001)
    hard = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (3, hard[1]))
    daemon.write(line % 20001 + line % 20002)
    daemon.signal(signal.SIGHUP)
    daemon.wait_log(r"reload: |error")
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, hard)
    wait_for(lambda: daemon.ctl("ping")[0] == 0)
    assert daemon.reload()[0] == 0
    assert tcp(20001) and tcp(20002)


@pytest.mark.root
def test_fork_fails(superd, user, tmp_path):
    """an unprivileged daemon at its process limit"""
    uid = LONELY
    tmp_path.chmod(0o1777)
    daemon = superd(f"20013 stream tcp nowait lonely /bin/cat cat\n" + ECHO,
                    starter=[probe("dirty"), f"uid={uid}", "--"])

    def limit(soft):
        subprocess.run(["prlimit", f"--pid={daemon.pid}", f"--nproc={soft}:"],
                       check=True, user=uid, group=uid, extra_groups=[])

    limit(1)
    before = daemon.cpu()
    with connect(20013) as s:
        s.sendall(b"abc")
        daemon.wait_log("pause reason=shortage of=processes")
        for _ in range(20):
            assert quick_echo(0.02)
            time.sleep(0.05)
        assert daemon.cpu() - before < 0.1 * SLOW
        assert daemon.status()["paused"] == "processes"
        limit(1000)
        s.settimeout(5)
        assert s.recv(10) == b"abc"
    assert daemon.status()["paused"] is None


@pytest.mark.skipif("asan" in SUPERD or WRAPPER,
                    reason="a checker has memory of its own")
def test_memory_exhausted(superd):
    """a client is refused, and the daemon goes on"""
    daemon = superd("20007 stream tcp nowait/0/0/0 root internal echo\n"
                    "20013 stream tcp nowait root internal daytime\n")

    pid = daemon.status()["workers"][0]["pid"]

    def limit(octets):
        limit_resource(pid, "as", octets)

    with many_files(9000), contextlib.ExitStack() as stack:
        first = stack.enter_context(connect(20007))
        first.sendall(b"x")
        assert first.recv(1) == b"x"
        size = int(pathlib.Path(f"/proc/{pid}/stat").read_text()
                   .rsplit(")", 1)[1].split()[20])
        limit(size)
        with contextlib.suppress(OSError):
            for _ in range(3900):
                stack.enter_context(connect(20007, timeout=1))
        # whatever has become of them
        assert tcp(20013)
        first.sendall(b"y")
        assert first.recv(1) == b"y"
        daemon.wait_log("pause reason=shortage")
        assert "reason=shortage" in daemon.read_log()
    limit("unlimited")
    wait_for(lambda: tcp(20007, b"z") == b"z", what="memory")


def test_connections_that_vanish_before_accept(superd):
    """CVE-1999-0216"""
    daemon = superd("20001 stream tcp nowait nobody /usr/bin/id id\n"
                    "20013 stream tcp nowait root internal daytime\n")
    daemon.signal(signal.SIGSTOP)
    for _ in range(6):
        s = connect(20001)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("ii", 1, 0))
        s.close()
    daemon.signal(signal.SIGCONT)
    start = time.monotonic()
    assert tcp(20013) and tcp(20001)
    assert time.monotonic() - start < 0.3 * SLOW


def test_answer_reaches_a_client_that_sent_much_before_it(superd):
    """no reset overtakes it"""
    daemon = superd("20013 stream tcp nowait root internal daytime\n")
    pid = daemon.status()["workers"][0]["pid"]
    os.kill(pid, signal.SIGSTOP)
    with connect(20013) as s:
        s.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError):
            while sent < 65536:
                sent += s.send(b"x" * 4096)
        s.settimeout(5 * SLOW)
        os.kill(pid, signal.SIGCONT)
        assert s.recv(100).endswith(b"\r\n") and s.recv(100) == b""


def test_connection_that_vanished_does_not_block_an_only_listener(superd):
    """CVE-1999-0216: accept(2) on an empty queue, caught in the act"""
    daemon = superd("20001 stream tcp nowait nobody /usr/bin/id id\n")
    for listener in daemon.service("20001/tcp")["listeners"]:
        with open(f"/proc/{daemon.pid}/fdinfo/{listener['fd']}",
                  encoding="ascii") as info:
            flags = int(info.read().split("flags:")[1].split()[0], 8)
        assert flags & os.O_NONBLOCK and flags & os.O_CLOEXEC


@pytest.mark.parametrize("program", ["/nonexistent", "/etc/passwd", "/etc",
                                     "badinterpreter"])
def test_program_that_cannot_run(superd, tmp_path, program):
    if program == "badinterpreter":
        script = tmp_path / "script"
        script.write_text("#!/nonexistent/interpreter\n")
        script.chmod(0o755)
        program = str(script)
    daemon = superd(f"20001 stream tcp nowait nobody {program} x\n"
                    f"20002 dgram udp wait nobody {program} x\n"
                    f"20003 stream tcp wait nobody {program} x\n" + ECHO)
    assert tcp(20001) == b""
    daemon.wait_log(rf"error 20001/tcp pid=\d+ exec {program}: \w+")
    before = daemon.cpu()
    udp(20002, timeout=0)
    with connect(20003):
        time.sleep(1)
        assert quick_echo()
        assert daemon.cpu() - before < 0.1 * SLOW
    assert daemon.service("20001/tcp")["failed"] == 1
    # the datagram is thrown away in the end
    wait_for(lambda: daemon.service("20002/udp")["discarded"] == 1, 12)
    assert 2 <= daemon.service("20002/udp")["failed"] <= 5
    for port in (20001, 20002, 20003):
        assert 1 <= daemon.read_log().count(f"error {port}/") <= 8


def test_program_that_appears_later_is_run(superd, tmp_path):
    """design 11: a missing program is a warning"""
    program = tmp_path / "later"
    daemon = superd(f"20001 stream tcp nowait nobody {program} later\n")
    assert "warning" in daemon.log and tcp(20001) == b""
    program.write_text("#!/bin/sh\necho here\n")
    program.chmod(0o755)
    assert tcp(20001) == b"here\n"


def test_three_hundred_children_end_at_once(superd):
    """SIGCHLD coalesces"""
    daemon = superd(f"20001 stream tcp nowait nobody {probe('hold')} hold 60\n")
    clients = [connect(20001) for _ in range(300)]
    for client in clients:
        client.settimeout(20)
        assert client.recv(100)
    assert daemon.status()["children"] == 300
    pids = daemon.child_pids()
    daemon.signal(signal.SIGSTOP)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    daemon.signal(signal.SIGCONT)
    wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.zombies() == 0
    for client in clients:
        client.close()


def test_stderr_that_nobody_reads_does_not_block(superd):
    """a full pipe: records are dropped, and that is said later"""
    daemon = superd("20001 stream tcp nowait nobody /bin/true true\n" + ECHO,
                    args=["-l"])
    for _ in range(1500):
        tcp(20001)          # two lines each, into a pipe of 64 KiB
    assert quick_echo(0.2)
    status = daemon.status()
    assert status["log_dropped"] > 0
    daemon.read_log()
    tcp(20001)
    daemon.wait_log(r"log: \d+ records dropped")


def test_eleven_hundred_services(superd):
    """beyond FD_SETSIZE"""
    lines = "".join(f"{21000 + i} stream tcp4 nowait root internal daytime\n"
                    for i in range(1100))
    daemon = superd(lines, starter=[probe("dirty"), "nofile=512/4096", "--"])
    assert tcp(21000) and tcp(22099)
    assert daemon.fds() > 1100
    before = daemon.cpu()
    time.sleep(0.5)
    assert daemon.cpu() - before < 0.05 * SLOW


@pytest.mark.root
def test_too_few_descriptors_are_told_and_the_rest_is_served(superd,
                                                             tmp_path):
    """an unprivileged superd cannot raise its hard limit"""
    lines = "".join(f"{21000 + i} stream tcp4 nowait nobody internal daytime\n"
                    for i in range(300))
    tmp_path.chmod(0o1777)
    daemon = superd(lines, ready=False, starter=[
        probe("dirty"), "nofile=256/256", "uid=65534", "--"])
    daemon.wait_log("ready:", 10)
    assert "Too many open files" in daemon.log
    # some are kept for those who connect
    assert tcp(21000) and refused(21299)
    assert daemon.ctl("ping")[0] == 0
    states = [s["state"] for s in daemon.status()["services"]]
    assert "listening" in states and "failed" in states


def test_thirty_connects_in_a_row_are_quick(superd):
    """inetutils takes a second each"""
    daemon = superd(f"20001 stream tcp nowait nobody {probe('probe')} probe\n")
    times = [timed(lambda: tcp(20001)) for _ in range(30)]
    assert statistics.median(times) < 0.02 * SLOW
    assert sum(times) < 2 * SLOW
    times = []
    for _ in range(5):
        wait_for(lambda: daemon.status()["children"] == 0)
        time.sleep(0.3)
        times.append(timed(lambda: tcp(20001)))
    assert statistics.median(times) < 0.02 * SLOW


def test_flood_of_signals_is_harmless(superd):
    """FreeBSD: a handler that writes to a full pipe"""
    daemon = superd("20001 stream tcp nowait nobody /bin/true true\n" + ECHO)
    for _ in range(20000):
        daemon.signal(signal.SIGUSR2)
        daemon.signal(signal.SIGCHLD)
    assert quick_echo(0.2)
    assert tcp(20001) == b""


def test_stopped_child_stops_nobody(superd):
    """a service that is stopped by its own user"""
    daemon = superd(f"20001 stream tcp nowait nobody {probe('hold')} hold 60\n"
                    + ECHO, args=["-l"])
    with connect(20001) as s:
        pid = int(s.recv(100).split()[1])
        os.kill(pid, signal.SIGSTOP)
        assert quick_echo()
        assert "exit " not in daemon.read_log()
        os.kill(pid, signal.SIGKILL)
        daemon.wait_log(rf"exit 20001/tcp pid={pid} signal=9")


def test_fifty_children_exit_while_fifty_start(superd):
    """a child that ends before its record is made"""
    daemon = superd("20001 stream tcp nowait nobody /bin/true true\n")
    for _ in range(5):
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(connect(20001))
                       for _ in range(50)]
            for client in clients:
                assert read_all(client) == b""
    wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.service("20001/tcp")["started"] == 250


@pytest.mark.root
def test_user_that_runs_too_many_processes(superd, user):
    """RLIMIT_NPROC of the service's user is met by exec (EAGAIN)"""
    daemon = superd("20001 stream tcp nowait lonely /usr/bin/id id\n" + ECHO,
                    starter=[probe("dirty"), "nproc=2", "--"])
    with contextlib.ExitStack() as stack:
        holders = [subprocess.Popen(["sleep", "60"], user=user, group=user,
                                    extra_groups=[]) for _ in range(3)]
        for holder in holders:
            stack.callback(holder.wait)
            stack.callback(holder.kill)
        assert tcp(20001) == b""
        daemon.wait_log(r"error 20001/tcp pid=\d+ ")
        assert quick_echo()
    assert b"uid=" in tcp(20001)
