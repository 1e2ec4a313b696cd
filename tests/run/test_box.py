"""Boxes of services: superd.conf(5), as those who sit in them see them."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess

import pytest
from conftest import (SLOW, SUPERD, connect, probe, read_all, tcp, wait_for)
from test_attributes import service

pytestmark = pytest.mark.root


def can(*options):
    """May this host's root have such namespaces?"""
    with contextlib.suppress(OSError):
        return subprocess.run(["unshare", *options, "true"],
                              capture_output=True).returncode == 0
    return False


MOUNTS = pytest.mark.skipif(not can("-m"), reason="no mount namespaces")
NETS = pytest.mark.skipif(not can("-n"), reason="no network namespaces")
PIDS = pytest.mark.skipif(not can("-m", "-p", "-f", "--mount-proc"),
                          reason="no pid namespaces")
ALL = pytest.mark.skipif(not can("-m", "-n", "-i", "-p", "-f",
                                 "--mount-proc"), reason="no namespaces")


def shell(script, name="one", **attributes):
    return service(name, server="/bin/sh", server_args=["-c", script],
                   **attributes)


@pytest.fixture
def inside(superd):
    """What a script in such a box prints."""
    def run(script, **attributes):
        superd(shell(f"exec 2>&1; {script}", **attributes), file="superd.conf")
        return tcp(20001, timeout=20).decode()
    return run


def check(text, tmp_path, option="-t"):
    path = tmp_path / "checked.conf"
    path.write_text(text)
    return subprocess.run([SUPERD, option, path], text=True,
                          capture_output=True, timeout=60 * SLOW)


def status_of(text, key):
    return re.search(rf"^{key}:\s*(\S+)", text, re.M)[1]


STATUS = "cat /proc/self/status"


# Privileges.

def test_no_new_privs_is_set(inside):
    assert status_of(inside(STATUS, no_new_privs=True), "NoNewPrivs") == "1"


def test_no_new_privs_stands_in_xinetd_conf_with_a_note(superd, tmp_path):
    daemon = superd("service one\n{\n\ttype = UNLISTED\n\tport = 20001\n"
                    "\tsocket_type = stream\n\twait = no\n\tuser = nobody\n"
                    "\tserver = /bin/cat\n\tserver_args = /proc/self/status\n"
                    "\tno_new_privs = yes\n}\n", file="xinetd.conf")
    daemon.wait_log("no_new_privs applies: xinetd 2.3.15 does not have it")
    assert status_of(tcp(20001).decode(), "NoNewPrivs") == "1"


def test_without_a_box_nothing_changes(inside):
    text = inside(STATUS)
    assert status_of(text, "NoNewPrivs") == "0"
    assert status_of(text, "CapBnd") == status_of(
        pathlib.Path("/proc/self/status").read_text(), "CapBnd")


@pytest.mark.parametrize("user", ("nobody", "root"))
def test_capabilities_are_those_and_no_others(inside, user):
    text = inside(STATUS, user=user, capabilities=["NET_BIND_SERVICE",
                                                   "cap_kill"])
    for key in "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
        assert int(status_of(text, key), 16) == 1 << 10 | 1 << 5, key


def test_root_without_capabilities_may_nothing(inside, tmp_path):
    secret = tmp_path / "secret"
    secret.touch()
    secret.chmod(0)
    os.chown(secret, 12345, 12345)
    text = inside(f"{STATUS}; cat {secret}", user="root",
                  capabilities=[])
    assert int(status_of(text, "CapBnd"), 16) == 0
    assert "Permission denied" in text


def test_oom_score_is_the_servers_and_not_superds(superd):
    daemon = superd(shell("cat /proc/self/oom_score_adj",
                          oom_score_adjust=500), file="superd.conf")
    own = pathlib.Path(f"/proc/{daemon.pid}/oom_score_adj")
    before = own.read_text()
    assert tcp(20001) == b"500\n"
    assert own.read_text() == before


def test_affinity_is_to_these_processors(inside):
    cpu = max(os.sched_getaffinity(0))
    text = inside(STATUS, cpu_affinity=[str(cpu)])
    assert status_of(text, "Cpus_allowed_list") == str(cpu)


# Files.

