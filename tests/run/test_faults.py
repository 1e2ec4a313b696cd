"""Shortages and vanished clients: nothing spins, sleeps or is lost."""

import os
import resource
import signal
import socket
import struct
import subprocess
import time

import pytest
from conftest import (SLOW, connect, probe, read_all, tcp, udp, wait_for)

ECHO = "20007 dgram udp wait root internal echo\n"


def quick_echo(limit=0.05):
    start = time.monotonic()
    assert udp(20007, b"x") == b"x"
    return time.monotonic() - start < limit * SLOW


def test_descriptors_exhausted(superd):
    """T035: no CPU, others go on, the same client is served at the end"""
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


@pytest.mark.root
def test_fork_fails(superd, tmp_path):
    """T034: an unprivileged daemon at its process limit"""
    uid = 54321
    tmp_path.chmod(0o777)
    daemon = superd("20013 stream tcp nowait nobody internal echo\n" + ECHO,
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


def test_connections_that_vanish_before_accept(superd):
    """T037, CVE-1999-0216"""
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


@pytest.mark.parametrize("program", ["/nonexistent", "/etc/passwd", "/etc",
                                     "badinterpreter"])
def test_program_that_cannot_run(superd, tmp_path, program):
    """T083"""
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


def test_three_hundred_children_end_at_once(superd):
    """T023: SIGCHLD coalesces"""
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
    daemon = superd(f"20001 stream tcp nowait nobody /bin/true true\n" + ECHO,
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
    """T090: beyond FD_SETSIZE"""
    lines = "".join(f"{21000 + i} stream tcp4 nowait root internal daytime\n"
                    for i in range(1100))
    daemon = superd(lines, starter=[probe("dirty"), "nofile=512/4096", "--"])
    assert tcp(21000) and tcp(22099)
    assert daemon.fds() > 1100
    before = daemon.cpu()
    time.sleep(0.5)
    assert daemon.cpu() - before < 0.05 * SLOW


def test_too_few_descriptors_are_reported(superd):
    lines = "".join(f"{21000 + i} stream tcp4 nowait root internal daytime\n"
                    for i in range(300))
    daemon = superd(lines, starter=[probe("dirty"), "nofile=512/512", "--"]) \
        if os.getuid() != 0 else superd(lines)
    assert tcp(21000)
    assert daemon.alive()


def test_thirty_connects_in_a_row_are_quick(superd):
    """T092"""
    superd(f"20001 stream tcp nowait nobody {probe('probe')} probe\n")
    for _ in range(30):
        start = time.monotonic()
        tcp(20001)
        assert time.monotonic() - start < 0.1 * SLOW
    for _ in range(5):
        time.sleep(0.3)
        start = time.monotonic()
        tcp(20001)
        assert time.monotonic() - start < 0.1 * SLOW
