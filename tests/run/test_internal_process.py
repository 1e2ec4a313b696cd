"""The internal process: one for all connections of internal and redirected
services, which accepts them itself."""

import contextlib
import hashlib
import os
import pathlib
import re
import resource
import select
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest
from conftest import (PROCESS_1, SLOW, SUPERD, WRAPPER, accounts,
                      check_no_rights, connect, many_files, probe,
                      process_status, read_all, require_process_1, reset,
                      take_descriptor, tcp, wait_for)

VERSION = subprocess.run([SUPERD, "-V"], capture_output=True, text=True).stdout
ECHO = "20007 stream tcp nowait root internal echo\n"
CHARGEN = "20019 stream tcp nowait root internal chargen\n"
DISCARD = "20009 stream tcp nowait root internal discard\n"


def service(name, port, **options):
    """A section of superd.conf."""
    values = {"type": "UNLISTED", "port": port, "socket_type": "stream",
              "protocol": "tcp", "wait": "no", "user": "root"}
    values.update(options)
    lines = "".join(f"\t{key} = {value}\n" for key, value in values.items()
                    if value is not None)
    return f"service {name} {{\n{lines}}}\n"


def redirect(name="red", port=20001, to=20002, **options):
    return service(name, port, redirect=f'{{"127.0.0.1", {to}}}', **options)


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 20002), backlog=100) as s:
        s.settimeout(10 * SLOW)
        yield s


def exchange(s, data=b"x"):
    s.sendall(data)
    got = b""
    while len(got) < len(data):
        block = s.recv(len(data) - len(got))
        assert block, "closed"
        got += block
    assert got == data


def worker(daemon):
    one, = daemon.status()["workers"]
    return one


def own_flags(pid):
    """Of what a process has open, but for sockets."""
    return {link.name: re.search(r"^flags:\s+(\S+)$", pathlib.Path(
                f"/proc/{pid}/fdinfo/{link.name}").read_text(), re.M)[1]
            for link in pathlib.Path(f"/proc/{pid}/fd").iterdir()
            if not os.readlink(link).startswith("socket:")}


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def pss(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+) kB", text, re.M)[1]) * 1024


# What it costs.

def test_a_thousand_idle_clients_are_one_process_in_four_mebibytes(superd):
    daemon = superd(ECHO)
    with contextlib.ExitStack() as stack, many_files(1100):
        clients = [stack.enter_context(connect(20007)) for _ in range(1000)]
        for s in clients:
            exchange(s)
        assert daemon.service("20007/tcp")["children"][999]["pid"] == \
            worker(daemon)["pid"]
        pids = daemon.child_pids()
        assert pids == [worker(daemon)["pid"]]
        if not WRAPPER and "asan" not in SUPERD:
            assert sum(map(pss, [daemon.pid, *pids])) < 4 << 20
        for s in clients:
            exchange(s)


def test_no_descriptor_is_left_after_two_thousand_connections(superd):
    daemon = superd(ECHO + DISCARD)
    before = open_files(worker(daemon)["pid"])
    for _ in range(1000 if SLOW < 2 else 300):
        assert tcp(20007, b"abc") == b"abc"
        s = connect(20007)
        s.send(b"abc")
        reset(s)
    wait_for(lambda: daemon.status()["children"] == 0)
    assert open_files(worker(daemon)["pid"]) == before


def test_it_has_no_rights_and_says_what_it_is(superd):
    daemon = superd(ECHO + CHARGEN)
    one = worker(daemon)
    pid = one["pid"]
    assert one["title"] == "internal"
    wait_for(lambda: "internal" in pathlib.Path(
        f"/proc/{pid}/cmdline").read_text() or WRAPPER)
    if os.getuid() == 0:
        status = check_no_rights(pid)
        assert int(status["Uid"].split()[0]) not in accounts()
    else:
        wait_for(lambda: process_status(pid)["NoNewPrivs"] == "1")


@pytest.mark.root
def test_it_sees_no_file_and_makes_no_other_system_call(superd):
    """an empty root, and a filter where superd was built with one"""
    daemon = superd(ECHO)
    assert tcp(20007, b"x") == b"x"
    pid = worker(daemon)["pid"]
    assert os.listdir(f"/proc/{pid}/root") == [] or \
        os.readlink(f"/proc/{pid}/root").startswith("/proc/")
    if "+seccomp" in VERSION and "asan" not in SUPERD and not WRAPPER:
        assert process_status(pid)["Seccomp"] == "2"


