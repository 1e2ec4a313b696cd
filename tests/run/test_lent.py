"""Sockets that servers had: what they leave them like stops nobody."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest
from conftest import (SLOW, SUPERD, WRAPPER, connect, probe, refused,
                      take_descriptor, tcp, udp, wait_for)

DATAGRAM = ("udp", "unix dgram")
KINDS = ("tcp", "udp", "unix stream", "unix dgram", "unix seqpacket")


class Service:
    """A wait service whose server can be a bad one or a good one."""

    def __init__(self, path, kind):
        self.path, self.kind = path, kind
        self.node, self.switch = path / "sock", path / "good"
        self.script = path / "server"
        self.good = "once" if kind in DATAGRAM else "acc"
        self.clients = 0

    def line(self, *spoil, wait="wait", user="nobody"):
        """Its configuration: bad until .switch is there."""
        self.script.write_text(
            f"#!/bin/sh\n[ -e {self.switch} ] && exec {probe(self.good)}\n"
            f"exec {probe('spoil')} {' '.join(map(str, spoil))}\n")
        self.script.chmod(0o755)
        if self.kind.startswith("unix"):
            where = f"{self.node} {self.kind[5:]} unix"
        else:
            where = {"tcp": "20001 stream tcp", "udp": "20001 dgram udp"}[
                self.kind]
        return f"{where} {wait} {user} {self.script} server\n"

    @property
    def id(self):
        return f"{self.node}/unix" if self.kind.startswith("unix") else \
            f"20001/{self.kind}"

    def _unix(self, timeout):
        kind = {"stream": socket.SOCK_STREAM, "dgram": socket.SOCK_DGRAM,
                "seqpacket": socket.SOCK_SEQPACKET}[self.kind[5:]]
        with socket.socket(socket.AF_UNIX, kind) as s:
            s.settimeout(timeout * SLOW)
            if self.kind == "unix dgram":
                self.clients += 1
                name = f"{self.path}/clients/{self.clients}"
                s.bind(name)
                os.chmod(name, 0o666)
            s.connect(str(self.node))
            s.send(b"x")
            if self.kind != "unix dgram":
                s.shutdown(socket.SHUT_WR)
            return s.recv(100)

    def ask(self, timeout=0.5):
        """Its server's answer, or nothing."""
        with contextlib.suppress(OSError):
            if self.kind == "tcp":
                return tcp(20001, b"x", timeout=timeout)
            if self.kind == "udp":
                return udp(20001, b"x", timeout=timeout)
            return self._unix(timeout)
        return None


@pytest.fixture
def service(tmp_path):
    def make(kind):
        (tmp_path / "clients").mkdir(exist_ok=True)
        return Service(tmp_path, kind)
    return make


def check_cured(daemon, service, line=None):
    """Quiet, one line at most, and soon served again."""
    before = daemon.cpu()
    time.sleep(2)
    assert daemon.cpu() - before < 0.1 * SLOW
    if line is not None:
        assert len(re.findall(line, daemon.read_log())) == 1
    service.switch.touch()
    assert wait_for(service.ask, 10)
    assert len(daemon.read_log().splitlines()) < 10


def alive(pid):
    return os.path.exists(f"/proc/{pid}/exe")


def leftover():
    """The process that the server has left behind."""
    def find():
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{pid}/exe") == \
                        os.path.realpath(probe("spoil")) and \
                        os.path.samefile(f"/proc/{pid}/ns/net",
                                         "/proc/self/ns/net"):
                    return int(pid)
        return None
    return wait_for(find)


def sockets(daemon):
    """What the daemon's descriptors are."""
    where = f"/proc/{daemon.pid}/fd"
    return {os.readlink(f"{where}/{fd}") for fd in os.listdir(where)}


def shut_for_writing(pid):
    fd = take_descriptor(pid, 0)
    with socket.socket(fileno=fd) as s:
        try:
            s.sendto(b"", ("127.0.0.1", 9) if s.family == socket.AF_INET
                     else "/nowhere")
        except BrokenPipeError:
            return True
        except OSError:
            pass
        return False


def was_idle(daemon, service):
    """A server has run, and the socket is the daemon's again."""
    state = daemon.service(service.id)
    return state["started"] >= 1 and state["state"] == "listening"


