"""How superd stops: who is left, waited for, asked to end, killed."""

import os
import pathlib
import re
import signal
import subprocess
import time

import pytest
from conftest import (PROCESS_1, SLOW, SUPERD, WRAPPER, connect, probe,
                      refused, require_process_1, tcp, wait_for)

def in_container(test):
    """A test of process 1, which takes root."""
    skip = pytest.mark.skipif(bool(WRAPPER),
                              reason="the wrapper would be process 1")
    return pytest.mark.root(skip(test))


CAT = "service cat { name = 20001\nserver = /bin/cat\nuser = nobody }\n"
ECHO = "service echo { name = 20002\ninternal = echo }\n"
DEAF = ("service deaf { name = 20003\nserver = /bin/sh\nuser = nobody\n"
        "server_args = {-c, \"trap '' TERM; echo here; "
        "while :; do sleep 1; done\"} }\n")
HOLD = (f"service hold {{ name = 20004\nserver = {probe('hold')}\n"
        "user = nobody\nserver_args = 600 }\n")


def serving(conf, text):
    return conf(text, args=["-l"])


def terminate(daemon):
    """SIGTERM; its end is the test's."""
    daemon.signal(signal.SIGTERM)
    daemon.stopped = True


def ended(daemon, timeout=10):
    """Its status, once it has ended."""
    return daemon.process.wait(timeout * SLOW)


def asked(s):
    s.sendall(b"x")
    return s.recv(1) == b"x"


@pytest.mark.root
def test_children_are_left_by_default_and_logged(conf):
    daemon = serving(conf, "stop_timeout = 1s\n" + CAT + ECHO)
    with connect(20001) as s, connect(20002) as t:
        assert asked(s) and asked(t)
        terminate(daemon)
        assert ended(daemon) == 0
        assert asked(s) and asked(t)
        assert re.search(r"^.*left cat pid=\d+ duration=", daemon.read_log(),
                         re.M)
        assert re.search(r"left echo pid=\d+ duration=", daemon.read_log())


@pytest.mark.root
def test_drain_serves_whoever_is_there_and_nobody_else(conf):
    """and ends with the last of them, long before the time is over"""
    daemon = serving(conf, "stop = drain\nstop_timeout = 1h\n" + CAT + ECHO)
    with connect(20001) as s:
        with connect(20002) as t:
            assert asked(s) and asked(t)
            terminate(daemon)
            wait_for(lambda: refused(20001) and refused(20002))
            assert asked(s) and asked(t)
        # longer than it takes to leave somebody
        end = time.monotonic() + 2
        while time.monotonic() < end:
            assert asked(s) and daemon.alive()
            time.sleep(0.05)
    assert ended(daemon) == 0
    log = daemon.read_log()
    assert " left " not in log and "SIGTERM" not in log
    assert re.search(r"exit cat pid=\d+ status=0", log)
    assert re.search(r"exit echo pid=\d+ status=0", log)


@pytest.mark.root
def test_drain_without_clients_ends_at_once(conf):
    daemon = serving(conf, "stop = drain\nstop_timeout = 1h\n" + CAT + ECHO)
    terminate(daemon)
    assert ended(daemon) == 0


@pytest.mark.root
def test_drain_ends_whoever_stays_in_time(conf):
    """first asked to, then made to; all are recorded"""
    daemon = serving(conf, "stop = drain\nstop_timeout = 4s\n" + HOLD + DEAF + ECHO)
    with connect(20004) as s, connect(20003) as t, connect(20002) as u:
        assert s.recv(100) and t.recv(100) == b"here\n" and asked(u)
        terminate(daemon)
        assert ended(daemon) == 0
        assert s.recv(10) == t.recv(10) == u.recv(10) == b""
    log = daemon.read_log()
    assert re.search(r"SIGTERM to 3 children(.|\n)*SIGKILL to 1 child\n", log)
    assert re.search(r"exit hold pid=\d+ signal=15", log)
    assert re.search(r"exit deaf pid=\d+ signal=9", log)
    assert " left " not in log


@pytest.mark.root
def test_drain_asks_servers_to_end_that_have_the_socket(conf):
    """they would take new clients for the whole time"""
    daemon = serving(conf, "stop = drain\nstop_timeout = 1h\n"
                  "service waits { name = 20005\nuser = nobody\nwait = yes\n"
                  "server = /bin/sleep\nserver_args = 600 }\n")
    with connect(20005):
        daemon.wait_log(r"start waits pid=")
        terminate(daemon)
        assert ended(daemon) == 0
    assert re.search(r"exit waits pid=\d+ signal=15", daemon.read_log())


@pytest.mark.root
def test_kill_asks_at_once(conf):
    daemon = serving(conf, "stop = kill\nstop_timeout = 1h\n" + CAT + ECHO + HOLD)
    with connect(20001) as s, connect(20002) as t, connect(20004) as u:
        assert asked(s) and asked(t) and u.recv(100)
        terminate(daemon)
        assert ended(daemon) == 0
        assert s.recv(10) == t.recv(10) == u.recv(10) == b""


@pytest.mark.root
def test_kill_kills_once_its_time_is_over(conf):
    daemon = serving(conf, "stop = kill\nstop_timeout = 1s\n" + DEAF)
    with connect(20003) as s:
        assert s.recv(100) == b"here\n"
        terminate(daemon)
        assert ended(daemon) == 0
        assert s.recv(10) == b""
    assert re.search(r"exit deaf pid=\d+ signal=9", daemon.read_log())