@pytest.mark.root
def test_it_cannot_make_the_daemon_wait_for_it(superd):
    """flags, and what is in a pipe, belong to all who have the open file:
    what the daemon reads or writes must be the daemon's alone"""
    daemon = superd(ECHO)
    with connect(20007) as s:
        exchange(s)
        before = own_flags(daemon.pid)
        pid = worker(daemon)["pid"]
        for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
            if not os.readlink(link).startswith("socket:"):
                copy = take_descriptor(pid, int(link.name))
                os.set_blocking(copy, True)
                os.close(copy)
        assert own_flags(daemon.pid) == before


@pytest.mark.root
def test_it_has_an_account_of_their_own_where_there_is_one(
        superd, mounts, tmp_path):
    for name, line in (("passwd", "superd:x:4321:4322::/:/bin/false\n"),
                       ("group", "superd:x:4322:\n")):
        path = tmp_path / name
        path.write_text(pathlib.Path("/etc", name).read_text() + line)
        mounts(path, f"/etc/{name}")
    daemon = superd(ECHO)
    assert tcp(20007, b"x") == b"x"
    wait_for(lambda: process_status(worker(daemon)["pid"])["Uid"].split() ==
             ["4321"] * 4)
    assert process_status(worker(daemon)["pid"])["Gid"].split() == \
        ["4322"] * 4


@pytest.mark.root
def test_no_service_of_nobody_can_stop_it(superd):
    daemon = superd(ECHO)
    tcp(20007, b"x")
    pid = worker(daemon)["pid"]
    check_no_rights(pid)
    for signo in (signal.SIGSTOP, signal.SIGKILL):
        done = subprocess.run(["/bin/kill", f"-{int(signo)}", str(pid)],
                              user=65534, group=65534, extra_groups=[],
                              stderr=subprocess.PIPE, check=False)
        assert b"not permitted" in done.stderr
    assert tcp(20007, b"x") == b"x" and worker(daemon)["pid"] == pid


def test_services_share_a_process(superd):
    daemon = superd(ECHO + "20008 stream tcp nowait root internal echo\n")
    with connect(20007) as s, connect(20008) as t:
        exchange(s)
        exchange(t)
        assert worker(daemon)["connections"] == 2
        assert len(daemon.service("20008/tcp")["children"]) == 1


# Flow control.

def test_a_client_that_does_not_read_delays_no_other(superd):
    superd(ECHO)
    with connect(20007, timeout=0.3) as slow, connect(20007) as s:
        exchange(s)
        with contextlib.suppress(TimeoutError):
            while True:
                slow.send(b"x" * 65536)
        start = time.monotonic()
        for _ in range(100):
            exchange(s)
        assert time.monotonic() - start < 1 * SLOW


def test_clients_that_do_not_read_cost_a_bounded_buffer_each(superd):
    daemon = superd(ECHO)
    with contextlib.ExitStack() as stack:
        exchange(stack.enter_context(connect(20007)))
        pid = worker(daemon)["pid"]
        before = pss(pid)
        for _ in range(20):
            s = stack.enter_context(connect(20007, timeout=0.2))
            with contextlib.suppress(TimeoutError):
                while True:
                    s.send(b"x" * 65536)
        if not WRAPPER and "asan" not in SUPERD:
            assert pss(pid) - before < 20 * 40960 + (256 << 10)


def kernel_memory(port):
    """What the kernel keeps for the sockets at our end: ss(8)."""
    text = subprocess.run(["ss", "-tnmH", f"sport = :{port}"], check=True,
                          capture_output=True, text=True).stdout
    return sum(sum(map(int, found)) for found in re.findall(
        r"skmem:\(r(\d+),rb\d+,t\d+,tb\d+,f(\d+),w(\d+)", text))


def settled(measure):
    """Its value when it does not change any more."""
    before = -1
    while (value := measure()) != before:
        before = value
        time.sleep(0.3)
    return value


def test_clients_that_do_not_read_cost_the_kernel_little(superd):
    """a thousand of them less than 64 MB: here 200"""
    superd(CHARGEN)
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(connect(20019))
        assert 0 < settled(lambda: kernel_memory(20019)) < \
            200 * (64 << 20) / 1000


def test_a_client_that_stops_reading_echo_costs_the_kernel_little(superd):
    """also one whose windows have grown before"""
    superd(ECHO)
    with connect(20007, timeout=0.3) as s:
        for _ in range(200):
            exchange(s, b"x" * 65536)
        with contextlib.suppress(TimeoutError):
            while True:
                s.send(b"x" * 65536)
        assert settled(lambda: kernel_memory(20007)) < 400 << 10