@pytest.mark.parametrize("kind,how", [
    *((kind, "shutdown") for kind in KINDS), ("udp", "shutread"),
    ("unix stream", "shutread"), ("unix dgram", "shutread"),
    ("udp", "shutwrite"), ("unix dgram", "shutwrite"), ("udp", "connect"),
    ("unix dgram", "connect"), ("udp", "errors"), ("tcp", "disconnect"),
    ("tcp", "nonblock")])
def test_socket_that_a_server_left_spoiled_serves_again(superd, service, kind,
                                                        how):
    spoiled = service(kind)
    daemon = superd(spoiled.line(how))
    spoiled.ask(0.1)
    wait_for(lambda: daemon.service(spoiled.id)["started"] == 1 and
             daemon.service(spoiled.id)["state"] != "busy")
    gone = how in ("shutdown", "shutread", "shutwrite", "disconnect") or \
        (kind, how) == ("udp", "connect")
    check_cured(daemon, spoiled, "rebind" if gone else None)


@pytest.mark.parametrize("kind,how,stay", [
    *((kind, "shutdown", 20000) for kind in KINDS), ("tcp", "shutdown", 0),
    ("udp", "shutdown", 0), ("udp", "shutread", 20000),
    ("udp", "errors", 20000), ("tcp", "disconnect", 20000)])
def test_socket_that_a_leftover_process_spoils_serves_again(superd, service,
                                                            kind, how, stay):
    """later, when superd has it again; whether that process ends or not"""
    spoiled = service(kind)
    daemon = superd(spoiled.line(how, 400, stay))
    spoiled.ask(0.1)
    wait_for(lambda: was_idle(daemon, spoiled))
    if how != "errors":
        daemon.wait_log("rebind")
    check_cured(daemon, spoiled, "rebind" if how != "errors" else None)


@pytest.mark.parametrize("kind", DATAGRAM)
def test_answers_are_not_lost_for_long_to_a_leftover_process(superd, service,
                                                             kind):
    """that shuts the socket for writing: nothing wakes superd then"""
    spoiled = service(kind)
    daemon = superd(spoiled.line("shutwrite", 300, 20000))
    spoiled.ask(0.1)
    wait_for(lambda: was_idle(daemon, spoiled))
    pid = leftover()
    spoiled.switch.touch()
    wait_for(lambda: shut_for_writing(pid))
    assert wait_for(spoiled.ask, 5)
    assert all(spoiled.ask(5) for _ in range(3))
    assert "was shut down" in daemon.read_log()


def is_locked(pid):
    """What it had as its server's descriptor 0 waits for whoever asks."""
    asker = subprocess.Popen([
        sys.executable, "-c", "import socket, sys\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from conftest import take_descriptor\n"
        "fd = take_descriptor(int(sys.argv[1]), 0)\n"
        "print(flush=True)\n"
        "s = socket.socket(fileno=fd)\n"
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 0)\n",
        str(pid), os.path.dirname(__file__)], stdout=subprocess.PIPE)
    asker.stdout.readline()
    with contextlib.suppress(subprocess.TimeoutExpired):
        asker.wait(0.5)
    asker.kill()
    return asker.poll() is None


@pytest.mark.root
@pytest.mark.parametrize("kind", KINDS)
def test_leftover_process_that_locks_the_socket_stops_no_other_service(
        superd, service, kind):
    """getsockname(2) and the like would wait for it"""
    locked = service(kind)
    line = locked.line("lock", 0, 12000, user="root")
    echo = "20007 dgram udp wait root internal echo\n"
    daemon = superd(line + echo)
    locked.ask(0.1)
    wait_for(lambda: daemon.service(locked.id)["started"] == 1)
    pid = leftover()
    if not wait_for(lambda: is_locked(pid) or not alive(pid)) or \
            not alive(pid):
        pytest.skip("no userfaultfd here")
    locked.switch.touch()
    for n in range(8):
        locked.ask(0.05)
        assert udp(20007, b"x", timeout=SLOW) == b"x"
        if n % 4 == 3:
            again = line.replace(" server\n", f" server {n}\n")
            start = time.monotonic()
            assert daemon.reload(again + echo)[0] == 0
            assert time.monotonic() - start < 2 * SLOW
        assert udp(20007, b"x", timeout=SLOW) == b"x"
    assert alive(pid)
    os.kill(pid, signal.SIGKILL)
    assert wait_for(locked.ask, 10)


