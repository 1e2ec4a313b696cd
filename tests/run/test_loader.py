"""Loads: a process of their own, which may wait, fail and die."""

import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import time

import pytest
from conftest import (ROOT, SLOW, SUPERCTL, SUPERD, WRAPPER, check_no_rights,
                      connect, libc, many_files, process_status, refused, run,
                      tcp, wait_for)

DAYTIME = "20001 stream tcp nowait root internal daytime\n"
# a file of each name would be asked for in turn: one second and more
DEAD = "".join(f"dead{i}.example:2100{i} stream tcp nowait root internal "
               "daytime\n" for i in range(4))


@pytest.fixture
def names(tmp_path, mounts):
    """A name server that is asked, and never answers."""
    for name, text in (
            ("resolv.conf", "nameserver 127.0.0.1\n"
                            "options timeout:1 attempts:1\n"),
            ("nsswitch.conf", "hosts: files dns\npasswd: files\n"
                              "group: files\nservices: files\n"
                              "protocols: files\n")):
        path = tmp_path / name
        path.write_text(text)
        mounts(path, f"/etc/{name}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 53))
        server.settimeout(20 * SLOW)
        yield server


def ctl(daemon, *words):
    """superctl, in the background."""
    return subprocess.Popen([SUPERCTL, "-s", daemon.control, *words],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True)


def outcome(process):
    text, _ = process.communicate(timeout=60 * SLOW)
    return process.returncode, text


def longest_wait(daemon, until):
    """Of clients that come one after the other, until that is true."""
    longest, count = 0, 0
    while not until():
        before = time.monotonic()
        assert tcp(20001)
        longest = max(longest, time.monotonic() - before)
        count += 1
    assert count > 10, "it did not take long enough to be seen"
    return longest


def mappings(daemon):
    text = pathlib.Path(f"/proc/{daemon.pid}/maps").read_text()
    return [line for line in text.splitlines() if "memfd:superd" in line]


def map_count(daemon):
    path = pathlib.Path(f"/proc/{daemon.pid}/maps")
    return len(path.read_text().splitlines())


# Nobody waits.

def test_nobody_waits_for_ten_names_of_a_dead_server(conf, names):
    """as long as the load may take, and not a second a name"""
    text = ("load_timeout = 6s\nservice fine { name = 20001\n"
            "internal = daytime }\n")
    daemon = conf(text)
    daemon.write(text + "".join(
        f"service s{i} {{ name = 2100{i}\ninternal = echo\n"
        f"bind = ten{i}.example }}\n" for i in range(10)))
    process = ctl(daemon, "reload")
    longest = longest_wait(daemon, lambda: process.poll() is not None)
    code, answer = outcome(process)
    assert code == 3 and all(f"ten{i}.example" in answer for i in range(10))
    assert longest < 0.5 * SLOW


@pytest.mark.root
@pytest.mark.parametrize("memory,octets", [("", 1 << 30),
                                           ("load_memory = 64M\n", 64 << 20)])
def test_load_may_use_a_gigabyte_or_what_it_is_given(conf, names, memory,
                                                     octets):
    """besides what the daemon has already"""
    if WRAPPER or "asan" in SUPERD:
        pytest.skip("a sanitizer needs addresses without limit")
    text = memory + "service fine { name = 20001\ninternal = daytime }\n"
    daemon = conf(text)
    daemon.write(text + "service s { name = 20002\ninternal = echo\n"
                 "bind = dead.example }\n")
    process = ctl(daemon, "reload")
    names.recv(512)
    loader, _ = resolver_of(daemon)
    limits = pathlib.Path(f"/proc/{loader}/limits").read_text()
    soft = int(re.search(r"^Max address space +(\d+) ", limits, re.M)[1])
    # it is the daemon's fork: of its size, but for a little
    assert abs(soft - octets - address_space(daemon.pid)) < 8 << 20
    assert outcome(process)[0] == 3


@pytest.mark.parametrize("how", ["superctl", "signal"])
def test_nobody_waits_for_a_name_server_that_is_dead(superd, names, how):
    daemon = superd(DAYTIME)
    daemon.write(DAYTIME + DEAD)
    if how == "signal":
        daemon.signal(signal.SIGHUP)
        longest = longest_wait(daemon, lambda: "reload: " in
                               daemon.read_log())
    else:
        process = ctl(daemon, "reload")
        longest = longest_wait(daemon, lambda: process.poll() is not None)
        code, text = outcome(process)
        assert code == 3 and "dead3.example" in text
    assert longest < 0.5 * SLOW
    assert daemon.status()["reloads"] == 1


def test_others_are_answered_while_a_reload_waits(superd, names):
    daemon = superd(DAYTIME)
    daemon.write(DAYTIME + DEAD)
    process = ctl(daemon, "reload")
    names.recv(512)
    assert daemon.status()["reloads"] == 0
    code, text = daemon.ctl("show", "20001/tcp")
    assert code == 0 and process.poll() is None, text
    assert outcome(process)[0] == 3


def test_start_waits_for_names_and_serves_then(superd, names):
    daemon = superd(DAYTIME + DEAD)
    assert tcp(20001)
    assert len(daemon.status()["unservable"]) == 4


def test_hosts_have_no_more_than_half_of_the_time(conf, names):
    text = ("load_timeout = 4s\nservice fine { name = 20001\n"
            "internal = daytime }\n")
    dead = "".join(f"service s{i} {{ name = 2100{i}\n internal = echo\n"
                   f"bind = dead{i}.example }}\n" for i in range(8))
    daemon = conf(text)
    daemon.write(text + dead)
    code, answer = daemon.reload()
    assert code == 3 and "added 0, removed 0, changed 0, kept 1" in answer
    assert answer.count("dead") >= 8 and tcp(20001)


# Who asks while a load is on its way.

def test_reload_asked_for_during_another_reads_what_was_edited(superd, names):
    daemon = superd(DAYTIME)
    daemon.write(DAYTIME + DEAD)
    first = ctl(daemon, "reload")
    names.recv(512)
    daemon.write(DAYTIME.replace("20001", "20002"))
    others = [ctl(daemon, "reload") for _ in range(2)]
    assert outcome(first)[0] == 3
    for process in others:
        code, text = outcome(process)
        assert code == 0 and "added 1, removed 1, changed 0, kept 0" in text
    assert tcp(20002) and refused(20001)
    # one load for both
    assert daemon.status()["reloads"] == 2


def test_signal_during_a_load_is_not_lost(superd, names):
    daemon = superd(DAYTIME)
    daemon.write(DAYTIME + DEAD)
    daemon.signal(signal.SIGHUP)
    names.recv(512)
    daemon.write(DAYTIME.replace("20001", "20002"))
    daemon.signal(signal.SIGHUP)
    wait_for(lambda: not refused(20002), 30)
    assert refused(20001)


def test_signal_during_the_start_is_not_lost(superd, names):
    daemon = superd(DAYTIME + DEAD, ready=False)
    names.recv(512)
    daemon.write(DAYTIME.replace("20001", "20002"))
    daemon.signal(signal.SIGHUP)
    daemon.wait_log("ready: ", 30)
    wait_for(lambda: not refused(20002), 30)
    assert refused(20001)


def test_dry_run_and_reload_at_once(superd, names):
    daemon = superd(DAYTIME)
    daemon.write(DAYTIME + DEAD)
    first = ctl(daemon, "reload")
    names.recv(512)
    daemon.write(DAYTIME.replace("20001", "20002"))
    dry, real = ctl(daemon, "reload", "--dry-run"), ctl(daemon, "reload")
    outcome(first)
    for process in (dry, real):
        code, text = outcome(process)
        assert code == 0 and "kept" in text
    assert tcp(20002)


def test_notifications_are_in_order_when_signals_come_during_a_load(
        superd, names, tmp_path):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(path)
        s.settimeout(30 * SLOW)
        daemon = superd(DAYTIME, env=dict(os.environ, NOTIFY_SOCKET=path))
        assert s.recv(4096).startswith(b"READY=1\n")
        daemon.write(DAYTIME + DEAD)
        daemon.signal(signal.SIGHUP)
        assert s.recv(4096).startswith(b"RELOADING=1\n")
        names.recv(512)
        daemon.write(DAYTIME)
        daemon.signal(signal.SIGHUP)
        assert s.recv(4096).startswith(b"READY=1\n")
        assert daemon.status()["reloads"] == 2


def resolver_of(daemon):
    """The process that the loader has started, once it asks."""
    loader, = daemon.askers()
    path = pathlib.Path(f"/proc/{loader}/task/{loader}/children")
    wait_for(path.read_text)
    return loader, int(path.read_text())


@pytest.mark.root
def test_who_asks_for_hosts_has_no_rights(superd, names):
    daemon = superd(DAYTIME)
    daemon.write(DAYTIME + DEAD)
    process = ctl(daemon, "reload")
    names.recv(512)
    _, pid = resolver_of(daemon)
    check_no_rights(pid)
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    assert re.search(r"Max processes +0 +0 ", limits)
    assert re.search(r"Max file size +0 +0 ", limits)
    assert sorted(os.listdir(f"/proc/{pid}/fd"))[:4] == list("0123")
    # what is loaded just now is nothing to it
    maps = pathlib.Path(f"/proc/{pid}/maps").read_text()
    assert not re.search(r" rw-s .*memfd:superd", maps)
    assert outcome(process)[0] == 3


@pytest.mark.root
@pytest.mark.parametrize("how", ["killed", "too late"])
def test_who_asks_for_hosts_ends_with_the_loader(conf, names, how):
    text = ("load_timeout = 2s\nservice fine { name = 20001\n"
            "internal = daytime }\n")
    daemon = conf(text)
    daemon.write(text + "service s { name = 20002\ninternal = echo\n"
                 "bind = dead.example }\n")
    if how == "too late":
        # the only name takes longer than the load may
        pathlib.Path("/etc/resolv.conf").write_text(
            "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n")
    process = ctl(daemon, "reload")
    names.recv(512)
    loader, pid = resolver_of(daemon)
    if how == "killed":
        os.kill(loader, signal.SIGKILL)
    assert outcome(process)[0] != 0
    wait_for(lambda: not os.path.exists(f"/proc/{pid}/exe") or
             not pathlib.Path(f"/proc/{pid}/cmdline").read_bytes())
    assert tcp(20001)


@pytest.mark.root
def test_hosts_have_addresses_where_there_is_one_user_only(tmp_path):
    """a user namespace without any id but root's"""
    alone = ["setpriv", "--reuid", "65534", "--regid", "65534",
             "--clear-groups", "unshare", "-r"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("no user namespaces here")
    path = tmp_path / "inetd.conf"
    path.write_text("localhost:" + DAYTIME)
    result = subprocess.run([*alone, SUPERD, "-t", "--insecure-files", path],
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_hosts_are_asked_for_again_when_the_resolver_has_died(superd, names):
    """one name is lost, not the load"""
    daemon = superd(DAYTIME)
    daemon.write(DAYTIME + DEAD)
    process = ctl(daemon, "reload")
    names.recv(512)
    _, pid = resolver_of(daemon)
    os.kill(pid, signal.SIGKILL)
    code, text = outcome(process)
    assert code == 3 and "dead0.example" in text and "dead3.example" in text


@pytest.mark.parametrize("when", ["start", "reload"])
def test_stop_ends_a_load(superd, names, when):
    daemon = superd(DAYTIME + (DEAD if when == "start" else ""),
                    ready=when != "start")
    if when == "reload":
        daemon.write(DAYTIME + DEAD)
        process = ctl(daemon, "reload")
    names.recv(512)
    # without a configuration there is no internal process
    loader, = daemon.child_pids() if when == "start" else daemon.askers()
    daemon.signal(signal.SIGTERM)
    daemon.ended(1)
    wait_for(lambda: not os.path.exists(f"/proc/{loader}/status") or
             "zombie" in pathlib.Path(f"/proc/{loader}/status").read_text(),
             what="the end of the loader")
    if when == "reload":
        code, text = outcome(process)
        assert code == 1 and "superd is shutting down" in text


# Who dies of it.

def big(count, first=22000):
    return DAYTIME + "".join(
        f"127.1.{i // 250}.{i % 250 + 1}:20009 stream tcp nowait root "
        f"/bin/cat cat {i} {'x' * 2000}\n" for i in range(count))


def test_load_that_wants_too_much_memory_is_refused(conf):
    if "asan" in SUPERD:
        pytest.skip("a sanitizer needs addresses without limit")
    daemon = conf("load_memory = 8M\nservice fine { name = 20001\n"
                  "internal = daytime }\n")
    many = "".join(f"service s{i} {{ name = 20009\n server = /bin/cat\n"
                   f"server_args = {'x' * 2000}\n bind = 127.1.0.{i} }}\n"
                   for i in range(1, 250))
    for _ in range(3):
        code, text = daemon.reload(
            "service fine { name = 20002\n internal = daytime }\n" +
            many.replace("server_args", "disable = yes\nserver_args") * 20)
        assert code == 1
        assert "error: not loaded: out of memory: the limit is 8 MiB" in text
        assert tcp(20001) and refused(20002)
    daemon.wait_log("reload: refused, nothing was changed")
    assert daemon.status()["reloads_failed"] == 3


def address_space(pid):
    text = pathlib.Path(f"/proc/{pid}/statm").read_text()
    return int(text.split()[0]) * os.sysconf("SC_PAGE_SIZE")


def limit_address_space(pid, octets):
    """As the user of the process."""
    ids = process_status(pid)
    subprocess.run(["prlimit", f"--pid={pid}", f"--as={octets}:"],
                   check=True, user=int(ids["Uid"].split()[0]),
                   group=int(ids["Gid"].split()[0]), extra_groups=[])


def test_no_memory_for_a_reload_is_not_the_end(superd):
    """abort, exit(2) of libconfuse's scanner, or a crash within NSS"""
    if "asan" in SUPERD:
        pytest.skip("a sanitizer needs addresses without limit")
    daemon = superd(DAYTIME)
    daemon.write(big(6000))
    for more in (2, 8, 20):
        limit = address_space(daemon.pid) + (more << 20)
        run("prlimit", f"--pid={daemon.pid}", f"--as={limit}:")
        code, text = daemon.reload()
        assert code == 1 and "nothing was changed" in text
        assert daemon.alive() and tcp(20001)
    run("prlimit", f"--pid={daemon.pid}", "--as=unlimited:")
    daemon.write(DAYTIME.replace("20001", "20002"))
    assert daemon.reload()[0] == 0 and tcp(20002)


def test_no_memory_for_clients_refuses_them(conf):
    """and is not the end, either"""
    if "asan" in SUPERD:
        pytest.skip("a sanitizer needs addresses without limit")
    daemon = conf("max_connections = unlimited\n"
                  "service a { name = 20001\n internal = echo }\n")

    def echo():
        with connect(20001) as s:
            s.settimeout(0.5 * SLOW)
            s.sendall(b"x")
            try:
                return s.recv(1) == b"x"
            except OSError:
                return False

    with many_files(3000):
        assert echo()
        pid = daemon.status()["workers"][0]["pid"]
        limit_address_space(pid, address_space(pid))
        with contextlib.ExitStack() as clients:
            for _ in range(2500):
                clients.enter_context(connect(20001))
                if "shortage" in daemon.read_log():
                    break
            daemon.wait_log("pause reason=shortage")
        wait_for(echo, 20)
    limit_address_space(pid, "unlimited")


def test_start_without_memory_says_so(superd):
    if "asan" in SUPERD:
        pytest.skip("a sanitizer needs addresses without limit")
    daemon = superd(big(6000), ready=False,
                    starter=["prlimit", f"--as={40 << 20}"])
    daemon.ended(20, expect=1)
    log = daemon.read_log()
    assert "error: not loaded: " in log
    assert "not started: the configuration cannot be used" in log


def loader_of(daemon, process):
    """Its pid, as soon as there is one; or None, once there is none."""
    while process.poll() is None:
        pids = daemon.askers()
        if pids:
            return pids[0]
    return None


@pytest.mark.parametrize("signo", [signal.SIGKILL, signal.SIGSEGV,
                                   signal.SIGTERM, signal.SIGHUP])
def test_loader_that_dies_is_a_refused_reload(superd, signo):
    """whenever that is; nothing is lost or left"""
    daemon = superd(DAYTIME)
    daemon.write("".join(f"127.1.{i // 250}.{i % 250 + 1}:20009 stream tcp "
                         "nowait root internal daytime\n"
                         for i in range(3000)) + DAYTIME)
    chance = random.Random(20061 + signo)
    refusals = 0
    for _ in range(25):
        process = ctl(daemon, "reload", "--dry-run")
        pid = loader_of(daemon, process)
        time.sleep(chance.random() * 0.03)
        with contextlib.suppress(OSError, TypeError):
            os.kill(pid, signo)
        code, text = outcome(process)
        if "not loaded" in text:
            assert code == 1 and f"killed by signal {int(signo)} (" in text
            refusals += 1
        else:
            assert code == 0 and "added 3000" in text
        assert tcp(20001)
    assert refusals > 0
    assert daemon.reload(DAYTIME)[0] == 0


def test_load_has_a_deadline(conf, names):
    text = "load_timeout = 1s\nservice fine { name = 20001\n" \
        "internal = daytime }\n"
    pathlib.Path("/etc/resolv.conf").write_text(
        "nameserver 127.0.0.1\noptions timeout:20 attempts:1\n")
    daemon = conf(text)
    before = time.monotonic()
    code, answer = daemon.reload(
        text + "service late { name = 20002\n internal = daytime\n"
        "bind = dead.example }\n")
    assert code == 1 and "not finished within 1 second (load_timeout)" in answer
    assert time.monotonic() - before < 5 * SLOW
    assert tcp(20001) and refused(20002)
    wait_for(lambda: daemon.askers() == [])
    assert daemon.reload(text)[0] == 0


# What is left.

def test_reloads_leave_no_mapping_and_no_descriptor(superd):
    """kept, changed, stale, refused"""
    base = DAYTIME + "20002 stream tcp nowait %s internal daytime\n"
    texts = [base % "root", base % "nobody", base % "nosuchuser",
             base % "root" + "garbage\n", DAYTIME]
    daemon = superd(texts[0])
    rounds = 300 if SLOW < 2 else 60
    for i in range(rounds):
        daemon.reload(texts[i * 7 % 5])
        if i == 20:
            maps, fds = map_count(daemon), daemon.fds()
    daemon.reload(texts[0])
    assert len(mappings(daemon)) == 1
    # the internal process before may still be ending
    wait_for(lambda: map_count(daemon) <= maps + 2 and daemon.fds() <= fds,
             what="the descriptors and mappings there were")
    assert daemon.status()["reloads"] > rounds / 2


def reload_at_once(daemon):
    """What superctl asks for, without starting it."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(60 * SLOW)
        s.connect(daemon.control)
        s.sendall(b"reload\n")
        return b"".join(iter(lambda: s.recv(4096), b""))


# half a minute; RELOADS=N makes them fewer, or more
RELOADS = int(os.environ.get("RELOADS", 10000 if SLOW < 2 else 1000))


def test_thousands_of_reloads_leak_nothing(superd, tmp_path):
    """of a mapping, a descriptor, or memory: kept, changed, renamed"""
    texts = [DAYTIME + f"20002 stream tcp nowait {user} /bin/cat cat\n"
             for user in ("root", "nobody")]
    texts.append(DAYTIME)
    daemon = superd(texts[0])
    # beside it, and renamed: what is read is whole
    files = [tmp_path / str(i) for i in range(len(texts))]

    def some(count):
        for i in range(count):
            new = i * 5 % 7 % len(texts)
            files[new].write_text(texts[new])
            files[new].rename(daemon.conf)
            assert reload_at_once(daemon).startswith(b"EXIT 0\n")
            daemon.read_log()
        files[0].write_text(texts[0])
        files[0].rename(daemon.conf)
        assert daemon.reload()[0] == 0
        wait_for(lambda: daemon.askers() == [])

    some(100)
    maps, fds, memory = map_count(daemon), daemon.fds(), daemon.exact_rss()
    some(RELOADS - 100)
    assert daemon.status()["reloads"] == RELOADS + 2
    assert len(mappings(daemon)) == 1
    assert map_count(daemon) <= maps + 2 and daemon.fds() <= fds
    if "asan" not in SUPERD and not WRAPPER:
        assert daemon.exact_rss() - memory < 256 << 10


@pytest.mark.skipif("asan" in SUPERD or bool(WRAPPER), reason="its memory")
def test_idle_services_cost_little_memory(superd):
    """nothing of each is kept for what seldom happens; files are shared"""
    def text(count):
        return DAYTIME + "".join(
            f"{20010 + i} stream tcp nowait nobody /bin/cat cat\n"
            for i in range(count))
    daemon = superd(text(10))
    before = daemon.exact_rss()
    assert daemon.reload(text(810))[0] == 0
    assert daemon.exact_rss() - before < 800 * 2900


def test_stale_service_keeps_its_generation_and_no_other(superd):
    line = "20002 stream tcp nowait %s /bin/echo echo %s\n"
    daemon = superd(DAYTIME + line % ("root", "old"))
    assert len(mappings(daemon)) == 1
    for i in range(5):
        code, _ = daemon.reload(DAYTIME.replace("20001", f"2001{i}") +
                                line % ("nosuchuser", "new"))
        assert code == 3
        # its own, and the newest
        assert len(mappings(daemon)) == 2
        assert daemon.service("20002/tcp")["state"] == "stale"
        assert tcp(20002) == b"old\n"
    assert daemon.reload(line % ("root", "new"))[0] == 0
    assert len(mappings(daemon)) == 1
    assert tcp(20002) == b"new\n"


def test_nothing_of_the_configuration_can_be_written_to(superd):
    daemon = superd(DAYTIME)
    daemon.reload(DAYTIME + "20002 stream tcp nowait root internal echo\n")
    modes = [line.split()[1] for line in mappings(daemon)]
    assert modes == ["r--s"]


# Files.

def test_edited_banner_is_sent_after_a_reload(conf, tmp_path):
    banner = tmp_path / "banner"
    banner.write_text("one\n")
    daemon = conf("service a { name = 20001\n internal = daytime\n"
                  f"banner = {banner} }}\n")
    assert tcp(20001).startswith(b"one\n")
    banner.write_text("two\n")
    assert tcp(20001).startswith(b"one\n")
    code, text = daemon.reload()
    assert code == 0 and "changed 1, kept 0" in text
    assert tcp(20001).startswith(b"two\n")
    banner.write_text("")
    daemon.hup()
    assert not tcp(20001).startswith(b"two")
    code, text = daemon.reload()
    assert code == 0 and "changed 0, kept 1" in text


IN_OPEN, IN_CLOSE = 0x20, 0x18


@contextlib.contextmanager
def opened(path):
    """How often a file is opened: inotify(7).  Two events alike in a row are
    one there, so closing is watched as well."""
    fd = libc.inotify_init1(os.O_NONBLOCK)
    assert fd >= 0
    assert libc.inotify_add_watch(fd, os.fsencode(path),
                                  IN_OPEN | IN_CLOSE) >= 0

    def count():
        events = struct.iter_unpack("iIII", os.read(fd, 65536))
        return sum(mask & IN_OPEN != 0 for _, mask, _, _ in events)
    try:
        yield count
    finally:
        os.close(fd)


def test_configuration_is_read_once_at_the_start(superd, tmp_path):
    """also where it says what the pid file is called"""
    (tmp_path / "superd.conf").write_text("")
    pid = tmp_path / "pid"
    text = (f"pid_file = {pid}\ncontrol = {tmp_path}/control\n"
            "service a { name = 20001\n internal = daytime }\n")
    (tmp_path / "superd.conf").write_text(text)
    with opened(tmp_path / "superd.conf") as count:
        process = subprocess.Popen([SUPERD, "-F", tmp_path / "superd.conf"],
                                   stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: pid.exists() and
                     pid.read_text() == str(process.pid))
            assert count() == 1
        finally:
            process.terminate()
            assert process.wait(10 * SLOW) == 0


def test_daemon_opens_no_file_of_the_configuration(superd, tmp_path):
    """the loader does: traced, a reload is seen to open none"""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    daemon = superd(DAYTIME)
    trace = tmp_path / "trace"
    strace = subprocess.Popen(["strace", "-qq", "-e", "trace=%file,socket",
                               "-o", trace, "-p", str(daemon.pid)],
                              stderr=subprocess.PIPE)
    try:
        wait_for(lambda: "TracerPid:\t0" not in pathlib.Path(
            f"/proc/{daemon.pid}/status").read_text())
        assert daemon.reload(DAYTIME + DAYTIME.replace("1", "3", 1))[0] < 2
    finally:
        strace.terminate()
        strace.wait()
        strace.stderr.close()
    assert not re.search(r"inetd\.conf|passwd|services|nsswitch",
                         trace.read_text())


# The model.

def members(text, struct):
    """Names of the pointers in a struct, and in those that it contains."""
    body = re.search(rf"^struct {struct} \{{(.*?)^\}};", text, re.M | re.S)[1]
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
    found = set()
    for line in body.split(";"):
        words = line.split()
        if not words:
            continue
        for name in re.findall(r"\*+(\w+)", line):
            found.add(name)
        if words[0] == "struct" and "*" not in line:
            for name in re.findall(r"(\w+)\s*(?:,|$)", line):
                with contextlib.suppress(TypeError):
                    found |= {f"{name}.{inner}"
                              for inner in members(text, words[1])}
    return found


def test_every_pointer_of_the_model_is_copied():
    """or it would lead to memory of the loader, which is gone: it, or the
    struct that it is in, has a row in the table of attributes"""
    text = (ROOT / "conf/conf.h").read_text()
    rows = re.findall(r"\b[A-Z]+\(([a-z][\w.]*)",
                      (ROOT / "conf/attribute_rows.c").read_text())
    for struct in ("service", "globals"):
        pointers = members(text, struct)
        assert len(pointers) > 3
        assert [name for name in pointers if name not in rows
                and name.split(".")[0] not in rows] == []