def test_a_buffer_that_is_configured_is_what_was_asked_for(conf):
    conf(service("chargen", 20019, internal="chargen",
                 type="{UNLISTED, INTERNAL}", sndbuf="500k"))
    with connect(20019) as s:
        assert s.recv(1)
        wait_for(lambda: kernel_memory(20019) > 256 << 10)


def test_a_flood_of_chargen_and_discard_does_not_delay_echo(superd):
    daemon = superd(ECHO + CHARGEN + DISCARD)
    stop = threading.Event()

    def flood(port, act):
        with connect(port) as s:
            while not stop.is_set():
                act(s)

    threads = [threading.Thread(daemon=True, target=flood, args=args)
               for args in (
        (20019, lambda s: s.recv(1 << 16)),
        (20009, lambda s: s.send(b"x" * (1 << 16))))]
    for thread in threads:
        thread.start()
    try:
        with connect(20007) as s:
            worst = 0
            for _ in range(50):
                start = time.monotonic()
                exchange(s)
                worst = max(worst, time.monotonic() - start)
        assert worst < 0.5 * SLOW
        assert daemon.ctl("ping")[0] == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()


# Limits.

def test_instances_count_connections(superd):
    daemon = superd("20007 stream tcp nowait/2 nobody internal echo\n")
    with connect(20007) as a, connect(20007) as b, connect(20007) as c:
        exchange(a)
        exchange(b)
        c.sendall(b"x")
        assert select.select([c], [], [], 0.3)[0] == []
        assert daemon.service("20007/tcp")["paused"] == "instances"
        a.close()
        assert c.recv(1) == b"x"
        assert len(daemon.service("20007/tcp")["children"]) == 2


def test_connections_of_one_address_are_bounded(superd):
    daemon = superd(ECHO, args=["-s", "1"])
    for _ in range(3):
        with connect(20007) as s:
            exchange(s)
            with connect(20007) as t:
                assert read_all(t) == b""
        wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.service("20007/tcp")["refused"]["per_source"] == 3


def test_all_connections_together_are_bounded(conf):
    """and apart from processes"""
    daemon = conf("max_connections = 2\nmax_children = 1\n" +
                  service("echo", 20007, type="{UNLISTED, INTERNAL}"))
    with connect(20007) as a, connect(20007) as b:
        exchange(a)
        exchange(b)
        with connect(20007) as c:
            c.sendall(b"x")
            assert select.select([c], [], [], 0.3)[0] == []
            assert daemon.service("echo")["paused"] == "max_connections"
            reset(b)
            assert c.recv(1) == b"x"
            assert daemon.status()["children"] == 2


def test_each_connection_has_its_log_lines(superd):
    daemon = superd(ECHO, args=["-l"])
    assert tcp(20007, b"abc") == b"abc"
    match = daemon.wait_log(r"start 20007/tcp pid=(\d+) peer=127\.0\.0\.1:")
    daemon.wait_log(rf"exit 20007/tcp pid={match[1]} status=0 "
                    r"duration=\d+\.\d+ in=3 out=3$")


def test_traffic_is_logged_as_xinetd_does(conf, listener):
    daemon = conf(redirect(log_on_success="{HOST, EXIT, TRAFFIC}") +
                  service("echo", 20007, internal="echo",
                          type="{UNLISTED, INTERNAL}",
                          log_on_success="{TRAFFIC}"))
    with connect(20001) as s:
        s.sendall(b"abcd")
        target, _ = listener.accept()
        with target:
            assert target.recv(10) == b"abcd"
            target.sendall(b"123456")
            assert s.recv(10) == b"123456"
    daemon.wait_log(r"TRAFFIC: red in=4\(bytes\) out=6\(bytes\)$")
    daemon.wait_log(r"EXIT: red status=0$")
    assert tcp(20007, b"abc") == b"abc"
    daemon.wait_log(r"TRAFFIC: echo in=3\(bytes\) out=3\(bytes\)$")


# The life of a worker.

def test_a_worker_that_is_killed_is_replaced(superd):
    daemon = superd(ECHO, args=["-l", "-s", "5"])
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(20007)) for _ in range(5)]
        for s in clients:
            exchange(s)
        pid = worker(daemon)["pid"]
        os.kill(pid, signal.SIGKILL)
        for s in clients:
            assert read_all(s) == b""
        daemon.wait_log(rf"error internal pid={pid} signal=9: 5 conn")
        wait_for(lambda: daemon.status()["children"] == 0)
        assert len(re.findall(rf"exit 20007/tcp pid={pid} signal=9",
                              daemon.read_log())) == 5
    with connect(20007) as s:       # and the address has its places back
        exchange(s)
        assert worker(daemon)["pid"] != pid