@pytest.mark.root
@pytest.mark.parametrize("kind", ["tcp", "udp", "unix stream", "unix dgram"])
def test_service_of_another_user_gets_no_socket_that_a_server_had(
        superd, service, kind):
    """what the server left behind could take, or answer, its clients"""
    lent = service(kind)
    line = lent.line("nonblock", 0, 4000)
    daemon = superd(line)
    lent.ask(0.1)
    wait_for(lambda: was_idle(daemon, lent))
    pid = leftover()
    socket_of = os.readlink(f"/proc/{pid}/fd/0")
    assert socket_of in sockets(daemon)
    # the same user, whatever else is different
    assert daemon.reload(line.replace(" server\n", " server b\n"))[0] == 0
    assert socket_of in sockets(daemon)
    lent.switch.touch()
    daemon.reload(line.replace(" nobody ", " daemon "))
    assert socket_of not in sockets(daemon)
    assert wait_for(lent.ask, 15)


@pytest.mark.parametrize("kind", KINDS)
def test_reload_keeps_no_spoiled_socket(superd, service, kind):
    """of an unchanged service, and of one that changed"""
    spoiled = service(kind)
    line = spoiled.line("shutdown", 300, 20000)
    daemon = superd(line)
    spoiled.ask(0.1)
    wait_for(lambda: was_idle(daemon, spoiled))
    assert daemon.reload(line)[0] == 0
    assert daemon.reload(line.replace(" server\n", " server again\n"))[0] == 0
    daemon.wait_log("rebind")
    assert daemon.reload(line)[0] == 0
    check_cured(daemon, spoiled, "rebind")


def test_server_that_spoils_each_of_its_sockets_floods_no_log(superd,
                                                              service):
    spoiled = service("tcp")
    daemon = superd(spoiled.line("shutdown"))
    for _ in range(40):
        started = daemon.service(spoiled.id)["started"]
        spoiled.ask(0.1)
        wait_for(lambda n=started: was_idle(daemon, spoiled) and
                 daemon.service(spoiled.id)["started"] > n)
    assert 1 <= len(re.findall("rebind", daemon.read_log())) <= 12
    spoiled.switch.touch()
    assert wait_for(spoiled.ask, 10)


def test_good_servers_cause_no_new_sockets(superd, service):
    """what is in the queue as a server ends is served by the next"""
    for kind in KINDS:
        good = service(kind)
        good.switch.touch()
        daemon = superd(good.line("shutdown"))
        for _ in range(10):
            assert good.ask(5)
        assert "rebind" not in daemon.read_log()
        daemon.stop()


# Where the kernel does not show its sockets.

NETLINK_SOCK_DIAG = 4
NO_DIAG = [probe("dirty"), "nodiag", "--"]


def asks_the_kernel(daemon):
    """Has it a socket for sock_diag(7)?"""
    where = f"/proc/{daemon.pid}/fd"
    for fd in os.listdir(where):
        # superctl's may be closed meanwhile
        with contextlib.suppress(FileNotFoundError):
            if not os.readlink(f"{where}/{fd}").startswith("socket:"):
                continue
            with socket.socket(fileno=take_descriptor(daemon.pid,
                                                      int(fd))) as s:
                if (s.family, s.proto) == (socket.AF_NETLINK,
                                           NETLINK_SOCK_DIAG):
                    return True
    return False


@pytest.mark.root
@pytest.mark.parametrize("kind,how", [
    *((kind, "shutdown") for kind in KINDS), ("udp", "shutread"),
    ("unix stream", "shutread"), ("unix dgram", "shutread"),
    ("udp", "connect"), ("unix dgram", "connect"), ("udp", "errors"),
    ("tcp", "disconnect"), ("tcp", "nonblock")])
def test_spoiled_socket_serves_again_without_sock_diag(superd, service, kind,
                                                       how):
    spoiled = service(kind)
    daemon = superd(spoiled.line(how), starter=NO_DIAG)
    assert not asks_the_kernel(daemon)
    spoiled.ask(0.1)
    wait_for(lambda: daemon.service(spoiled.id)["started"] == 1 and
             daemon.service(spoiled.id)["state"] != "busy")
    gone = how in ("shutdown", "shutread", "disconnect")
    check_cured(daemon, spoiled, "rebind" if gone else None)


