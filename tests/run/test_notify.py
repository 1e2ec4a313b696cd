"""sd_notify's protocol."""

import os
import re
import socket
import time

import pytest
from conftest import SLOW, State, probe, tcp

CONF = f"20001 stream tcp nowait root {probe('probe')} probe\n"


def test_ready_reloading_stopping(superd, tmp_path):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(path)
        s.settimeout(5)
        daemon = superd(CONF, env=dict(os.environ, NOTIFY_SOCKET=path))
        text = s.recv(4096).decode()
        assert text.startswith("READY=1\n")
        assert f"MAINPID={daemon.pid}" in text and "STATUS=1 service" in text
        assert "NOTIFY_SOCKET" not in State(tcp(20001)).env
        before = time.monotonic() * 1e6
        daemon.hup()
        text = s.recv(4096).decode()
        assert text.startswith("RELOADING=1\n")
        usec = int(re.search(r"MONOTONIC_USEC=(\d+)", text)[1])
        assert before <= usec <= time.monotonic() * 1e6
        assert s.recv(4096).startswith(b"READY=1\n")
        daemon.stop()
        assert s.recv(4096) == b"STOPPING=1"


def test_watchdog(superd, tmp_path):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(path)
        s.settimeout(5)
        superd(CONF, env=dict(os.environ, NOTIFY_SOCKET=path,
                              WATCHDOG_USEC="200000"))
        got = [s.recv(4096) for _ in range(4)]
        assert got.count(b"WATCHDOG=1") == 3


def test_abstract_notify_socket(superd):
    """sd_notify(3): a leading @ stands for a NUL"""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind("\0superd-test")
        s.settimeout(5 * SLOW)
        superd(CONF, env=dict(os.environ, NOTIFY_SOCKET="@superd-test"))
        assert s.recv(4096).startswith(b"READY=1\n")


def test_refused_reload_ends_in_ready_again(superd, tmp_path):
    """systemd would wait for ever, else"""
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(path)
        s.settimeout(5 * SLOW)
        daemon = superd(CONF, env=dict(os.environ, NOTIFY_SOCKET=path))
        s.recv(4096)
        daemon.hup("garbage\n")
        assert s.recv(4096).startswith(b"RELOADING=1\n")
        text = s.recv(4096)
        assert text.startswith(b"READY=1\n") and b"refused" in text


def test_ready_only_when_every_socket_is_bound(superd, tmp_path):
    path = str(tmp_path / "notify")
    lines = "".join(f"{21000 + i} stream tcp4 nowait root internal daytime\n"
                    for i in range(300))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(path)
        s.settimeout(10 * SLOW)
        superd(lines, env=dict(os.environ, NOTIFY_SOCKET=path), ready=False)
        assert s.recv(4096).startswith(b"READY=1\n")
        assert tcp(21000) and tcp(21299)


def test_notify_socket_that_nobody_reads_blocks_nobody(superd, tmp_path):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(path)
        daemon = superd(CONF, env=dict(os.environ, NOTIFY_SOCKET=path,
                                       WATCHDOG_USEC="2000"))
        for _ in range(50):
            daemon.reload()
        assert tcp(20001)


def test_watchdog_of_another_process_is_not_ours(superd, tmp_path):
    """sd_watchdog_enabled(3): WATCHDOG_PID"""
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(path)
        s.settimeout(1)
        superd(CONF, env=dict(os.environ, NOTIFY_SOCKET=path,
                              WATCHDOG_USEC="100000", WATCHDOG_PID="1"))
        assert s.recv(4096).startswith(b"READY=1\n")
        with pytest.raises(TimeoutError):
            s.recv(4096)


def test_dead_notify_socket_is_no_problem(superd):
    superd(CONF, env=dict(os.environ, NOTIFY_SOCKET="/nonexistent/socket"))
    assert tcp(20001)