@MOUNTS
def test_tmp_is_its_own_and_vanishes(superd, tmp_path):
    name = f"{tmp_path.name}-box"
    superd(shell("cd /tmp; ls -a; echo x > /tmp/%s; cat /var/tmp/%s"
                 % (name, name), private_tmp=True), file="superd.conf")
    for _ in range(2):
        assert tcp(20001).split() == [b".", b"..", b"x"]
    assert not os.path.exists(f"/tmp/{name}")


@MOUNTS
def test_tmp_takes_its_size_and_no_more(inside):
    text = inside("dd if=/dev/zero of=/tmp/a bs=64k count=64; "
                  "dd if=/dev/zero of=/dev/shm/b bs=64k count=1; "
                  "stat -c %s /tmp/a",
                  private_tmp=True, tmp_size="1M")
    assert "No space left" in text
    assert int(text.split()[-1]) <= 1 << 20


@MOUNTS
def test_tmp_has_a_bounded_number_of_files(inside):
    text = inside("i=0; while [ $i -lt 1100 ] && echo > /tmp/$i; do i=$((i+1)); "
                  "done; echo; echo made $i", private_tmp=True,
                  tmp_size="1M")
    assert int(text.split()[-1]) < 1100


@MOUNTS
def test_what_is_read_only_cannot_be_written_even_by_root(inside, tmp_path):
    """read_write is let out, with its own rights."""
    for name in "a", "a/b":
        (tmp_path / name).mkdir()
    text = inside(f"touch {tmp_path}/x /x; touch {tmp_path}/a/b/y && echo ok",
                  user="root", read_only=["/"],
                  read_write=[f"{tmp_path}/a/b"])
    assert text.count("Read-only file system") == 2
    assert text.endswith("ok\n")
    assert (tmp_path / "a/b/y").exists()


