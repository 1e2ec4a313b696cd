"""From accept to exec: under load, under attack, while everything changes.

Both backends: children that share superd's memory until they exec, and
forked ones."""

import contextlib
import ctypes
import os
import pathlib
import platform
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import pytest
from conftest import (SLOW, SUPERD, WRAPPER, State, call, connect, probe,
                      process_status, read_all, refused, take_descriptor, tcp,
                      udp, wait_for)

PROBE = probe("probe")
ECHO = "20007 dgram udp wait root internal echo\n"


@pytest.fixture(autouse=True, params=["fast", "fork"])
def backend(request, monkeypatch):
    monkeypatch.setenv("SUPERD_SPAWN", request.param)
    return request.param


def in_threads(count, work):
    """Run work(i) in some threads; the first thing that went wrong."""
    wrong = []

    def run(i):
        try:
            work(i)
        except BaseException as error:      # assertions, too
            wrong.append(error)

    threads = [threading.Thread(daemon=True, target=run, args=(i,))
               for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]


def test_every_client_gets_its_own_server(superd):
    """the right program, arguments and connection, and nothing else"""
    lines = [f"{21000 + n} stream tcp nowait root {PROBE} probe s{n}\n"
             for n in range(60)]
    superd("".join(lines))

    def client(seed):
        chance = random.Random(seed)
        for _ in range(40):
            n = chance.randrange(60)
            with connect(21000 + n) as s:
                state = State(read_all(s))
                assert state.argv == ["probe", f"s{n}"]
                assert state["peer"].split()[-1] == str(s.getsockname()[1])
                assert state["local"].split()[-1] == str(21000 + n)
                assert sorted(state.fds) == [0, 1, 2], state.text
                assert list(state.env) == ["PATH"]
    in_threads(6, client)


def test_arguments_are_whole_while_reloads_replace_them(superd):
    """what a child reads on its way to exec is not freed under it"""
    line = f"20001 stream tcp nowait root {PROBE} probe %s\n"

    def text(i):
        return line % " ".join([f"v{i}{'x' * (i % 50)}"] * 40)

    daemon = superd(text(0))
    stop = threading.Event()

    def client(_):
        while not stop.is_set():
            argv = State(tcp(20001)).argv
            assert argv[0] == "probe" and len(argv) == 41
            assert len(set(argv[1:])) == 1
            assert re.fullmatch(r"v\d+x*", argv[1])

    def reloads():
        for i in range(1, 60):
            assert daemon.reload(text(i))[0] == 0

    def work(i):
        try:
            if i == 0:
                reloads()
            else:
                client(i)
        finally:
            stop.set()
    in_threads(4, work)


def test_services_come_and_go_under_their_clients(superd):
    """a service removed while its children are on their way

    A child that was only just forked still has a copy of the listener: then
    the port is taken for a moment, and superd tries again by itself."""
    conf = f"20001 stream tcp nowait root {PROBE} probe a\n"
    daemon = superd(conf + ECHO)
    stop = threading.Event()

    def work(i):
        try:
            if i == 0:
                for n in range(40):
                    code, text = daemon.reload(ECHO if n % 2 == 0 else
                                               conf + ECHO)
                    assert code == 0 or "Address already in use" in text
                return
            while not stop.is_set():
                with contextlib.suppress(OSError):
                    answer = tcp(20001)
                    assert not answer or State(answer).argv == ["probe", "a"]
        finally:
            if i == 0:
                stop.set()
    in_threads(4, work)
    daemon.reload(conf + ECHO)
    wait_for(lambda: not refused(20001), 12)
    assert State(tcp(20001))


@contextlib.contextmanager
def attack(user, signo):
    """A loop of kill(-1, SIGNO) by the service's own user."""
    code = ("import os\nprint(flush=True)\n"
            f"while True:\n try: os.kill(-1, {int(signo)})\n"
            " except ProcessLookupError: pass\n")
    with subprocess.Popen([sys.executable, "-c", code], user=user, group=user,
                          extra_groups=[], stdout=subprocess.PIPE) as attacker:
        attacker.stdout.readline()
        try:
            yield attacker
        finally:
            attacker.kill()


