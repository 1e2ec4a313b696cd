"""The processes of a busy superd, and what each of them may do."""

import os
import pathlib
import re
import signal
import subprocess

import pytest
from conftest import (SUPERD, WRAPPER, check_no_rights, connect,
                      process_status)
from test_loader import ctl, names, outcome, resolver_of    # noqa: F401

VERSION = subprocess.run([SUPERD, "-V"], capture_output=True, text=True,
                         check=True).stdout
CONF = ("load_timeout = 1m\n"
        "service echo { name = 20001\ninternal = echo }\n"
        "service cat { name = 20002\nserver = /bin/cat\nuser = nobody }\n")
MORE = "service s { name = 20003\ninternal = echo\nbind = dead.example }\n"
RIGHTS = ("CapEff", "CapPrm", "CapBnd")

pytestmark = [pytest.mark.root, pytest.mark.skipif(
    bool(WRAPPER) or "asan" in SUPERD, reason="they have more than superd")]


def files(pid):
    """What its descriptors are, by number."""
    where = f"/proc/{pid}/fd"
    return {int(fd): os.readlink(f"{where}/{fd}") for fd in os.listdir(where)}


def listener(port):
    """The listener of ours that has this port, as /proc names it."""
    text = pathlib.Path("/proc/self/net/tcp").read_text() + \
        pathlib.Path("/proc/self/net/tcp6").read_text()
    pattern = re.compile(rf"\s*\d+: [0-9A-F]+:{port:04X} [0-9A-F]+:0000 0A")
    return {f"socket:[{line.split()[9]}]" for line in text.splitlines()
            if pattern.match(line)}


def check_root(pid):
    """All rights of its starter, whose files it sees."""
    status, ours = process_status(pid), process_status("self")
    assert status["Uid"].split() == ["0"] * 4
    assert [status[name] for name in RIGHTS] == [ours[name] for name in RIGHTS]
    assert os.readlink(f"/proc/{pid}/root") == os.readlink("/proc/self/root")


@pytest.fixture
def asking(conf, names):    # noqa: F811
    """superd that loads: the daemon, the loader, and who asks for it a name
    server that does not answer."""
    daemon = conf(CONF)
    daemon.write(CONF + MORE)
    process = ctl(daemon, "reload")
    names.recv(512)
    loader, resolver = resolver_of(daemon)
    # as long as the test looks
    os.kill(resolver, signal.SIGSTOP)
    yield daemon, loader, resolver
    os.kill(resolver, signal.SIGCONT)
    assert outcome(process)[0] == 3


def test_each_process_has_what_its_work_needs(asking):
    daemon, loader, resolver = asking
    with connect(20001) as echo, connect(20002) as cat:
        for s in (echo, cat):
            s.sendall(b"x")
            assert s.recv(1) == b"x"
        listeners = listener(20001) | listener(20002)
        internal, = (one["pid"] for one in daemon.status()["workers"])
        child, = (one["pid"] for one in daemon.service("cat")["children"])
        check_root(daemon.pid)
        check_root(loader)
        check_internal(internal)
        check_asker(resolver, listeners)
        check_child(child, listeners)
        # no port of the daemon's is the loader's, and no client
        assert not listeners & set(files(loader).values())
        assert listeners <= set(files(daemon.pid).values())


def check_internal(pid):
    check_no_rights(pid)
    assert os.listdir(f"/proc/{pid}/root") == [] or \
        os.readlink(f"/proc/{pid}/root").startswith("/proc/")
    if "+seccomp" in VERSION:
        assert process_status(pid)["Seccomp"] == "2"
    have = files(pid)
    assert listener(20001) <= set(have.values())
    assert not listener(20002) & set(have.values())
    # nothing that leads to a file
    for name in have.values():
        assert name == "/dev/null" or \
            re.match(r"socket:|anon_inode:|pipe:|/memfd:", name), name


def check_asker(pid, listeners):
    check_no_rights(pid)
    assert not listeners & set(files(pid).values())
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    assert re.search(r"Max processes +0 +0 ", limits)
    assert re.search(r"Max file size +0 +0 ", limits)


def check_child(pid, listeners):
    """A program of somebody else's, with its connection and no more."""
    status = process_status(pid)
    assert status["Uid"].split() == ["65534"] * 4
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    have = files(pid)
    assert sorted(have) == [0, 1, 2]
    assert len(set(have.values())) == 1 and \
        not listeners & set(have.values())