@MOUNTS
def test_what_is_hidden_is_not_there(inside, tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/inside").touch()
    (tmp_path / "f").write_text("secret")
    text = inside(f"ls {tmp_path}/d; cat {tmp_path}/f; echo end",
                  hidden=[f"{tmp_path}/d", f"{tmp_path}/f"])
    assert "inside" not in text and "secret" not in text
    assert text.endswith("end\n")
    assert (tmp_path / "f").read_text() == "secret"


@MOUNTS
def test_root_is_all_there_is(superd, tmp_path):
    root = tmp_path / "root"
    for name in "dev", "tmp", "data", "bin":
        (root / name).mkdir(parents=True)
    (root / "bin/end").write_bytes(pathlib.Path(probe("end")).read_bytes())
    (root / "bin/end").chmod(0o755)
    text = superd(service(server="/bin/end", root=str(root), private_tmp=True,
                          read_write=["/data"]), file="superd.conf")
    with connect(20001) as s:
        # its exec worked: nothing else has that path
        s.settimeout(10 * SLOW)
        s.shutdown(socket.SHUT_WR)
        read_all(s)
    assert "box:" not in text.read_log()


@MOUNTS
def test_root_of_a_shell_is_read_only_and_has_devices(inside, tmp_path):
    """busybox or not: the host's own directories, mounted into a root."""
    root = tmp_path / "root"
    root.mkdir()
    for name in "dev", "tmp", "data", "usr", "etc":
        (root / name).mkdir()
    for name in "bin", "lib", "lib64", "sbin":
        if os.path.islink(f"/{name}"):
            os.symlink(os.readlink(f"/{name}"), root / name)
    if not (root / "bin").is_symlink():
        pytest.skip("no merged /usr")
    subprocess.run(["mount", "--bind", "/usr", root / "usr"], check=True)
    try:
        os.chmod(root / "data", 0o777)
        text = inside("ls /; ls /dev; echo > /x; echo > /data/y; echo > /tmp/z; "
                      "echo a > /dev/null && echo written",
                      root=str(root), private_tmp=True, read_write=["/data"])
    finally:
        subprocess.run(["umount", root / "usr"], check=True)
    words = text.split()
    assert "home" not in words and "null" in words and "sda" not in words
    assert "Read-only file system" in text and text.endswith("written\n")
    assert (root / "data/y").exists() and not (root / "tmp/z").exists()


# Networks and processes.

@NETS
def test_network_is_a_loopback_device_and_nothing_else(superd):
    superd(service(server="/bin/bash", private_net=True,
                   server_args=["-c", "cat /proc/self/net/dev; "
                                "(echo > /dev/tcp/127.0.0.1/20001) 2>&1"]),
           file="superd.conf")
    text = tcp(20001).decode()
    assert re.findall(r"^ *(\w+): *\d", text, re.M) == ["lo"]
    assert "Connection refused" in text


PORT = """
import socket
s = socket.create_server(('127.0.0.1', 20002))
print('open', flush=True)
s.settimeout(60)
s.accept()
"""


@NETS
def test_port_that_it_opens_is_not_reached(superd):
    superd(service(server="/usr/bin/python3", server_args=["-c", PORT],
                   private_net=True, private_pid=can("-p", "-f")),
           file="superd.conf")
    with connect(20001, timeout=30) as s:
        assert s.recv(5) == b"open\n"
        with pytest.raises(ConnectionRefusedError):
            connect(20002)


@PIDS
def test_no_process_is_seen_but_its_own(inside):
    """Neither superd, nor another server of the same user."""
    text = inside("for p in /proc/[0-9]*; do echo ${p#/proc/}; done; "
                  "kill -0 %d; echo own $$" % os.getpid(), user="root",
                  private_pid=True)
    pids = [int(word) for word in text.split() if word.isdigit()]
    assert max(pids) < 100 and "No such process" in text
    assert "own 2" in text


@PIDS
@pytest.mark.parametrize("end, status", (("exit 7", "status=7"),
                                         ("kill -9 $$", "status=137")))
def test_status_of_the_server_is_passed_on(superd, end, status):
    daemon = superd(shell(end, private_pid=True, log_on_success=["EXIT"]),
                    file="superd.conf")
    tcp(20001)
    daemon.wait_log(rf"EXIT: one {status}\b")


@PIDS
def test_program_that_is_not_there_is_reported(superd, tmp_path):
    """by process 1 for process 2"""
    program = tmp_path / "program"
    program.write_bytes(pathlib.Path("/bin/true").read_bytes())
    program.chmod(0o755)
    daemon = superd(service(server=str(program), private_pid=True),
                    file="superd.conf")
    program.unlink()
    assert tcp(20001) == b""
    daemon.wait_log(f"error one pid=.* exec {program}: No such file")


@PIDS
def test_term_is_passed_on(superd):
    daemon = superd(shell("trap 'echo got; exit 5' TERM; echo ready; "
                          "while :; do sleep 0.05; done", private_pid=True,
                          log_on_success=["PID", "EXIT"]), file="superd.conf")
    with connect(20001, timeout=20) as s:
        assert s.recv(6) == b"ready\n"
        pid = int(daemon.wait_log(r"START: one pid=(\d+)")[1])
        os.kill(pid, signal.SIGTERM)
        assert read_all(s) == b"got\n"
    daemon.wait_log(r"EXIT: one status=5\b")


LEAVES = """
import os, socket, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
os.wait()
print('left', flush=True)
"""


def named(mark):
    """Processes with this in their command line."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if mark.encode() in path.read_bytes():
                found.append(int(path.parent.name))
    return found


@PIDS
def test_whatever_forks_twice_ends_with_the_server(superd, tmp_path):
    mark = f"mark={tmp_path.name}"
    superd(service(server="/usr/bin/python3",
                   server_args=["-c", LEAVES, mark], private_pid=True),
           file="superd.conf")
    with connect(20001, timeout=30) as s:
        assert read_all(s) == b"left\n"
    wait_for(lambda: not named(mark), what="what was left to end")


BOMB = """
import os, time
for _ in range(40):
    try:
        os.fork()
    except OSError:
        break
time.sleep(600)
"""


@PIDS
def test_fork_bomb_ends_with_its_session(superd, tmp_path):
    """Which rlimit_nproc bounds, and one signal ends."""
    mark = f"bomb={tmp_path.name}"
    daemon = superd(service(
        server="/usr/bin/python3", server_args=["-c", BOMB, mark],
        private_pid=True, user="daemon", rlimit_nproc="40",
        log_on_success=["PID"]), file="superd.conf")
    with connect(20001, timeout=30) as s:
        pid = int(daemon.wait_log(r"START: one pid=(\d+)")[1])
        wait_for(lambda: len(named(mark)) > 5, what="the bomb to go off")
        os.kill(pid, signal.SIGKILL)
        assert read_all(s) == b""
    wait_for(lambda: not named(mark), what="the bomb to be over")


ATTACKS = """
import os, resource, socket, ctypes
libc = ctypes.CDLL(None, use_errno=True)
def attempt(name, action):
    try:
        action()
        print(name, 'succeeded')
    except Exception as e:
        print(name, 'failed')
def traced():
    for pid in range(1, 400):
        if pid != os.getpid() and libc.ptrace(16, pid, 0, 0) == 0:
            raise SystemError
    raise OSError
def wall():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard + 1, hard + 1))
attempt('limit', wall)
attempt('mount', lambda: subprocess.check_call(['mount', '-t', 'tmpfs', 'x',
                                                '/tmp']))