def kill_all_of(user):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{pid}").st_uid == user:
                os.kill(int(pid), signal.SIGKILL)


@pytest.mark.root
@pytest.mark.parametrize("signo", [signal.SIGSTOP, signal.SIGKILL])
def test_user_who_stops_or_kills_its_own_servers_stops_nobody_else(
        superd, user, signo):
    """design 5: a parent that waits for exec froze for good"""
    daemon = superd(f"20001 stream tcp nowait lonely {PROBE} probe\n"
                    "20002 stream tcp nowait nobody /usr/bin/id id\n" + ECHO,
                    args=["-R", "0"])
    slow = 0
    with attack(user, signo), contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(connect(20001))
            start = time.monotonic()
            assert udp(20007, b"x") == b"x"
            slow += time.monotonic() - start > 0.1 * SLOW
        assert slow <= 10
        for _ in range(10):
            assert b"nobody" in tcp(20002)
        assert daemon.ctl("ping")[0] == 0
    # whoever got past the attack has been served; the others end with it
    def gone():
        kill_all_of(user)
        return daemon.status()["children"] == 0
    wait_for(gone, 10)
    assert State(tcp(20001))


@pytest.fixture
def hang(tmp_path, mounts):
    """A program; and how to make its file system hang, and end."""
    program = tmp_path / "server" / "probe"
    program.parent.mkdir()
    shutil.copy(PROBE, program)
    if not os.path.exists("/dev/fuse"):
        pytest.skip("no /dev/fuse here")
    # a file system whose server answers nothing
    fuse = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)

    def start():
        call("mount", b"hung", bytes(program.parent), b"fuse", 0,
             f"fd={fuse},rootmode=40000,user_id=0,group_id=0,"
             "allow_other".encode())

    def stop():
        nonlocal fuse
        if fuse is not None:
            os.close(fuse)
        fuse = None

    yield program, start, stop
    stop()


def children(daemon):
    """Those of services: not the internal process."""
    return daemon.askers()


def descriptors(pid):
    found = {}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):    # closed meanwhile
            found[int(fd)] = os.readlink(f"/proc/{pid}/fd/{fd}")
    return found


KCMP = {"x86_64": 312, "aarch64": 272}
KCMP_VM = 1


def same_memory(one, other):
    return ctypes.CDLL(None).syscall(KCMP[platform.machine()], one, other,
                                     KCMP_VM, 0, 0) == 0


@pytest.mark.root
def test_child_before_its_exec_keeps_no_other_connection_open(superd, hang):
    """one that its user stopped there had the other clients' sockets, too"""
    program, start, _ = hang
    daemon = superd(f"20001 stream tcp nowait nobody {program} probe\n" + ECHO)
    start()
    with contextlib.ExitStack() as stack:
        for _ in range(40):         # more than share the daemon's memory
            stack.enter_context(connect(20001))
        wait_for(lambda: len(children(daemon)) == 40)
        for pid in children(daemon):
            wait_for(lambda: len(descriptors(pid)) == 4)
            fds = descriptors(pid)
            assert fds[0] == fds[1] == fds[2]
            assert fds[0].startswith("socket:")
            assert fds[3].startswith("socket:")       # where it reports


@pytest.mark.skipif(shutil.which("strace") is None or bool(WRAPPER) or
                    "asan" in SUPERD, reason="needs strace, and nothing else "
                    "that traces")
