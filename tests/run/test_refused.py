"""Clients that are refused: what they are told, and what they cost."""

import contextlib
import signal
import socket

import pytest
from conftest import SLOW, connect, tcp, wait_for
from test_lent import elsewhen


@pytest.fixture
def refusing(conf, tmp_path):
    """A daemon that serves daytime, and refuses everybody else."""
    def start(where):
        (tmp_path / "sorry").write_text("sorry\n")
        return conf(
            f"service s {{ name = {where}\nserver = /bin/cat\nuser = nobody\n"
            f"banner_fail = {tmp_path / 'sorry'}\n"
            f"access_times = {{\"{elsewhen()}-{elsewhen()}\"}} }}\n"
            "service fine { name = 20002\ninternal = daytime }\n")
    return start


def open_to(where):
    if isinstance(where, int):
        return connect(where)
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(5 * SLOW)
    s.connect(str(where))
    return s


@contextlib.contextmanager
def stopped(daemon):
    """What comes meanwhile has come before superd looks."""
    daemon.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        daemon.signal(signal.SIGCONT)


def until_end(s):
    """A reset is not the end."""
    data = b""
    while block := s.recv(1000):
        data += block
    return data


def refusals(daemon):
    return daemon.service("s")["refused"].get("time", 0)


@pytest.mark.root
@pytest.mark.parametrize("family", ["tcp", "unix"])
def test_refusal_arrives_whatever_the_client_has_sent(refusing, tmp_path,
                                                      family):
    where = 20001 if family == "tcp" else tmp_path / "sock"
    daemon = refusing(where)
    for octets in (0, 1, 1023, 30000):
        with contextlib.ExitStack() as stack:
            with stopped(daemon):
                clients = [stack.enter_context(open_to(where))
                           for _ in range(5)]
                for s in clients:
                    s.sendall(b"x" * octets)
            for s in clients:
                assert until_end(s) == b"sorry\n"


@pytest.mark.root
def test_flood_of_refused_clients_takes_few_descriptors(refusing):
    """though each has sent something, and stays"""
    daemon = refusing(20001)
    assert tcp(20002)
    before = daemon.fds()
    with contextlib.ExitStack() as stack:
        for i in range(8):
            with stopped(daemon):
                clients = [stack.enter_context(connect(20001))
                           for _ in range(30)]
                for s in clients:
                    s.sendall(b"x")
            wait_for(lambda: refusals(daemon) == 30 * (i + 1))
            # superctl has one, too
            assert daemon.fds() <= before + 64 + 4
            assert tcp(20002)
        # the last ones have had their time
        for s in clients:
            assert until_end(s) == b"sorry\n"
        wait_for(lambda: daemon.fds() <= before, 10)