attempt('memory', lambda: open('/proc/1/mem', 'rb'))
attempt('environ', lambda: open('/proc/1/environ', 'rb').read())
attempt('write', lambda: open('/etc/x', 'w'))
attempt('net', lambda: socket.create_connection(('127.0.0.1', 20002), 2))
attempt('setuid', lambda: os.setuid(0))
try:
    traced()
except SystemError:
    print('trace succeeded')
except OSError:
    print('trace failed')
"""


@ALL
def test_box_of_kind_ctf_withstands_what_is_tried(superd):
    superd(service(server="/usr/bin/python3", box="ctf",
                   box_fallback=True, server_args=["-c", ATTACKS]) +
           service("two", port=20002, server="/bin/cat"), file="superd.conf")
    text = tcp(20001, timeout=60).decode()
    assert text.count("failed") == 8 and "succeeded" not in text, text


# System calls.

SECCOMP = pytest.mark.skipif(
    "+seccomp" not in subprocess.run([SUPERD, "-V"], text=True,
                                     capture_output=True).stdout or
    not list(pathlib.Path("/usr").glob("lib*/**/libseccomp.so.2")),
    reason="no libseccomp")

CALLS = """
import os
for name, call in ("dir", lambda: os.mkdir("/tmp/superd-calls")), \\
        ("nice", lambda: os.nice(1)):
    try:
        call()
        print(name, "done")
    except OSError as e:
        print(name, e.strerror)