def test_a_worker_that_dies_again_and_again_is_given_time(superd):
    daemon = superd(ECHO)
    for _ in range(5):
        assert tcp(20007, b"abc", timeout=5 * SLOW) == b"abc"
        pid = worker(daemon)["pid"]
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: pid not in [one["pid"] for one in
                                     daemon.status()["workers"]])
    state = daemon.service("20007/tcp")
    assert state["state"] == "paused" and state["paused"] == "worker"
    start = time.monotonic()
    assert tcp(20007, b"abc", timeout=20) == b"abc"
    assert time.monotonic() - start < 2 * SLOW
    wait_for(lambda: daemon.service("20007/tcp")["paused"] is None)


def state_of(pid):
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return text.rsplit(")", 1)[1].split()[0]


def test_a_process_that_is_stopped_stops_nobody_else(superd):
    """whoever comes meanwhile waits in front of it"""
    daemon = superd(ECHO + f"20001 stream tcp nowait nobody {probe('acc')} x\n",
                    env=dict(os.environ, SUPERD_WORKER_PATIENCE="600"))
    tcp(20007, b"x")
    pid = worker(daemon)["pid"]
    os.kill(pid, signal.SIGSTOP)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(20007)) for _ in range(20)]
        for s in clients:
            s.sendall(b"abc")
        assert daemon.ctl("ping")[0] == 0
        cpu = daemon.cpu()
        time.sleep(0.3)
        assert daemon.cpu() - cpu < 0.1 * SLOW
        os.kill(pid, signal.SIGCONT)
        for s in clients:
            assert s.recv(3) == b"abc"


def test_whoever_waits_while_it_is_killed_is_served_by_the_next(superd):
    """listeners stay open in the daemon"""
    daemon = superd(ECHO)
    tcp(20007, b"x")
    pid = worker(daemon)["pid"]
    os.kill(pid, signal.SIGSTOP)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(20007)) for _ in range(20)]
        for s in clients:
            s.sendall(b"abc")
        os.kill(pid, signal.SIGKILL)
        start = time.monotonic()
        for s in clients:
            assert s.recv(3) == b"abc"
        assert time.monotonic() - start < 1 * SLOW
    daemon.wait_log(f"error internal pid={pid} signal=9: 0 conn")


def test_a_process_that_does_not_answer_is_replaced(superd):
    """and that is told once"""
    daemon = superd(ECHO + CHARGEN, args=["-l"])
    with contextlib.ExitStack() as stack, many_files(2000):
        first = stack.enter_context(connect(20007))
        exchange(first)
        pid = worker(daemon)["pid"]
        os.kill(pid, signal.SIGSTOP)
        stack.enter_context(connect(20007)).sendall(b"abc")
        daemon.wait_log(rf"error internal pid={pid}: no answer for 3 s: "
                        r"killed, 1 connections lost", timeout=10)
        assert tcp(20007, b"abc") == b"abc"
        assert read_all(first) == b""
        wait_for(lambda: not os.path.exists(f"/proc/{pid}"))
        new = worker(daemon)["pid"]
        assert new != pid and daemon.service("20007/tcp")["paused"] is None
        # one that answers is not ended
        last = stack.enter_context(connect(20007))
        exchange(last)
        time.sleep(7)
        exchange(last)
        assert worker(daemon)["pid"] == new
    assert daemon.read_log().count("error internal") == 1


def test_an_idle_process_that_hangs_is_replaced(superd):
    """without any client, and told once; its sockets stay open meanwhile"""
    daemon = superd(ECHO)
    pid = worker(daemon)["pid"]
    os.kill(pid, signal.SIGSTOP)
    daemon.wait_log(rf"error internal pid={pid}: no answer for 3 s: "
                    r"killed, 0 connections lost", timeout=20)
    wait_for(lambda: not os.path.exists(f"/proc/{pid}"))
    new = worker(daemon)["pid"]
    assert new != pid
    assert tcp(20007, b"abc") == b"abc" and worker(daemon)["pid"] == new
    assert daemon.read_log().count("error internal") == 1


def test_an_idle_worker_wakes_nobody(superd):
    """but once in ten seconds, when it is asked whether it runs"""
    daemon = superd(ECHO)
    assert tcp(20007, b"x") == b"x"
    pid = worker(daemon)["pid"]

    def wakeups():
        return [int(process_status(one)["voluntary_ctxt_switches"])
                for one in (daemon.pid, pid)]

    settled(wakeups)
    before = wakeups()
    time.sleep(5)
    daemons, workers = (b - a for a, b in zip(before, wakeups()))
    # to ask, to hear, and to look again if that took long
    assert daemons <= 3 and workers <= 1