@pytest.mark.root
@pytest.mark.parametrize("kind", KINDS)
def test_good_socket_is_kept_without_sock_diag(superd, service, kind):
    """each server, but one, begins with who came while another ran"""
    good = service(kind)
    good.switch.touch()
    line = good.line("shutdown")
    daemon = superd(line, starter=NO_DIAG)
    for _ in range(5):
        assert good.ask(5)
    assert daemon.reload(line.replace(" server\n", " server b\n"))[0] == 0
    assert good.ask(5)
    assert "rebind" not in daemon.read_log()
    assert not asks_the_kernel(daemon)


@pytest.mark.root
@pytest.mark.parametrize("kind", KINDS)
def test_server_that_reads_nothing_is_no_spin_without_sock_diag(
        superd, service, kind):
    """whether its queue has moved cannot be told; that it is there can"""
    lazy = service(kind)
    line = lazy.line("shutdown").replace(f" {lazy.script} server",
                                         " /bin/true true")
    daemon = superd(line, starter=NO_DIAG)
    lazy.ask(0.1)
    daemon.wait_log("backoff .*without reading", 10)
    before = daemon.service(lazy.id)["started"]
    time.sleep(1)
    assert daemon.service(lazy.id)["started"] - before < 5
    assert not asks_the_kernel(daemon)


def test_sockets_are_asked_for_through_sock_diag(superd):
    """or the tests without it would be of nothing"""
    daemon = superd("20001 stream tcp wait nobody /bin/true true\n")
    assert asks_the_kernel(daemon)


def test_killed_listeners_are_made_again(superd):
    """ss -K: whatever shuts them down, of any kind of service"""
    daemon = superd("20001 stream tcp4 nowait nobody internal echo\n"
                    "20002 stream tcp4 nowait root internal daytime\n"
                    f"20003 stream tcp4 wait nobody {probe('acc')} acc\n")
    for port in (20001, 20002, 20003):
        subprocess.run(["ss", "-K", "-l", "-t", f"sport = :{port}"],
                       capture_output=True)
    assert wait_for(lambda: not refused(20002) and tcp(20002), 10)
    if "rebind" not in daemon.read_log():
        pytest.skip("this kernel closes no sockets of others")
    before = daemon.cpu()
    for port in (20001, 20002, 20003):
        assert wait_for(lambda p=port: not refused(p) and tcp(p, b"x"), 10)
    time.sleep(1)
    assert daemon.cpu() - before < 0.2 * SLOW
    assert 3 <= len(re.findall("rebind", daemon.read_log())) <= 6


def test_wakeups_that_bring_nothing_are_no_spin(superd):
    """accept(2) that always fails, for whatever reason"""
    daemon = superd("20001 stream tcp nowait nobody /usr/bin/id id\n"
                    "20007 dgram udp wait root internal echo\n",
                    starter=[probe("dirty"), "fail=accept4/1", "--"],
                    ready=False)
    daemon.wait_log("ready:")
    with connect(20001):
        daemon.wait_log("pause 20001/tcp reason=backoff")
        before = daemon.cpu()
        time.sleep(2)
        assert daemon.cpu() - before < 0.1 * SLOW
        assert udp(20007, b"x") == b"x"
        assert len(re.findall("pause", daemon.read_log())) == 1


def elsewhen():
    """A minute of the day that is not now."""
    return time.strftime("%H:%M", time.localtime(time.time() + 12 * 3600))


def hours_line(service, *spoil, refuse):
    service.line(*spoil)
    where = f'listen = "{service.node}"' if service.kind != "tcp" else \
        "port = 20001"
    hours = f'access_times = {{"{elsewhen()}-{elsewhen()}"}}'
    return (f'service "one" {{ {where}\n wait = yes\n user = nobody\n'
            f"server = {service.script}\n"
            f"{hours if refuse else ''}\n}}\n"
            'service "echo" { internal = echo\n protocol = udp\n'
            "port = 20007\n}\n")


def refused_for_time(daemon):
    return daemon.service("one")["refused"].get("time", 0)


def echoes():
    return any(udp(20007, b"x") == b"x" for _ in range(2))


@pytest.mark.parametrize("kind", ["tcp", "unix stream"])
def test_leftover_process_cannot_stop_superd_by_taking_who_is_refused(
        conf, service, kind):
    """accept(2) of a socket that somebody else made a blocking one"""
    stolen = service(kind)
    daemon = conf(hours_line(stolen, "steal", 0, 3000, refuse=False))
    stolen.ask(0.1)
    wait_for(lambda: daemon.service("one")["started"] == 1 and
             daemon.service("one")["state"] == "listening")
    assert daemon.reload(hours_line(stolen, "steal", refuse=True))[0] == 0
    end = time.monotonic() + 3
    while time.monotonic() < end:
        stolen.ask(0.05)
        assert echoes()
    # without it they are refused as before
    before = refused_for_time(daemon)

    def refuses():
        assert not stolen.ask(0.2)
        return refused_for_time(daemon) > before

    wait_for(refuses, 10)
    daemon.wait_log("refuse one peer=- reason=time")
    assert daemon.service("one")["started"] == 1