@pytest.mark.root
def test_second_signal_ends_a_drain(conf):
    """whoever is served then is left"""
    daemon = serving(conf, "stop = drain\nstop_timeout = 1h\n" + CAT)
    with connect(20001) as s:
        assert asked(s)
        terminate(daemon)
        wait_for(lambda: refused(20001))
        assert asked(s) and daemon.alive()
        daemon.signal(signal.SIGTERM)
        assert ended(daemon) == 0
        assert asked(s)
    assert re.search(r"left cat pid=\d+", daemon.read_log())


@pytest.mark.root
def test_reload_decides_how_the_next_stop_goes(conf):
    daemon = serving(conf, "stop_timeout = 1h\n" + CAT)
    assert daemon.reload("stop = kill\nstop_timeout = 1h\n" + CAT)[0] == 0
    with connect(20001) as s:
        assert asked(s)
        terminate(daemon)
        assert ended(daemon) == 0
        assert s.recv(10) == b""


# Process 1.

class Container:
    """superd as process 1 of a pid namespace."""

    def __init__(self, path, conf, file="inetd.conf", starter=()):
        self.conf = path / file
        self.conf.write_text(conf)
        require_process_1()
        self.process = subprocess.Popen(
            [*PROCESS_1, *starter, SUPERD, "-F", "-p", "none", "--control", path / "c",
             self.conf],
            stderr=subprocess.PIPE, text=True)
        while "ready" not in self.process.stderr.readline():
            assert self.process.poll() is None
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        self.pid = int(pathlib.Path(path).read_text().split()[0])

    def children(self):
        path = f"/proc/{self.pid}/task/{self.pid}/children"
        return pathlib.Path(path).read_text().split()

    def terminate(self):
        os.kill(self.pid, signal.SIGTERM)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()


STUBBORN = ("20003 stream tcp nowait nobody /bin/sh sh -c \"trap '' TERM; "
            "echo here; sleep 60; sleep 60\"\n")


@in_container
def test_process_1_ends_in_time_though_a_child_will_not(tmp_path):
    """another child that does end must not put the deadline off"""
    conf = f"20001 stream tcp nowait nobody {probe('hold')} hold 60\n"
    with Container(tmp_path, conf + STUBBORN) as container, \
            connect(20001) as s, connect(20003, timeout=20) as t:
        assert s.recv(100) and t.recv(100) == b"here\n"
        container.terminate()
        assert container.process.wait(12 * SLOW) == 0
        assert t.recv(10) == b""


@in_container
def test_second_sigterm_ends_process_1_at_once(tmp_path):
    with Container(tmp_path, STUBBORN) as container, connect(20003) as t:
        assert t.recv(100) == b"here\n"
        container.terminate()
        wait_for(lambda: refused(20003))
        assert container.process.poll() is None
        container.terminate()
        assert container.process.wait(2 * SLOW) == 0


@in_container
def test_process_1_of_a_container_reaps_and_takes_its_children_along(
        tmp_path):
    """orphans are reaped; whoever is served gets SIGTERM"""
    conf = (f"20001 stream tcp nowait nobody {probe('hold')} hold 60\n"
            "20002 stream tcp nowait nobody /bin/sh sh -c "
            "'(sleep 0.2 >/dev/null 2>&1 &) ; echo orphan'\n")
    with Container(tmp_path, conf) as container, connect(20001) as s:
        assert s.recv(100)
        assert tcp(20002) == b"orphan\n"
        wait_for(lambda: len(container.children()) == 1)
        container.terminate()
        assert container.process.wait(5 * SLOW) == 0
        assert s.recv(10) == b""


@in_container
def test_process_1_drains(tmp_path):
    """it lives as long as its last client, which is not hurried"""
    text = "stop = drain\nstop_timeout = 1h\n" + CAT + ECHO
    with Container(tmp_path, text, "superd.conf") as container, \
            connect(20001) as s, connect(20002) as t:
        assert asked(s) and asked(t)
        container.terminate()
        wait_for(lambda: refused(20001) and refused(20002))
        assert asked(s) and asked(t)
        s.close()
        assert asked(t) and container.process.poll() is None
        t.close()
        assert container.process.wait(10 * SLOW) == 0


READ_ONLY = ["sh", "-c", "mount --make-rprivate / && "
             "mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && "
             "mount -o remount,ro /dev && mount -o remount,bind,ro / && exec \"$@\"", "sh"]


@in_container
def test_process_1_needs_no_writable_root_and_no_log_socket(tmp_path):
    """it serves, and logs to standard error"""
    text = "control = none\n" + CAT
    daemon = tmp_path / "superd.conf"
    daemon.write_text(text)
    require_process_1()
    argv = [*PROCESS_1, "-m", *READ_ONLY, SUPERD, "-F", "-l", daemon]
    probe_root = subprocess.run([*PROCESS_1, "-m", *READ_ONLY, "true"],
                                capture_output=True, text=True)
    if probe_root.returncode != 0:
        pytest.skip("no read-only root here: " + probe_root.stderr)
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)
    try:
        lines = []
        while not any("ready" in line for line in lines):
            lines.append(process.stderr.readline())
            assert lines[-1] != "", lines
        with connect(20001) as s:
            assert asked(s)
        line = ""
        while "exit cat" not in line:
            line = process.stderr.readline()
            assert line != ""
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