def test_connections_of_one_turn_are_all_served(superd):
    """also where the process has just died"""
    daemon = superd(ECHO)
    tcp(20007, b"x")
    worker_pid = worker(daemon)["pid"]
    for kill in (False, True):
        with contextlib.ExitStack() as stack:
            os.kill(daemon.pid, signal.SIGSTOP)
            if kill:
                os.kill(worker_pid, signal.SIGKILL)
                wait_for(lambda: state_of(worker_pid) == "Z")
            clients = [stack.enter_context(connect(20007))
                       for _ in range(40)]
            os.kill(daemon.pid, signal.SIGCONT)
            for s in clients:
                s.sendall(b"abc")
            for s in clients:
                assert s.recv(3) == b"abc"
            assert len(daemon.service("20007/tcp")["children"]) == 40
            worker_pid = worker(daemon)["pid"]
        wait_for(lambda: not daemon.service("20007/tcp")["children"])


@contextlib.contextmanager
def take_socket(pid, fd):
    """A socket of the process, beside it; 0 is its end of its channel."""
    with socket.socket(fileno=take_descriptor(pid, fd)) as one:
        yield one


@pytest.mark.root
def test_a_process_that_speaks_on_its_channel_is_ended(superd):
    """it has nothing to say there"""
    daemon = superd(ECHO)
    for junk in (b"x", b"\xff" * 24, b"\xaa" * 4000):
        with connect(20007) as s:
            exchange(s)
            pid = worker(daemon)["pid"]
            with take_socket(pid, 0) as channel:
                channel.send(junk, socket.MSG_DONTWAIT)
            assert read_all(s) == b""
        wait_for(lambda: daemon.status()["children"] == 0)
        assert tcp(20007, b"abc") == b"abc"
        assert worker(daemon)["pid"] != pid


@pytest.mark.root
def test_a_process_that_closes_its_channel_is_ended(superd):
    """otherwise nobody would ever learn which connections are over"""
    daemon = superd(ECHO)
    with connect(20007) as s:
        exchange(s)
        pid = worker(daemon)["pid"]
        with take_socket(pid, 0) as channel:
            os.kill(pid, signal.SIGSTOP)
            channel.shutdown(socket.SHUT_RDWR)
            wait_for(lambda: daemon.status()["children"] == 0)
        assert read_all(s) == b""
    assert tcp(20007, b"abc") == b"abc"


def test_a_process_without_services_ends(superd):
    other = f"20001 stream tcp nowait nobody {probe('acc')} acc\n"
    daemon = superd(ECHO + other)
    with connect(20007) as s:
        exchange(s)
        assert daemon.reload(other)[0] == 0
        exchange(s)
        assert worker(daemon)["connections"] == 1
    wait_for(lambda: not daemon.status()["workers"])
    wait_for(lambda: not daemon.child_pids())
    assert "error" not in daemon.read_log()
    assert daemon.reload(ECHO + other)[0] == 0
    assert tcp(20007, b"abc") == b"abc"


def test_a_stop_leaves_connections_until_they_end(superd):
    daemon = superd(ECHO)
    with connect(20007) as s:
        exchange(s)
        pid = worker(daemon)["pid"]
        daemon.stop()
        exchange(s, b"still there")
    wait_for(lambda: not os.path.exists(f"/proc/{pid}"))


def test_connections_of_a_removed_service_go_on(superd):
    daemon = superd(ECHO + CHARGEN)
    with connect(20007) as s:
        exchange(s)
        assert daemon.reload(CHARGEN)[0] == 0
        exchange(s)
        assert daemon.service("20007/tcp")["state"] == "removed"
    wait_for(lambda: daemon.service("20007/tcp") is None)


@pytest.mark.root
def test_as_process_one_it_is_ended(superd):
    """the end of process 1 is the end of its container"""
    require_process_1()
    daemon = superd(ECHO, starter=PROCESS_1)
    with connect(20007) as s:
        exchange(s)
        subprocess.run(["pkill", "-TERM", "-P", str(daemon.pid)], check=True)
        daemon.ended()
        assert read_all(s) == b""


def test_without_the_fast_way_to_start_children(superd):
    daemon = superd(ECHO + f"20001 stream tcp nowait nobody {probe('acc')} x\n",
                    env=dict(os.environ, SUPERD_SPAWN="fork"))
    with connect(20007) as s:
        exchange(s)
        exchange(s)
    assert len(daemon.status()["workers"]) == 1


