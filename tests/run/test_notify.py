"""sd_notify's protocol."""

import os
import re
import socket
import time

from conftest import State, probe, tcp

CONF = f"20001 stream tcp nowait root {probe('probe')} probe\n"


def test_ready_reloading_stopping(superd, tmp_path):
    """T098"""
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


def test_dead_notify_socket_is_no_problem(superd):
    superd(CONF, env=dict(os.environ, NOTIFY_SOCKET="/nonexistent/socket"))
    assert tcp(20001)