def test_start_sets_nothing_that_superd_has_set_for_itself(superd, tmp_path):
    """/, the umask, no ambient capabilities; and closes others at once"""
    trace = tmp_path / "trace"
    superd(f"20001 stream tcp nowait root {PROBE} probe\n",
           starter=["strace", "-D", "-f", "-qq", "-o", trace, "-e",
                    "trace=chdir,umask,prctl,close_range,execve"])
    assert tcp(20001)
    started = re.compile(rf'^(\d+) +execve\("{re.escape(PROBE)}"', re.M)
    pid = wait_for(lambda: started.search(trace.read_text())).group(1)
    text = trace.read_text()
    lines = re.findall(rf"^{pid} +(\w+\(.*)", text, re.M)
    calls = [line.split("(")[0] for line in lines]
    calls = calls[:calls.index("execve")]
    assert calls.count("close_range") <= 2      # that of the table is one
    assert set(calls) <= {"close_range", "prctl"}
    assert "AMBIENT" not in "".join(lines)


def mapped(daemon):
    text = pathlib.Path(f"/proc/{daemon.pid}/maps").read_text()
    return text.count("memfd:superd")


@pytest.mark.root
def test_configuration_stays_for_children_before_their_exec(superd, hang,
                                                            backend):
    """and goes when the last of them is gone, without another reload"""
    program, start, stop = hang
    line = "20001 stream tcp nowait nobody %s probe\n" + ECHO
    daemon = superd(line % program)
    start()
    with connect(20001) as client:
        wait_for(lambda: len(children(daemon)) == 1)
        assert daemon.reload(line % "/bin/cat")[0] == 0
        # sanitizers and valgrind want memory of its own for every child
        assert mapped(daemon) == (2 if backend == "fast" and not WRAPPER and
                                  "asan" not in SUPERD else 1)
        stop()
        assert read_all(client) == b""
    wait_for(lambda: mapped(daemon) == 1)


@pytest.mark.root
def test_all_signals_are_blocked_until_just_before_exec(conf, hang):
    """what its user sends then would hit memory that is superd's"""
    program, start, _ = hang
    daemon = conf("service x { port = 20001 user = nobody "
                  f"directory = {program.parent} server = /bin/cat }}")
    start()
    with connect(20001):
        pid = int(wait_for(lambda: children(daemon))[0])
        wait_for(lambda: process_status(pid)["Uid"].split()[0] == "65534")
        # but SIGKILL and SIGSTOP
        assert int(process_status(pid)["SigBlk"], 16) == \
            (1 << 64) - 1 - (1 << 8) - (1 << 18)
    # not while superd sleeps, which it may not do yet
    wait_for(lambda: process_status(daemon.pid)["SigBlk"] !=
             "fffffffffffbfeff")


@pytest.mark.root
@pytest.mark.skipif(platform.machine() not in KCMP, reason="no kcmp(2)")
@pytest.mark.parametrize("values", ["00", "1", "2", "01", "10", "-"])
def test_what_a_user_could_trace_shares_no_memory(superd, hang, backend,
                                                  mounts, tmp_path, values):
    """fs.suid_dumpable: at the start, and perhaps changed at a reload"""
    if WRAPPER or "asan" in SUPERD:
        pytest.skip("a checker cannot follow children that share memory")
    program, start, _ = hang
    value = tmp_path / "suid_dumpable"
    value.write_text(values[0].strip("-") + "\n")
    mounts(value, "/proc/sys/fs/suid_dumpable")
    daemon = superd(f"20001 stream tcp nowait nobody {program} probe\n")
    for text in values[1:]:
        value.write_text(f"{text}\n")
        assert daemon.reload()[0] == 0
    start()
    with connect(20001):
        pid, = wait_for(lambda: children(daemon))
        assert same_memory(daemon.pid, int(pid)) == \
            (backend == "fast" and values[-1] == "0")
    assert daemon.read_log().count("children are forked") == \
        (backend == "fast" and values not in ("0", "00"))