# Redirection.

def digest(data):
    return hashlib.sha256(data).hexdigest()


def pump(s, data, got):
    """Send data and the end, and receive to the end meanwhile."""
    sender = threading.Thread(daemon=True, target=lambda: (
        s.sendall(data), s.shutdown(socket.SHUT_WR)))
    sender.start()
    h = hashlib.sha256()
    while block := s.recv(1 << 20):
        h.update(block)
    sender.join()
    got.append(h.hexdigest())


def test_a_hundred_megabytes_both_ways_at_once(conf, listener):
    daemon = conf(redirect(), args=["-l"])
    size = (100 if SLOW < 2 else 20) << 20
    up, down = os.urandom(1 << 20) * (size >> 20), \
        os.urandom(1 << 20) * (size >> 20) + b"tail"
    got_up, got_down = [], []
    with connect(20001, timeout=60) as s:
        target, _ = listener.accept()
        with target:
            target.settimeout(60 * SLOW)
            other = threading.Thread(daemon=True, target=pump,
                                     args=(target, down, got_up))
            other.start()
            pump(s, up, got_down)
            other.join()
    assert got_up == [digest(up)] and got_down == [digest(down)]
    daemon.wait_log(rf"exit red .* in={len(up)} out={len(down)}$")


def test_there_are_descriptors_for_many_redirected_services(conf, listener):
    """620 listeners and 1,240 sockets, and superd was started with 1024"""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = 620
    with many_files(3000), contextlib.ExitStack() as stack:
        daemon = conf("".join(redirect(f"r{i}", 21000 + i)
                              for i in range(count)),
                      starter=["prlimit", f"--nofile=1024:{hard}"])
        for i in range(count):
            stack.enter_context(connect(21000 + i))
            stack.enter_context(listener.accept()[0])
        assert worker(daemon)["connections"] == count
    assert "shortage" not in daemon.read_log()


def test_pipes_take_no_descriptor_from_clients(conf, listener):
    """where few are allowed, bytes are copied"""
    daemon = conf(redirect(per_source="unlimited"),
                  starter=["prlimit", "--nofile=200:200"])
    block = b"x" * 65536
    with contextlib.ExitStack() as stack:
        for _ in range(40):
            pair = [stack.enter_context(connect(20001)),
                    stack.enter_context(listener.accept()[0])]
            for one in pair:
                one.setblocking(False)
                # until nobody takes any more on the whole way
                while select.select([], [one], [], 0.02)[1]:
                    with contextlib.suppress(BlockingIOError):
                        one.send(block)
        assert worker(daemon)["connections"] == 40
        for _ in range(5):
            with connect(20001) as s, listener.accept()[0] as target:
                s.sendall(b"abc")
                assert target.recv(10) == b"abc"
    assert "error" not in daemon.read_log().split("ready:")[1]


def test_an_idle_connection_is_closed_and_a_busy_one_is_not(conf, listener):
    conf(redirect(redirect_idle="1s"))
    with connect(20001) as idle, connect(20001) as busy:
        first, _ = listener.accept()
        second, _ = listener.accept()
        with first, second:
            start = time.monotonic()
            ends = [idle]
            while not select.select(ends, [], [], 0.1)[0]:
                busy.sendall(b"x")
                assert time.monotonic() - start < 10 * SLOW
            assert idle.recv(1) == b""
            assert time.monotonic() - start > 0.9
            busy.sendall(b"y")
            assert select.select([busy], [], [], 0)[0] == []


def is_open(s):
    """No end of it within half a second."""
    return not select.select([s], [], [], 0.5)[0]


def test_an_idle_client_of_an_internal_service_is_closed(conf):
    """a busy one is not, and a service may say otherwise"""
    internal = "{UNLISTED, INTERNAL}"
    text = "internal_idle = 1\n" + \
        service("echo", 20007, type=internal) + \
        service("patient", 20008, type=internal, internal="echo",
                internal_idle="unlimited")
    daemon = conf(text)
    with connect(20007) as idle, connect(20007) as busy, \
            connect(20008) as patient:
        exchange(patient)
        start = time.monotonic()
        while not select.select([idle], [], [], 0.1)[0]:
            exchange(busy)
        assert idle.recv(1) == b""
        assert 0.9 < time.monotonic() - start < 3 * SLOW
        exchange(busy)
        assert is_open(patient)
        exchange(patient)
        # a reload that lifts the limit does so for new clients
        assert daemon.reload(text.replace("= 1\n", "= unlimited\n"))[0] == 0
        with connect(20007) as idle:
            exchange(idle)
            time.sleep(1.2)
            exchange(idle)
    wait_for(lambda: daemon.status()["children"] == 0)


