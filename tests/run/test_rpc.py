"""Registration with rpcbind(8); a small one of our own answers here."""

import contextlib
import os
import pathlib
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest
from conftest import SLOW, SUPERD, tcp, wait_for

RPCBPROC_SET, RPCBPROC_UNSET = 1, 2
CONF = ("rstat_svc/1-3 dgram rpc/udp wait root /bin/cat cat\n"
        "20001 stream tcp nowait root /bin/echo echo served\n")


class Rpcbind:
    """RFC 1833 over RFC 5531's records: every call is answered TRUE."""

    def __init__(self, directory, delay=0):
        self.calls, self.delay = [], delay
        self.closing = threading.Event()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(directory / "rpcbind.sock"))
        self.listener.listen()
        self.listener.settimeout(0.1)
        self.thread = threading.Thread(daemon=True, target=self.run)
        self.thread.start()

    def run(self):
        while not self.closing.is_set():
            with contextlib.suppress(OSError):
                with self.listener.accept()[0] as s:
                    self.serve(s)

    def serve(self, s):
        s.settimeout(30)
        while True:
            head = s.recv(4, socket.MSG_WAITALL)
            if len(head) < 4:
                return
            length = struct.unpack("!I", head)[0] & 0x7fffffff
            call = s.recv(length, socket.MSG_WAITALL)
            xid, _, _, _, _, procedure = struct.unpack("!6I", call[:24])
            if procedure == RPCBPROC_SET:
                self.closing.wait(self.delay)
            reply = struct.pack("!7I", xid, 1, 0, 0, 0, 0, 1)
            s.sendall(struct.pack("!I", 0x80000000 | len(reply)) + reply)
            self.calls.append(procedure)

    def set_calls(self):
        return self.calls.count(RPCBPROC_SET)

    def close(self):
        self.closing.set()
        self.thread.join()
        self.listener.close()


@pytest.fixture
def no_rpcbind(tmp_path, mounts):
    """A directory over /run: whoever binds rpcbind.sock there is it."""
    run, rpc = tmp_path / "run", tmp_path / "rpc"
    run.mkdir()
    rpc.write_text("rstat_svc 100001\n")
    pathlib.Path("/etc/rpc").touch()
    mounts(rpc, "/etc/rpc")
    mounts(run, "/run")
    version = subprocess.run([SUPERD, "-V"], capture_output=True, text=True,
                             check=True).stdout
    if "+rpc" not in version:
        pytest.skip("built without libtirpc")
    return run


@pytest.fixture
def rpcbind(no_rpcbind):
    """rpcbind(delay): it answers each registration after so many seconds."""
    if "asan" in SUPERD:
        pytest.skip("libtirpc calls the sanitizer's xdrmem_create, which "
                    "crashes")
    started = []

    def start(delay=0):
        started.append(Rpcbind(no_rpcbind, delay))
        return started[-1]

    yield start
    for one in started:
        one.close()


def served():
    with contextlib.suppress(OSError):
        return tcp(20001) == b"served\n"


def test_registered_before_ready(superd, rpcbind):
    """whoever waited for "ready" finds the program in rpcbind"""
    fake = rpcbind(delay=0.1)
    superd(CONF)
    assert fake.set_calls() >= 3


def test_pid_file_and_notify_come_after_registration(superd, rpcbind,
                                                     tmp_path):
    fake = rpcbind(delay=0.1)
    pid_file = tmp_path / "pid"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(tmp_path / "notify"))
        s.settimeout(20 * SLOW)
        superd(CONF, args=["-p", pid_file], ready=False,
               env=dict(os.environ, NOTIFY_SOCKET=str(tmp_path / "notify")))
        wait_for(lambda: pid_file.exists() and pid_file.read_text(),
                 20, "the pid file")
        assert fake.set_calls() >= 3
        assert s.recv(4096).startswith(b"READY=1\n")


def test_slow_rpcbind_delays_readiness_not_clients(superd, rpcbind):
    """ready after some three seconds, though nothing is registered yet"""
    fake = rpcbind(delay=60)
    daemon = superd(CONF, ready=False)
    wait_for(served, what="an answer")
    assert "ready:" not in daemon.read_log()
    daemon.wait_log("ready:", 10)
    assert fake.set_calls() == 0
    assert tcp(20001) == b"served\n"


def test_absent_rpcbind_delays_nothing(superd, no_rpcbind):
    before = time.monotonic()
    daemon = superd(CONF)
    assert time.monotonic() - before < 5 * SLOW
    daemon.wait_log("rpcbind refused the registrations, retrying")
    assert tcp(20001) == b"served\n"


def test_registered_when_rpcbind_comes(superd, rpcbind):
    daemon = superd(CONF)
    fake = rpcbind()
    daemon.wait_log(r"rpc: \d+ registered", 20)
    assert fake.set_calls() >= 3


def test_stopped_while_it_registers(superd, rpcbind):
    rpcbind(delay=60)
    daemon = superd(CONF, ready=False)
    wait_for(served, what="an answer")
    daemon.signal(signal.SIGTERM)
    daemon.ended(timeout=2)
    assert "ready:" not in daemon.read_log()