def test_many_who_are_refused_cost_few_processes(conf, service):
    """of a wait service, where a process has to do that: all who wait are
    there before it looks, or a slow machine would have one for each"""
    count = 120
    daemon = conf(hours_line(service("tcp"), "steal", refuse=True))
    seen = set()
    with contextlib.ExitStack() as stack:
        daemon.signal(signal.SIGSTOP)
        for _ in range(count):
            stack.enter_context(connect(20001))
        daemon.signal(signal.SIGCONT)

        def all_refused():
            seen.update(daemon.child_pids())
            return refused_for_time(daemon) == count

        wait_for(all_refused, 20)
    assert len(seen) <= count / 10
    assert echoes()


@pytest.mark.skipif(shutil.which("strace") is None or bool(WRAPPER) or
                    "asan" in SUPERD, reason="needs strace, and nothing else "
                    "that traces")
def test_who_was_refused_is_counted_where_the_next_takes_too_long(
        conf, service, tmp_path):
    """the process that refuses is ended then, by its alarm"""
    daemon = conf(hours_line(service("tcp"), "steal", refuse=True), starter=[
        "strace", "-D", "-f", "-q", "-o", tmp_path / "trace", "-e",
        "trace=accept4", "-e", "inject=accept4:delay_enter=3s:when=3+"])
    with contextlib.ExitStack() as stack:
        daemon.signal(signal.SIGSTOP)
        # by two processes: each comes to its third
        for _ in range(6):
            stack.enter_context(connect(20001))
        daemon.signal(signal.SIGCONT)
        daemon.wait_log("refuse one peer=- reason=time", 10)


def test_refused_clients_are_let_go_without_a_reset(conf, service):
    daemon = conf(hours_line(service("tcp"), "steal", refuse=True))
    for _ in range(5):
        with connect(20001) as s:
            s.sendall(b"x" * 1000)
            assert s.recv(100) == b""
    wait_for(lambda: refused_for_time(daemon) == 5)
    # superd may end, and the service may go, while that is being done
    with connect(20001):
        assert daemon.reload('service "echo" { internal = echo\n'
                             "protocol = udp\n port = 20007\n}\n")[0] == 0
    assert echoes()


@pytest.mark.parametrize("kind", ["tcp", "unix stream", "unix seqpacket"])
def test_wait_service_that_becomes_nowait_has_a_new_socket(superd, service,
                                                           kind):
    """the old one may block in accept(2), whoever made it so"""
    stolen = service(kind)
    echo = "20007 dgram udp wait root internal echo\n"
    daemon = superd(stolen.line("steal", 0, 4000) + echo)
    stolen.ask(0.1)
    wait_for(lambda: was_idle(daemon, stolen))
    line = stolen.line("steal", wait="nowait").replace(
        str(stolen.script), "/bin/cat")
    daemon.reload(line + echo)
    if kind == "tcp":
        # that process still has the port
        assert daemon.service(stolen.id)["state"] == "failed"
        assert "Address already in use" in daemon.read_log()
    end = time.monotonic() + 2
    while time.monotonic() < end:
        stolen.ask(0.05)
        assert echoes()
    assert wait_for(lambda: stolen.ask() == b"x", 15)


@pytest.mark.parametrize("kind", ["tcp", "unix stream"])
def test_change_from_wait_to_nowait_leaves_no_gap(superd, service, kind):
    """where nobody else has the socket"""
    good = service(kind)
    good.switch.touch()
    daemon = superd(good.line("shutdown"))
    assert good.ask(5)
    wait_for(lambda: daemon.status()["children"] == 0)
    for _ in range(3):
        for wait in ("nowait", "wait"):
            line = good.line("shutdown", wait=wait)
            if wait == "nowait":
                line = line.replace(str(good.script), "/bin/cat")
            assert daemon.reload(line)[0] == 0
            assert good.ask(5)
            wait_for(lambda: daemon.status()["children"] == 0)
    assert "error" not in daemon.read_log()