@pytest.mark.root
def test_program_on_a_hung_file_system_delays_nobody(superd, hang):
    """and when the file system is gone, the clients are told the end"""
    program, start, stop = hang
    daemon = superd(f"20001 stream tcp nowait nobody {program} probe\n"
                    "20002 stream tcp nowait nobody /usr/bin/id id\n" + ECHO,
                    args=["-R", "0"])
    start()
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(20001)) for _ in range(100)]
        begin = time.monotonic()
        for _ in range(20):
            assert b"nobody" in tcp(20002)
            assert udp(20007, b"x") == b"x"
        assert time.monotonic() - begin < 2 * SLOW
        assert daemon.ctl("ping")[0] == 0
        wait_for(lambda: daemon.service("20001/tcp")["started"] == 100)
        stop()
        for client in clients:
            assert read_all(client) == b""
    wait_for(lambda: not children(daemon))
    daemon.wait_log(r"error 20001/tcp .* exec .*: Transport endpoint")


@pytest.mark.root
def test_stopped_children_do_not_use_up_the_starts(superd, user):
    """more of them than superd has places for children on their way"""
    daemon = superd(f"20001 stream tcp nowait lonely {PROBE} probe\n"
                    "20002 stream tcp nowait nobody /usr/bin/id id\n")
    with contextlib.ExitStack() as stack:
        with attack(user, signal.SIGSTOP):
            for _ in range(150):
                stack.enter_context(connect(20001))
            wait_for(lambda: daemon.service("20001/tcp")["started"] == 150)
        for _ in range(50):
            assert b"nobody" in tcp(20002)

    def gone():
        kill_all_of(user)
        return daemon.status()["children"] == 0
    wait_for(gone, 10)


def test_end_of_superd_while_children_are_on_their_way(superd):
    """SIGTERM: exit 0, and no client hangs"""
    for _ in range(5):
        daemon = superd(f"20001 stream tcp nowait nobody {PROBE} probe\n")
        clients = []
        for i in range(40):
            clients.append(connect(20001))
            if i == 20:
                daemon.signal(signal.SIGTERM)
                break
        daemon.ended(5)
        for client in clients:
            with client, contextlib.suppress(ConnectionResetError):
                answer = read_all(client)
                assert not answer or State(answer)


def storm(count):
    done = subprocess.run([probe("storm"), "20001", "16", str(count)],
                          capture_output=True, timeout=300, check=True)
    return int(done.stdout)


def test_hundred_thousand_children_leak_nothing(superd, backend):
    """neither memory nor descriptors; nor is one left behind"""
    daemon = superd(f"20001 stream tcp nowait nobody {probe('end')} end\n",
                    args=["-R", "0"])

    def rounds(count):
        assert storm(count) == count
        wait_for(lambda: daemon.status()["children"] == 0)
    rounds(1600)
    before, fds = daemon.rss(), daemon.fds()
    rounds(96000 if SLOW < 2 and backend == "fast" else 4800)
    assert daemon.growth(before) < 256 * 1024
    wait_for(lambda: daemon.fds() <= fds)


def test_thousands_of_wait_servers_cost_no_memory(superd):
    daemon = superd(f"20002 dgram udp wait nobody {probe('once')} once\n")

    def rounds(count):
        for _ in range(count):
            assert udp(20002)
        wait_for(lambda: daemon.status()["children"] == 0)
    rounds(50)
    before = daemon.rss()
    rounds(500 if SLOW < 2 else 100)
    assert daemon.growth(before) < 256 * 1024


def test_eof_reaches_the_client_at_once(superd):
    """superd keeps no copy of a connection that its child has closed"""
    superd("20001 stream tcp nowait nobody /bin/true true\n")
    times = []
    for _ in range(30):
        with connect(20001) as s:
            start = time.monotonic()
            assert s.recv(1) == b""
            times.append(time.monotonic() - start)
    assert sorted(times)[15] < 0.02 * SLOW


def test_eof_of_a_client_reaches_the_server(superd):
    """and no other child holds the connection"""
    superd("20001 stream tcp nowait nobody /bin/cat cat\n")
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(connect(20001)) for _ in range(20)]
        with connect(20001) as s:
            s.sendall(b"abc")
            s.shutdown(socket.SHUT_WR)
            assert read_all(s) == b"abc"
        assert not select.select(others, [], [], 0)[0]