"""


@SECCOMP
@PIDS
@pytest.mark.parametrize("private_pid", (False, True))
def test_system_calls_that_are_denied_fail(superd, private_pid):
    superd(service(server="/usr/bin/python3", private_tmp=True,
                   private_pid=private_pid, server_args=["-c", CALLS],
                   syscalls=["~mkdir", "~mkdirat"]), file="superd.conf")
    assert tcp(20001, timeout=20) == \
        b"dir Operation not permitted\nnice done\n"


@SECCOMP
def test_system_calls_that_are_not_allowed_fail(superd):
    """A program that ends at once needs little; another does not get far."""
    daemon = superd(service(server="/bin/cat", syscalls=[],
                            log_on_success=["EXIT"]), file="superd.conf")
    assert tcp(20001, b"x") == b""
    daemon.wait_log("EXIT: one (status=[1-9]|signal)")


@SECCOMP
def test_unknown_system_call_is_a_warning(tmp_path):
    done = check(shell("true", syscalls=["~fly"]), tmp_path)
    assert "one: syscalls fly: unknown system call" in done.stderr


# What cannot be had, and sets.

@MOUNTS
def test_path_that_is_missing_is_an_error_of_the_entry(superd, tmp_path):
    text = shell("true", hidden=["/no/such/path"])
    done = check(text, tmp_path)
    assert done.returncode == 1
    assert "one: box: hidden /no/such/path: No such file" in done.stderr
    daemon = superd(text + service("two", port=20002), file="superd.conf")
    assert daemon.service("two") is not None
    with pytest.raises(ConnectionRefusedError):
        connect(20001)


@MOUNTS
def test_fallback_serves_without_and_says_so(superd):
    daemon = superd(shell(STATUS, hidden=["/no/such/path"], no_new_privs=True,
                          box_fallback=True), file="superd.conf")
    daemon.wait_log("box: hidden /no/such/path: .*; it is served without")
    assert status_of(tcp(20001).decode(), "NoNewPrivs") == "1"


def controllers():
    """Those of cgroups version 2 that could be switched on here."""
    found = subprocess.run(["findmnt", "-n", "-o", "TARGET", "-t", "cgroup2"],
                           text=True, capture_output=True).stdout.split()
    path = pathlib.Path(found[0] if found else "/none", "cgroup.controllers")
    return path.read_text().split() if path.exists() else []


@pytest.mark.skipif("pids" in controllers(), reason="they are to be had")
def test_control_group_that_cannot_be_had_is_an_error_of_the_entry(superd):
    daemon = superd(shell("true", pids_max=3) + service("two", port=20002),
                    file="superd.conf")
    daemon.wait_log(r"one: box: (pids_max|control group): ")
    assert daemon.service("two") is not None
    with pytest.raises(ConnectionRefusedError):
        connect(20001)
    daemon.reload(shell("echo served", pids_max=3, box_fallback=True))
    assert tcp(20001) == b"served\n"


def test_members_of_a_set_are_printed_and_said_otherwise(tmp_path):
    text = shell("true", box="ctf", private_net=False, tmp_size="1M")
    done = check("defaults { private_ipc = no }\n" + text, tmp_path, "-T")
    for line in ("no_new_privs = yes", "capabilities = {}", "tmp_size = "
                 "1048576", 'read_only = {"/"}', "private_pid = yes", "memory_max = 268435456",
                 "pids_max = 64", "cpu_max = 100%"):
        assert f"\t{line}\n" in done.stdout
    assert "private_net" not in done.stdout
    assert "private_ipc" not in done.stdout


def test_set_of_the_defaults_is_taken_off_by_none(tmp_path):
    done = check("defaults { box = ctf }\n" + shell("true", box="none"),
                 tmp_path, "-T")
    assert "private" not in done.stdout and "read_only" not in done.stdout


@pytest.mark.parametrize("attributes, told", (
    ({"internal": "echo", "private_tmp": True},
     "private_tmp goes with a server only"),
    ({"capabilities": ["FLY"]}, "capabilities FLY: expected a capability"),
    ({"oom_score_adjust": 1001}, "expected a number from -1000 to 1000"),
    ({"cpu_affinity": ["3-2"]}, "expected processors such as 0 or 2-3"),
    ({"hidden": ["etc"]}, "hidden etc: expected an absolute path"),
    ({"cpu_max": "50"}, "expected a part of one processor such as 50%"),
    ({"syscalls": ["~mount", "read"]},
     "syscalls read: expected system calls, each or none with ~"),
    ({"pids_max": 0}, "expected a number from 1"),
    ({"box": "tight"}, "box: unknown word tight"),
))
def test_what_means_nothing_is_refused(tmp_path, attributes, told):
    done = check(service(**attributes), tmp_path)
    assert done.returncode == 1 and told in done.stderr


@pytest.mark.skipif(not can("-U"), reason="no user namespaces")
@ALL
def test_superd_of_a_user_has_boxes_by_user_namespaces(superd, tmp_path):
    nobody = ("setpriv", "--reuid", "65534", "--regid", "65534",
              "--clear-groups")
    tried = subprocess.run([*nobody, "unshare", "-Ur", "-m", "-n", "-p", "-f",
                            "--mount-proc", "true"], capture_output=True)
    if tried.returncode != 0:
        pytest.skip("not for users")
    os.chown(tmp_path, 65534, 65534)
    superd(shell(f"id -u; {STATUS}; ls /proc/net/dev; ls -a /tmp; "
                 "touch /var/x 2>&1", user="nobody", box="ctf",
                 box_fallback=True),
           file="superd.conf", starter=nobody)
    text = tcp(20001, timeout=30).decode()
    assert text.startswith("65534\n") and "Read-only file system" in text
    assert int(status_of(text, "CapEff"), 16) == 0
    assert status_of(text, "Pid") != "1" and int(status_of(text, "Pid")) < 50
