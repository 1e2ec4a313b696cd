"""The daemon under the name xinetd: its options and its signals."""

import os
import pathlib
import random
import re
import signal
import socket
import stat
import subprocess

import pytest
from conftest import (SLOW, SUPERD, WRAPPER, connect, probe, read_all,
                      refused, tcp, wait_for)
from test_ident import OURS, identd
from test_xinetd import stanza

XINETD = os.path.join(os.path.dirname(SUPERD), "xinetd")
pytestmark = pytest.mark.root


class Daemon:
    def __init__(self, path, conf, args):
        if conf is not None:        # or else that of /etc
            self.conf = path / "xinetd.conf"
            self.conf.write_text(conf)
            args = ["-f", self.conf, *args]
        self.log = path / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*WRAPPER, XINETD, *args], stderr=log,
                stdin=subprocess.DEVNULL)

    def wait_log(self, text, count=1):
        wait_for(lambda: self.log.read_text().count(text) >= count, 10,
                 f"{text!r} in the log")

    def child_pids(self):
        pid = self.process.pid
        path = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
        return path.read_text().split()

    def signal(self, signo):
        self.process.send_signal(signo)

    def ended(self):
        return self.process.wait(20 * SLOW)


@pytest.fixture
def run_directory(tmp_path, mounts):
    """A /run of our own: dumps, pid files and sockets are there."""
    path = tmp_path / "run"
    path.mkdir()
    mounts(path, "/run")
    return path


@pytest.fixture
def xinetd(tmp_path, run_directory):
    running = []

    def start(conf, *args):
        daemon = Daemon(tmp_path, conf, ["-dontfork", *args])
        running.append(daemon)
        daemon.wait_log("ready:")
        return daemon

    yield start
    for daemon in running:
        if daemon.process.poll() is None:
            daemon.process.terminate()
            assert daemon.ended() == 0
        text = daemon.log.read_text()
        print(text)
        assert "Sanitizer" not in text and "runtime error" not in text


HOLD = stanza(server=probe("hold"), server_args="60")
# it is asked to end, and does not
STUBBORN = stanza(server="/bin/sh", server_args=
                  """-c 'trap "" TERM; echo held; sleep 60 & wait; wait'""")


def held(port=20001):
    s = connect(port, timeout=30)
    assert s.recv(100).startswith(b"held")
    return s


# Signals.

def test_term_ends_the_servers_and_then_the_daemon(xinetd):
    daemon = xinetd(HOLD)
    with held() as one, held() as two:
        daemon.signal(signal.SIGTERM)
        assert read_all(one) == b"" and read_all(two) == b""
        assert daemon.ended() == 0
    assert refused(20001)
    assert not os.path.exists("/run/xinetd.pid")


@pytest.mark.parametrize("again", [True, False])
def test_term_waits_ten_seconds_at_most(xinetd, again):
    daemon = xinetd(STUBBORN)
    with held() as s:
        daemon.signal(signal.SIGTERM)
        daemon.wait_log("stop: 1 child")
        wait_for(lambda: refused(20001))    # nobody is served meanwhile
        assert daemon.process.poll() is None
        if again:           # somebody has no patience
            daemon.signal(signal.SIGTERM)
        assert daemon.ended() == 0
        s.settimeout(0.1)
        with pytest.raises(TimeoutError):
            s.recv(1)


def test_term_ends_what_waits_for_datagrams(xinetd):
    daemon = xinetd(stanza(socket_type="dgram", protocol="udp", wait="yes",
                           server=probe("serve")))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(10 * SLOW)
        s.sendto(b"x", ("127.0.0.1", 20001))
        pid = int(re.search(rb"\d+", s.recv(100))[0])
        daemon.signal(signal.SIGTERM)
        assert daemon.ended() == 0
        wait_for(lambda: not os.path.exists(f"/proc/{pid}"))


ECHO = stanza("echo", 20007, type="INTERNAL UNLISTED", server=None)


def test_term_ends_the_connections_of_workers(xinetd):
    """as it should be: no worker is reported as lost"""
    daemon = xinetd(ECHO)
    with connect(20007) as s:
        s.sendall(b"abc")
        assert s.recv(3) == b"abc"
        daemon.signal(signal.SIGTERM)
        assert read_all(s) == b""
        assert daemon.ended() == 0
    assert "error" not in daemon.log.read_text()