def test_failed_exec_under_load_is_told_of_the_right_service(superd):
    lines = "".join(f"{21000 + n} stream tcp nowait nobody /nonexistent/p{n} "
                    "x\n" for n in range(10))
    daemon = superd(lines)

    # many rounds: a report may come between the looks for reports and ends
    rounds = 30 if SLOW < 2 else 8

    def client(i):
        for n in range(10 * rounds):
            assert tcp(21000 + (n + i) % 10) == b""
    in_threads(4, client)
    wait_for(lambda: daemon.status()["children"] == 0)
    assert {s["failed"] for s in daemon.status()["services"]} == {4 * rounds}
    for n, path in re.findall(r"error 210(\d\d)/tcp pid=\d+ exec "
                              r"/nonexistent/p(\d+):", daemon.read_log()):
        assert int(n) == int(path)


def test_thousand_listeners_and_a_child_of_each_kind(superd):
    """descriptors above the table that a child copies"""
    lines = "".join(f"{22000 + n} stream tcp4 nowait root internal daytime\n"
                    for n in range(1100))
    superd(lines + f"20001 stream tcp nowait root {PROBE} probe\n"
           f"20002 stream tcp wait root {PROBE} probe\n"
           f"20003 dgram udp wait root {PROBE} probe\n",
           starter=[probe("dirty"), "all", "nofile=512/4096", "--"])
    for ask in (lambda: tcp(20001), lambda: tcp(20002), lambda: udp(20003)):
        for _ in range(3):
            state = State(ask())
            assert sorted(state.fds) == [0, 1, 2], state.text
            assert state.rlimit["nofile"] == (512, 4096)


def take_report_socket(pid):
    """Its writing end, which a child has until its exec."""
    for name in sorted(os.listdir(f"/proc/{pid}/fd"), key=int):
        target = os.readlink(f"/proc/{pid}/fd/{name}")
        if 2 < int(name) < 64 and target.startswith(("socket:", "pipe:")):
            return take_descriptor(pid, int(name))
    return -1


@pytest.mark.root
def test_a_report_is_believed_of_its_sender_only(superd):
    """whatever it says, and whomever it names"""
    daemon = superd(f"20001 stream tcp nowait nobody {probe('hold')} hold 60\n"
                    "20002 stream tcp nowait root internal daytime\n")
    with connect(20001) as s:
        assert s.recv(100).startswith(b"held")
        child, = daemon.askers()
        fd = take_report_socket(daemon.pid)
        assert fd >= 0
        for step in (-1, 0, 10, 11, 12, 1000000):
            for value in (-1, 0, 500, 1 << 20, (1 << 31) - 1, -(1 << 31)):
                os.write(fd, struct.pack("ii", step, value))
                os.write(fd, struct.pack("iiiiI", child, step, 9999, value,
                                         0))
                assert tcp(20002)
        os.write(fd, struct.pack("iiiiI", child, 11, 0, 1, 1 << 31))
        os.write(fd, b"x" * 10000)
        os.close(fd)
        assert tcp(20002)
        assert daemon.service("20001/tcp")["failed"] == 0
        assert daemon.service("20001/tcp")["refused"] == \
            daemon.service("20002/tcp")["refused"]
    assert "error" not in daemon.read_log()


# Sockets that others have, or had, too.

def test_no_close_waits_for_a_client(superd):
    """a server can have the last close of its client's connection wait,
    SO_LINGER of socket(7): that must not be superd's"""
    daemon = superd(f"20001 stream tcp nowait/1000 root {probe('linger')} l\n")
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(connect(20001))
        wait_for(lambda: daemon.service("20001/tcp")["accepted"] == 60)
    # a child on its way to its program may have had the last close of another
    wait_for(lambda: daemon.status()["children"] == 0)