def test_a_client_that_does_not_read_is_idle(conf):
    """however much there is to be sent to it"""
    daemon = conf("internal_idle = 1\n" + service(
        "chargen", 20019, type="{UNLISTED, INTERNAL}"))
    with connect(20019) as s:
        wait_for(lambda: daemon.status()["children"] == 1)
        wait_for(lambda: daemon.status()["children"] == 0)
        assert len(read_all(s)) > 1000


def test_a_target_that_is_down_is_logged_and_delays_nobody(conf):
    daemon = conf(redirect(log_on_success="{EXIT}") +
                  redirect("blue", 20003, 20007) +
                  service("echo", 20007, internal="echo",
                          type="{UNLISTED, INTERNAL}"))
    assert tcp(20001, b"x") == b""
    daemon.wait_log(r"error red pid=\d+ peer=127\.0\.0\.1:\d+ redirect: "
                    "Connection refused")
    daemon.wait_log("EXIT: red status=1")
    assert daemon.service("red")["failed"] == 1
    assert tcp(20003, b"abc") == b"abc"
    wait_for(lambda: daemon.status()["children"] == 0)


def test_a_target_that_does_not_answer_delays_no_other_client(conf, veth):
    """its SYN is lost; and a client that leaves meanwhile is counted out"""
    subprocess.run(["ip", "route", "add", "blackhole", "198.51.100.0/24"],
                   check=False)
    subprocess.run(["ip", "neigh", "add", "192.0.2.77", "lladdr",
                    "02:00:00:00:00:77", "dev", "v0"], check=True)
    daemon = conf(service("red", 20001, redirect='{"192.0.2.77", 20002}'))
    with connect(20001) as a:
        wait_for(lambda: daemon.status()["children"] == 1)
        with connect(20001) as b:
            wait_for(lambda: daemon.status()["children"] == 2)
            reset(b)
            wait_for(lambda: daemon.status()["children"] == 1)
        reset(a)
    wait_for(lambda: daemon.status()["children"] == 0)


@pytest.mark.root
def test_a_host_that_moved_is_found_again(conf, listener, tmp_path, mounts):
    """its addresses are those of the load, until none can be reached"""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.9 moving.test\n")
    mounts(hosts, "/etc/hosts")
    daemon = conf(service("red", 20001, redirect='{"moving.test", 20002}'))
    hosts.write_text("127.0.0.1 moving.test\n")
    assert tcp(20001, b"x") == b""
    pid = worker(daemon)["pid"]

    def served():
        with connect(20001) as s:
            if select.select([s, listener], [], [], 5)[0] != [listener]:
                return False
            target, _ = listener.accept()
            target.close()
            return True
    wait_for(served, 10)
    assert worker(daemon)["pid"] == pid
    wait_for(lambda: daemon.child_pids() == [pid])


@pytest.mark.root
def test_an_event_of_a_tunnel_that_is_over_means_nothing(conf, listener):
    """the process that looks up a host has every socket for a moment, so
    that the kernel goes on to report those that were closed"""
    daemon = conf(service("red", 20001, redirect='{"localhost", 20002}'))
    with contextlib.ExitStack() as held:
        with connect(20001) as s:
            target, _ = listener.accept()
            held.enter_context(target)
            pid = worker(daemon)["pid"]
            for fd in (int(name) for name in os.listdir(f"/proc/{pid}/fd")):
                if "socket" in os.readlink(f"/proc/{pid}/fd/{fd}"):
                    held.enter_context(take_socket(pid, fd))
            reset(s)
        wait_for(lambda: daemon.status()["children"] == 0)
        target.sendall(b"x")
        for _ in range(10):
            with connect(20001) as s:
                other, _ = listener.accept()
                with other:
                    s.sendall(b"abc")
                    assert other.recv(10) == b"abc"
    assert worker(daemon)["pid"] == pid


def test_a_reload_with_another_target_keeps_the_connections(conf, listener):
    daemon = conf(redirect())
    with connect(20001) as s, \
            socket.create_server(("127.0.0.1", 20004)) as second:
        second.settimeout(10 * SLOW)
        target, _ = listener.accept()
        with target:
            pid = worker(daemon)["pid"]
            assert daemon.reload(redirect(to=20004))[0] == 0
            s.sendall(b"old")
            assert target.recv(10) == b"old"
            with connect(20001) as t:
                t.sendall(b"new")
                other, _ = second.accept()
                with other:
                    assert other.recv(10) == b"new"
                    pids = [one["pid"] for one in daemon.status()["workers"]]
                    assert pid in pids and len(pids) == 2
                    assert len(daemon.service("red")["children"]) == 2
    # the old one ends with its last connection, the new one stays
    wait_for(lambda: len(daemon.status()["workers"]) == 1)
    assert worker(daemon)["pid"] != pid
    wait_for(lambda: not os.path.exists(f"/proc/{pid}"))