def test_term_lets_nobody_in_who_was_still_asked_for(xinetd, veth, identd):
    """his host answers in the moment in which superd is told to end"""
    server = identd(None)
    daemon = xinetd(stanza("echo", 20007, type="INTERNAL UNLISTED",
                           server=None, flags="IDONLY NOLIBWRAP"))
    with veth.peer(), connect(20007, OURS) as s:
        wait_for(lambda: server.held)
        daemon.signal(signal.SIGSTOP)
        query = server.queries[0][0].strip()
        server.held[0].sendall(f"{query} : USERID : UNIX : alice\r\n"
                               .encode())
        child, = (pid for pid in daemon.child_pids() if "internal" not in
                  pathlib.Path(f"/proc/{pid}/cmdline").read_text())
        wait_for(lambda: ") Z " in
                 pathlib.Path(f"/proc/{child}/stat").read_text())
        daemon.signal(signal.SIGTERM)
        daemon.signal(signal.SIGCONT)
        assert read_all(s) == b""
        assert daemon.process.wait(5 * SLOW) == 0


def test_counts_are_right_after_much_coming_and_going(xinetd):
    """of services, clients, pools and who waits; over reloads, too"""
    text = "".join(stanza(name, port, server=probe("hold"), server_args="60",
                          log_on_failure="HOST")
                   for name, port in (("a", 20001), ("b", 20002)))
    more = stanza("c", 20003, server=probe("hold"))
    daemon = xinetd(text, "-limit", "12")
    order = random.Random(4711)
    sockets = []
    for i in range(600):
        if order.random() < 0.55:
            sockets.append(connect(order.choice((20001, 20002)), source=(
                f"127.0.1.{order.choice((1, 1, 1, 1, 1, 1, 1, 2, 3))}", 0)))
        elif sockets:
            sockets.pop(order.randrange(len(sockets))).close()
        if i % 100 == 99:
            daemon.conf.write_text(text + more if i % 200 == 99 else text)
            daemon.signal(signal.SIGHUP)
            daemon.wait_log("reload: ", i // 100 + 1)
            daemon.signal(signal.SIGIO)
            daemon.wait_log("check: the state is consistent", i // 100 + 1)
    for s in sockets:
        s.close()
    assert "per_source_limit" in daemon.log.read_text()
    assert "not consistent" not in daemon.log.read_text()


def test_hup_opens_no_port_of_a_daemon_that_ends(xinetd):
    daemon = xinetd(STUBBORN)
    with held():
        daemon.signal(signal.SIGTERM)
        daemon.wait_log("stop: 1 child")
        daemon.conf.write_text(STUBBORN + stanza("two", 20002))
        daemon.signal(signal.SIGHUP)
        daemon.signal(signal.SIGIO)
        daemon.wait_log("check: the state is consistent")
        assert refused(20002)
        daemon.signal(signal.SIGTERM)
        assert daemon.ended() == 0


def test_quit_leaves_the_servers(xinetd):
    daemon = xinetd(HOLD)
    with held() as s:
        daemon.signal(signal.SIGQUIT)
        assert daemon.ended() == 0
        s.settimeout(0.1)
        with pytest.raises(TimeoutError):
            s.recv(1)


def test_superd_itself_leaves_its_servers_on_term(superd):
    daemon = superd(HOLD, file="xinetd.conf")
    with held() as s:
        daemon.signal(signal.SIGTERM)
        daemon.ended()
        s.settimeout(0.1)
        with pytest.raises(TimeoutError):
            s.recv(1)


@pytest.mark.parametrize("signo", [signal.SIGHUP, signal.SIGUSR2])
def test_hup_and_usr2_read_the_files_again(xinetd, signo):
    daemon = xinetd(stanza())
    daemon.conf.write_text(stanza(port=20002))
    daemon.signal(signo)
    daemon.wait_log("reload: ")
    assert refused(20001) and tcp(20002)


def test_usr1_writes_the_state_to_the_dump_file(xinetd, run_directory):
    daemon = xinetd(HOLD)
    dump = run_directory / "xinetd.dump"
    with held() as s:
        daemon.signal(signal.SIGUSR1)
        daemon.wait_log("dump: /run/xinetd.dump")
        text = dump.read_text()
        assert re.search(r"^one +listening +1 ", text, re.M)
        assert "peer 127.0.0.1:%d" % s.getsockname()[1] in text
        assert stat.S_IMODE(dump.stat().st_mode) == 0o600
    # again, whole and without what was there
    dump.write_text("x" * 100000)
    daemon.signal(signal.SIGUSR1)
    daemon.wait_log("dump: /run/xinetd.dump", 2)
    assert dump.read_text().startswith("superd ")
    assert "xxx" not in dump.read_text()
    assert [path.name for path in run_directory.iterdir()
            if "dump" in path.name] == ["xinetd.dump"]


def test_dump_follows_no_link(xinetd, run_directory, tmp_path):
    """xinetd 2.1.8.5"""
    victim = tmp_path / "victim"
    victim.write_text("mine\n")
    (run_directory / "xinetd.dump").symlink_to(victim)
    daemon = xinetd(stanza())
    daemon.signal(signal.SIGUSR1)
    daemon.wait_log("dump: /run/xinetd.dump")
    assert victim.read_text() == "mine\n"
    assert not (run_directory / "xinetd.dump").is_symlink()


def test_dump_that_cannot_be_written_is_told(xinetd, run_directory):
    daemon = xinetd(stanza())
    (run_directory / "xinetd.dump").mkdir()
    daemon.signal(signal.SIGUSR1)
    daemon.wait_log("dump: cannot write /run/xinetd.dump: Is a directory")
    assert [path.name for path in run_directory.iterdir()
            if "dump" in path.name] == ["xinetd.dump"]
    assert tcp(20001)


def test_state_with_connections_of_workers_is_consistent(xinetd, veth,
                                                         identd):
    """those that run, one that is asked for, those of a service that goes"""
    server = identd(None)
    echo = {"type": "INTERNAL UNLISTED", "server": None}
    asked = stanza("asked", 20008, id="asked", type="UNLISTED", server=None,
                   redirect="127.0.0.1 20007",
                   flags="IDONLY NOLIBWRAP", per_source=3)
    daemon = xinetd(stanza("echo", 20007, per_source=5, **echo) + asked)
    with connect(20007) as s, connect(20007) as t, veth.peer(), \
            connect(20008, OURS) as u:
        for one in (s, t):
            one.sendall(b"abc")
            assert one.recv(3) == b"abc"
        wait_for(lambda: server.held)
        daemon.signal(signal.SIGABRT)
        daemon.wait_log("check: the state is consistent")
        t.close()
        query = server.queries[0][0].strip()
        server.held[0].sendall(f"{query} : USERID : UNIX : alice\r\n"
                               .encode())
        u.sendall(b"x")
        assert u.recv(1) == b"x"
        daemon.signal(signal.SIGABRT)
        daemon.wait_log("check: the state is consistent", 2)
        daemon.conf.write_text(asked)
        daemon.signal(signal.SIGHUP)
        daemon.wait_log("reload: ")
        daemon.signal(signal.SIGABRT)
        daemon.wait_log("check: the state is consistent", 3)
    assert "not consistent" not in daemon.log.read_text()


@pytest.mark.parametrize("signo", [signal.SIGABRT, signal.SIGIO])
def test_abrt_checks_the_state(xinetd, signo):
    daemon = xinetd(
        HOLD + stanza("two", 20002, socket_type="dgram", protocol="udp",
                      wait="yes", server=probe("serve")) +
        stanza("three", 20003))
    with held(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(10 * SLOW)
        s.sendto(b"x", ("127.0.0.1", 20002))
        assert s.recv(100)
        daemon.signal(signo)
        daemon.wait_log("check: the state is consistent")
        # also with the children of a service that is gone
        daemon.conf.write_text(stanza("three", 20003))
        daemon.signal(signal.SIGHUP)
        daemon.wait_log("reload: ")
        daemon.signal(signo)
        daemon.wait_log("check: the state is consistent", 2)
    assert "not consistent" not in daemon.log.read_text()
    assert tcp(20003)


def test_children_have_none_of_these_signals_blocked(xinetd):
    xinetd(stanza(server="/bin/cat", server_args="/proc/self/status"))
    status = tcp(20001).decode()
    for word in ("SigBlk", "SigIgn", "SigCgt"):
        assert re.search(rf"^{word}:\t0+$", status, re.M), status


# Options.

def run(*args):
    return subprocess.run([XINETD, *map(str, args)], capture_output=True,
                          text=True, timeout=60 * SLOW)


def test_all_options_are_taken(xinetd, run_directory, tmp_path):
    xinetd(stanza(), "-syslog", "daemon", "-pidfile", tmp_path / "x.pid",
           "-stayalive", "-limit", "10", "-logprocs", "5", "-cc", "60",
           "-reuse", "-inetd_ipv6", "-shutdownprocs", "3")
    assert tcp(20001)
    assert (tmp_path / "x.pid").exists()
    assert not (run_directory / "xinetd.pid").exists()


def test_pid_file_is_the_one_of_xinetd(xinetd, run_directory):
    daemon = xinetd(stanza())
    assert (run_directory / "xinetd.pid").read_text().strip() == \
        str(daemon.process.pid)


def test_limit_bounds_the_servers_of_all_services(xinetd):
    xinetd(HOLD + stanza("two", 20002, server=probe("hold")), "-limit", "1")
    with held():
        with connect(20002) as s:
            s.settimeout(0.2)
            with pytest.raises(TimeoutError):
                s.recv(1)
            s.settimeout(10 * SLOW)
    # the first one has ended: it was not refused, it waited
    with held(20002):
        pass


@pytest.mark.parametrize("args,message", [
    (["-nonsense"], "-nonsense: unknown option"),
    (["file"], "file: unknown option"),
    (["-f"], "-f: expected a file"),
    (["-limit", "many"], "-limit many: expected a number of children"),
    (["-limit", "0"], "-limit 0: expected a number of children"),
    (["-logprocs", "x"], "-logprocs x: expected a number"),
    (["-cc", "-1"], "-cc -1: expected a number"),
    (["-shutdownprocs"], "-shutdownprocs: expected a number"),
])
def test_what_is_no_option_ends_it_with_2(args, message):
    done = run(*args)
    assert done.returncode == 2
    assert f"xinetd: {message}" in done.stderr and done.stdout == ""


def test_version_prints_and_ends():
    done = run("-version")
    assert done.returncode == 0 and done.stdout.startswith("superd ")


def test_without_services_it_does_not_start(tmp_path, run_directory):
    conf = tmp_path / "c"
    conf.write_text(stanza(disable="yes"))
    done = run("-d", "-f", conf)
    assert done.returncode == 1
    assert "not started: no services" in done.stderr
    assert not (run_directory / "xinetd.pid").exists()


@pytest.mark.parametrize("option", ["-stayalive", "-dontfork"])
def test_without_services_it_starts_if_it_is_told_to(xinetd, option):
    daemon = xinetd(stanza(disable="yes"), option)
    daemon.conf.write_text(stanza())
    daemon.signal(signal.SIGHUP)
    daemon.wait_log("reload: ")
    assert tcp(20001)


def test_a_reload_to_no_services_leaves_it_running(xinetd):
    """xinetd exits: nobody would see the next file"""
    daemon = xinetd(stanza())
    daemon.conf.write_text(stanza(disable="yes"))
    daemon.signal(signal.SIGHUP)
    daemon.wait_log("reload: ")
    assert refused(20001)
    daemon.conf.write_text(stanza())
    daemon.signal(signal.SIGHUP)
    daemon.wait_log("reload: ", 2)
    assert tcp(20001)


def test_d_stays_in_the_foreground_and_says_more(tmp_path, run_directory):
    daemon = Daemon(tmp_path, stanza(), ["-d"])
    try:
        daemon.wait_log("ready:")
        assert tcp(20001)
        assert (run_directory / "xinetd.pid").read_text().strip() == \
            str(daemon.process.pid)
    finally:
        daemon.process.terminate()
        assert daemon.ended() == 0


def test_without_options_it_detaches_and_reads_etc(tmp_path, mounts,
                                                   run_directory):
    pathlib.Path("/etc/xinetd.conf").write_text(stanza())
    done = run()
    try:
        assert done.returncode == 0, done.stderr
        assert tcp(20001)
    finally:
        pid = int((run_directory / "xinetd.pid").read_text())
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not os.path.exists(f"/proc/{pid}") or
                 "\tZ" in pathlib.Path(f"/proc/{pid}/status").read_text())


def test_its_file_is_xinetds_whatever_it_looks_like(xinetd):
    """and what xinetd would do with it is told"""
    daemon = xinetd(stanza().replace("\n{", " {"))
    assert tcp(20001)
    daemon.wait_log('1:1: warning: xinetd skips this entry: its "{" is not '
                    'on a line of its own')
