"""The log: one line per event, printable, never blocking."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time

import pytest
from conftest import SLOW, SUPERD, connect, probe, tcp, udp, wait_for

DAY = "20001 stream tcp nowait root internal daytime\n"


def test_lines_of_a_connection(superd):
    daemon = superd("20001 stream tcp nowait nobody /bin/sh sh -c 'exit 3'\n",
                    args=["-l"])
    tcp(20001)
    match = daemon.wait_log(r"^superd: start 20001/tcp pid=(\d+) "
                            r"peer=127\.0\.0\.1:\d+ children=1$")
    daemon.wait_log(rf"^superd: exit 20001/tcp pid={match[1]} status=3 "
                    r"duration=\d+\.\d{3}$")


def test_without_l_connections_are_not_logged(superd):
    daemon = superd("20001 stream tcp nowait nobody /bin/true true\n")
    tcp(20001)
    wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.read_log().count("\n") == 1       # ready


def test_peers_are_numeric_and_never_mapped(superd):
    daemon = superd("20001 stream tcp46 nowait nobody /bin/true true\n",
                    args=["-l"])
    tcp(20001)
    daemon.wait_log(r"peer=127\.0\.0\.1:\d+")
    tcp(20001, host="::1")
    daemon.wait_log(r"peer=\[::1\]:\d+")


@pytest.mark.parametrize("name", ["%n%s%s", "a\x1b[31mb", "caf\u00e9",
                                  "x" * 3000])
def test_text_from_outside_is_made_printable(superd, name):
    """T086, CVE-2001-0763"""
    daemon = superd(f"20001 stream tcp nowait nobody /nonexistent/{name} x\n")
    tcp(20001)
    wait_for(lambda: daemon.service("20001/tcp")["failed"] == 1)
    log = daemon.read_log()
    assert daemon.alive()
    lines = [line for line in log.splitlines() if " exec " in line]
    assert len(lines) == 1 and len(lines[0]) < 2100
    assert all(32 <= ord(c) < 127 for c in lines[0])


def test_journal_prefix(superd):
    daemon = superd(DAY, env=dict(os.environ, JOURNAL_STREAM="1:2"))
    assert "<6>ready: 1 service" in daemon.read_log()


@contextlib.contextmanager
def syslog(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(path))
        s.settimeout(5)
        yield s


def records(s, pattern):
    end = time.monotonic() + 5 * SLOW
    while time.monotonic() < end:
        text = s.recv(4096).decode()
        if re.search(pattern, text):
            return text
    raise AssertionError(pattern)


@pytest.mark.root
def test_detached_superd_logs_to_syslog_and_survives_its_death(tmp_path,
                                                               mounts):
    """/dev/log as a datagram socket, dead, and alive again"""
    dev = tmp_path / "dev"
    dev.mkdir()
    subprocess.run(["mount", "--rbind", "/dev", dev], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/dev"], check=True)
    for node in ("null", "zero", "tty", "urandom"):
        (open(f"/dev/{node}", "w")).close()
        subprocess.run(["mount", "--bind", dev / node, f"/dev/{node}"],
                       check=True)
    conf = tmp_path / "inetd.conf"
    conf.write_text("20001 stream tcp nowait nobody /bin/true true\n")
    pidfile = tmp_path / "pid"
    with syslog("/dev/log") as log:
        subprocess.run([SUPERD, "-l", "-p", pidfile, "--control", "none",
                        conf], check=True)
        text = records(log, "start: 1 service")
        assert re.match(r"<30>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d "
                        r"superd\[\d+\]: start: 1 service", text)
        pid = int(pidfile.read_text())
        tcp(20001)
        records(log, r"exit 20001/tcp pid=\d+ status=0")
        # nobody reads: the queue fills, and nothing blocks
        for _ in range(300):
            tcp(20001)
    try:
        os.unlink("/dev/log")
        for _ in range(20):
            tcp(20001)
        with syslog("/dev/log") as log:
            time.sleep(1.1)
            tcp(20001)
            assert "records dropped" in records(log, "dropped")
    finally:
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not pidfile.exists())


def test_debug_says_more(superd):
    daemon = superd(DAY, args=["-d"])
    daemon.wait_log("bind 20001/tcp 0.0.0.0:20001 fd=")