def test_a_redirected_service_that_goes_leaves_its_connections(conf,
                                                               listener):
    daemon = conf(redirect() + redirect("blue", 20003))
    with connect(20001) as s:
        target, _ = listener.accept()
        with target:
            assert daemon.reload(redirect("blue", 20003))[0] == 0
            s.sendall(b"on")
            assert target.recv(10) == b"on"
            target.sendall(b"and on")
            assert s.recv(10) == b"and on"
    wait_for(lambda: daemon.service("red") is None)
    wait_for(lambda: len(daemon.status()["workers"]) == 1)


def test_a_reset_is_passed_on_both_ways(conf, listener):
    conf(redirect())
    for ours in (True, False):
        s = connect(20001)
        s.sendall(b"x")
        target, _ = listener.accept()
        target.settimeout(10 * SLOW)
        assert target.recv(1) == b"x"
        reset(s if ours else target)
        with (target if ours else s) as other, \
                pytest.raises(ConnectionResetError):
            other.recv(1)


def delays_nothing(pid):
    """TCP_NODELAY of each connection that the process has."""
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        if not os.readlink(link).startswith("socket:"):
            continue
        with take_socket(pid, int(link.name)) as one, \
                contextlib.suppress(OSError):
            one.getpeername()
            yield one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.root
def test_no_second_message_waits_for_an_acknowledgement(conf, listener):
    daemon = conf(redirect())
    with connect(20001) as s:
        target, _ = listener.accept()
        with target:
            for one, other in ((s, target), (target, s)) * 2:
                one.sendall(b"x")
                assert other.recv(1) == b"x"
            assert list(delays_nothing(worker(daemon)["pid"])) == [1, 1]


def test_an_urgent_octet_is_not_lost(conf, listener):
    conf(redirect())
    with connect(20001) as s:
        target, _ = listener.accept()
        with target:
            s.sendall(b"ab")
            s.send(b"U", socket.MSG_OOB)
            s.sendall(b"cd")
            s.shutdown(socket.SHUT_WR)
            assert read_all(target) == b"abUcd"


def test_redirected_connections_leave_no_descriptor(conf, listener):
    daemon = conf(redirect())
    before = None
    for i in range(300):
        s = connect(20001)
        target, _ = listener.accept()
        s.sendall(b"x" * 100)
        target.recv(100)
        for one in (s, target):
            reset(one) if i % 2 else one.close()
        if before is None:
            wait_for(lambda: daemon.status()["children"] == 0)
            before = len(os.listdir(f"/proc/{worker(daemon)['pid']}/fd"))
    wait_for(lambda: daemon.status()["children"] == 0)
    assert len(os.listdir(f"/proc/{worker(daemon)['pid']}/fd")) == before


# Gates.

LIBWRAP = pytest.mark.skipif(
    "+libwrap" not in VERSION,
    reason="built without libwrap")


@LIBWRAP
@pytest.mark.root
def test_what_a_gate_admits_is_the_internal_process_s(conf, listener, hosts):
    hosts("red: 127.0.0.1\n", "ALL: ALL\n")
    options = {"libwrap": "yes", "log_on_success": "{PID, TRAFFIC, EXIT}"}
    daemon = conf(redirect(libwrap_name="red", **options) +
                  redirect("blue", 20003, libwrap_name="blue", **options))
    with connect(20001) as s, connect(20001) as t:
        targets = [listener.accept()[0] for _ in range(2)]
        for one in (s, t):
            one.sendall(b"abc")
        for target in targets:
            assert target.recv(10) == b"abc"
            target.close()
        assert read_all(s) == read_all(t) == b""
        pid = worker(daemon)["pid"]
    assert tcp(20003, b"x") == b""
    wait_for(lambda: daemon.status()["children"] == 0)
    assert daemon.service("blue")["refused"]["libwrap"] == 1
    log = daemon.read_log()
    assert len(re.findall(rf"START: red pid={pid}$", log, re.M)) == 2
    assert len(re.findall(r"TRAFFIC: red in=3", log)) == 2
    assert "START: blue" not in log and "EXIT: blue" not in log
