"""Daemon life: detaching, pid file, signals, exit."""

import os
import pathlib
import re
import signal
import subprocess
import time

import pytest
from conftest import (PROCESS_1, REAL_ROOT, SLOW, SUPERCTL, SUPERD, WRAPPER,
                      connect, probe, refused, require_process_1,
                      require_users, tcp, wait_for)

DAY = "20001 stream tcp nowait root internal daytime\n"


class Detached:
    """superd as a daemon; the caller's own clean-up."""

    def __init__(self, path, conf, *args, starter=(), name=None):
        self.conf = path / "inetd.conf"
        require_users(conf)
        self.conf.write_text(conf)
        self.pidfile = path / "pid"
        program = SUPERD if name is None else \
            os.path.join(os.path.dirname(SUPERD), name)
        self.done = subprocess.run(
            [*starter, program, "-p", self.pidfile, "--control",
             path / "control", *args, self.conf],
            capture_output=True, text=True, timeout=20 * SLOW)

    @property
    def pid(self):
        return int(self.pidfile.read_text())

    def stop(self):
        pid = self.pid
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not os.path.exists(f"/proc/{pid}") or
                 " Z " in pathlib.Path(f"/proc/{pid}/stat").read_text(), 10)


@pytest.fixture
def detached(tmp_path):
    running = []

    def start(*args, **options):
        daemon = Detached(tmp_path, *args, **options)
        running.append(daemon)
        return daemon

    yield start
    for daemon in running:
        if daemon.pidfile.exists() and daemon.pidfile.read_text():
            daemon.stop()


def test_everything_is_there_when_the_starter_returns(detached):
    daemon = detached(DAY)
    assert daemon.done.returncode == 0, daemon.done.stderr
    assert tcp(20001)
    assert daemon.pid > 1


def test_detached_state(detached):
    """own session, /, umask 022, null on 0-2, no controlling terminal"""
    daemon = detached(DAY, starter=[probe("dirty"), "all", "umask=0", "--"])
    root = f"/proc/{daemon.pid}"
    fields = pathlib.Path(root, "stat").read_text().rsplit(")", 1)[1].split()
    assert fields[3] != str(os.getsid(0)) and fields[4] == "0"
    assert fields[3] != str(daemon.pid)     # and is no session leader
    assert os.readlink(f"{root}/cwd") == "/"
    assert "Umask:\t0022" in pathlib.Path(root, "status").read_text()
    for fd in (0, 1, 2):
        assert os.readlink(f"{root}/fd/{fd}") == "/dev/null"
    for fd in os.listdir(f"{root}/fd"):
        assert "shadow" not in os.readlink(f"{root}/fd/{fd}")


@pytest.mark.parametrize("closed", ["0", "1", "2", "012"])
def test_detaches_with_standard_descriptors_closed(detached, closed):
    daemon = detached(DAY, starter=[probe("dirty"), f"close={closed}", "--"])
    assert daemon.done.returncode == 0 and tcp(20001)


def test_failed_start_is_told_by_the_exit_status(detached, tmp_path):
    daemon = detached(DAY, tmp_path / "missing", "extra")
    assert daemon.done.returncode == 2
    (tmp_path / "bad").mkdir()
    done = subprocess.run([SUPERD, "-p", tmp_path / "p", "--control", "none",
                           tmp_path / "nothing"], capture_output=True,
                          text=True)
    assert done.returncode == 1
    assert f"{tmp_path}/nothing: error: No such file" in done.stderr
    assert not (tmp_path / "p").exists()


def test_nothing_bindable_ends_the_start(detached, superd):
    superd(DAY, file="other.conf")
    daemon = detached("127.0.0.1:20001 stream tcp nowait root internal echo\n")
    assert daemon.done.returncode == 1
    assert "no socket could be bound" in daemon.done.stderr


def test_second_instance_is_refused_with_the_pid_of_the_first(detached,
                                                              tmp_path):
    first = detached(DAY)
    pid = first.pid
    done = subprocess.run([SUPERD, "-p", first.pidfile, "--control", "none",
                           first.conf], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"already running, pid {pid}" in done.stderr
    assert tcp(20001) and first.pid == pid


def test_second_instance_with_the_pid_file_is_refused(detached, tmp_path):
    """though it is for another configuration"""
    first = detached(DAY)
    other = tmp_path / "other.conf"
    other.write_text(DAY.replace("20001", "20002"))
    done = subprocess.run([SUPERD, "-p", first.pidfile, "--control", "none",
                           other], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"{first.pidfile}: superd is already running, pid {first.pid}" \
        in done.stderr


def start_another(conf, *args, **options):
    """One that is expected not to start."""
    return subprocess.run([SUPERD, "-F", "-p", "none", "--control", "none",
                           *args, conf], capture_output=True, text=True,
                          timeout=10 * SLOW, **options)


def test_second_instance_in_the_foreground_is_refused(superd, tmp_path):
    """by whatever name it knows the file, and however often it tries; though
    it could have bound what the first one serves"""
    first = superd("20001 stream tcp nowait root internal daytime\n")
    (tmp_path / "link").symlink_to(first.conf)
    first.write("20002 stream tcp nowait root internal daytime\n")
    for _ in range(20):
        for path in (first.conf, tmp_path / "link"):
            done = start_another(path)
            assert (done.returncode, done.stderr) == (
                1, f"superd: {path}: superd is already running, pid "
                f"{first.pid}\n")
    # an editor's new file is the same configuration
    first.conf.rename(tmp_path / "old")
    first.write("20002 stream tcp nowait root internal daytime\n")
    assert start_another(first.conf).returncode == 1
    assert refused(20002)


def test_same_file_for_another_address_is_another_instance(superd, veth):
    superd(DAY, args=["-a", "127.0.0.1"])
    superd(DAY, args=["-a", "192.0.2.1", "--control", "none"], ready=False
           ).wait_log("ready:")
    assert tcp(20001) and tcp(20001, host="192.0.2.1")


def test_same_file_in_another_network_is_another_instance(superd, veth):
    """ports are the network's, and so is the lock"""
    superd(DAY)
    with veth.peer():
        superd(DAY, args=["--control", "none"], ready=False
               ).wait_log("ready:")
        assert tcp(20001)
    assert tcp(20001)


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGKILL])
def test_end_of_an_instance_is_the_end_of_its_lock(superd, signo):
    """whatever it leaves: a server, a worker, a reader of stderr"""
    first = superd(f"20001 stream tcp nowait nobody {probe('hold')} hold\n"
                   "20002 stream tcp nowait root internal echo\n")
    with connect(20001) as one, connect(20002) as two:
        assert one.recv(100)
        two.sendall(b"x")
        assert two.recv(1)
        first.signal(signo)
        first.ended(expect=0 if signo == signal.SIGTERM else -signo)
        second = superd("20001 stream tcp nowait root internal daytime\n")
        assert "already running" not in second.read_log()


def test_reader_of_stderr_that_stays_does_not_keep_the_lock(superd):
    text = ('service "one" { port = 20001 user = nobody server = /bin/sh '
            'server_args = {"-c", "exec 0<&- 1>&-; sleep 60"} '
            'stderr = log }\n')
    first = superd(text, file="superd.conf")
    tcp(20001)
    wait_for(lambda: first.status()["children"] == 1)
    first.signal(signal.SIGTERM)
    first.ended()
    superd(text, file="superd.conf")


@pytest.mark.root
def test_name_that_another_user_took_locks_nobody_out(superd, tmp_path):
    """anybody may bind an abstract name"""
    first = superd(DAY)
    name, = [line.split()[-1] for line in
             pathlib.Path("/proc/net/unix").read_text().splitlines()
             if line.split()[-1].startswith("@superd/")]
    first.stop()
    taker = ("import socket, sys\ns = socket.socket(socket.AF_UNIX)\n"
             f"s.bind('\\0{name[1:]}')\ns.listen(1)\n"
             "print(flush=True)\nsys.stdin.read()\n")
    with subprocess.Popen(["/usr/bin/python3", "-c", taker], user=65534,
                          stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        assert process.stdout.readline()
        second = superd(DAY)
        assert re.search("^superd: error lock: its name is taken by another "
                         "user, who is not trusted",
                         second.read_log(), re.M)
        process.stdin.close()


def test_stale_pid_file_is_taken_over(detached, tmp_path):
    (tmp_path / "pid").write_text("999999\n")
    daemon = detached(DAY)
    assert daemon.done.returncode == 0
    assert daemon.pid != 999999 and tcp(20001)


def test_pid_file_of_a_live_foreign_process_is_taken_over(detached, tmp_path):
    """no lock, no superd; the process itself is left alone"""
    with subprocess.Popen(["sleep", "60"]) as foreign:
        try:
            (tmp_path / "pid").write_text(str(foreign.pid))
            daemon = detached(DAY)
            assert daemon.done.returncode == 0
            assert daemon.pid != foreign.pid and tcp(20001)
            assert foreign.poll() is None
        finally:
            foreign.kill()


def test_pid_file_that_cannot_be_made_ends_the_start(tmp_path):
    conf = tmp_path / "inetd.conf"
    conf.write_text(DAY)
    done = subprocess.run([SUPERD, "-p", tmp_path / "none" / "pid",
                           "--control", "none", conf],
                          capture_output=True, text=True)
    assert done.returncode == 1
    assert "pid file" in done.stderr and "No such file" in done.stderr


def test_pid_file_is_replaced_whole(detached, tmp_path):
    """a longer old one leaves no digits behind"""
    (tmp_path / "pid").write_text("123456789012345\nmore\n")
    daemon = detached(DAY)
    assert daemon.pidfile.read_text().strip() == str(daemon.pid)
    assert os.path.exists(f"/proc/{daemon.pid}")


def start_with_pid_file(tmp_path, path):
    """The daemon's refusal, or None: then it has ended again."""
    conf = tmp_path / "conf"
    conf.write_text(DAY)
    done = subprocess.run([SUPERD, "-p", path, "--control", "none", conf],
                          capture_output=True, text=True, timeout=20 * SLOW)
    if done.returncode != 0:
        return done.stderr
    os.kill(int(path.read_text()), signal.SIGTERM)
    wait_for(lambda: not path.exists() or not path.read_text())
    return None


@pytest.mark.root
def test_pid_file_is_not_written_through_anothers_link(tmp_path):
    """who may write to its directory cannot choose what is overwritten"""
    home, victim = tmp_path / "home", tmp_path / "victim"
    home.mkdir()
    victim.write_text("precious")
    path = home / "pid"
    path.symlink_to(victim)
    for owner, mode in ((65534, 0o755), (0, 0o777)):
        os.chown(home, owner, 0)
        home.chmod(mode)
        assert str(path) in start_with_pid_file(tmp_path, path)
        assert victim.read_text() == "precious" and path.is_symlink()


@pytest.mark.parametrize("kind", ["hard link", "fifo", "directory"])
def test_pid_file_is_a_plain_file_with_one_name(tmp_path, kind):
    victim, path = tmp_path / "victim", tmp_path / "pid"
    victim.write_text("precious")
    if kind == "hard link":
        os.link(victim, path)
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    assert str(path) in start_with_pid_file(tmp_path, path)
    assert victim.read_text() == "precious" and path.exists()


def test_pid_file_may_be_reached_through_our_own_link(tmp_path):
    """as in /var/run"""
    (tmp_path / "run").mkdir()
    (tmp_path / "var").symlink_to("run")
    assert start_with_pid_file(tmp_path, tmp_path / "var" / "pid") is None
    assert list((tmp_path / "run").iterdir()) == []


def test_pid_file_that_another_put_there_is_not_removed(detached):
    daemon = detached(DAY)
    pid = daemon.pid
    daemon.pidfile.unlink()
    daemon.pidfile.write_text("")
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: refused(20001))
    wait_for(lambda: not os.path.exists(f"/proc/{pid}"))
    assert daemon.pidfile.exists()


def test_pid_file_is_gone_after_sigterm(detached):
    daemon = detached(DAY)
    daemon.stop()
    assert not daemon.pidfile.exists()
    assert refused(20001)


def test_detached_superd_reloads_from_a_relative_path(tmp_path):
    """xinetd 2.3.15: it has moved to / meanwhile"""
    conf, pidfile = tmp_path / "conf", tmp_path / "pid"
    conf.write_text(DAY)
    control = tmp_path / "control"
    subprocess.run([SUPERD, "-p", pidfile, "--control", control, "conf"],
                   cwd=tmp_path, check=True)
    try:
        conf.write_text(DAY.replace("20001", "20002"))
        done = subprocess.run([SUPERCTL, "-s", control, "reload"],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert tcp(20002) and refused(20001)
    finally:
        os.kill(int(pidfile.read_text()), signal.SIGTERM)
        wait_for(lambda: not pidfile.exists())


def test_detached_superd_keeps_no_pipe_of_its_starter(tmp_path):
    """whoever reads the starter's output sees its end"""
    conf, pidfile = tmp_path / "conf", tmp_path / "pid"
    conf.write_text(DAY)
    with subprocess.Popen([SUPERD, "-p", pidfile, "--control", "none", conf],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.PIPE) as starter:
        # communicate() waits until nobody holds the pipes any more
        starter.communicate(timeout=10 * SLOW)
    os.kill(int(pidfile.read_text()), signal.SIGTERM)
    wait_for(lambda: not pidfile.exists())


def test_children_do_not_keep_the_pid_files_lock(detached, tmp_path):
    first = detached(f"20001 stream tcp nowait nobody {probe('hold')} hold 5\n"
                     "20007 stream tcp nowait root internal echo\n")
    with connect(20001) as s, connect(20007) as t:
        assert s.recv(100)
        t.send(b"x")
        assert t.recv(1) == b"x"
        first.stop()
        assert not first.pidfile.exists()
        again = detached("20002 stream tcp nowait root internal daytime\n")
        assert again.done.returncode == 0, again.done.stderr


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT,
                                   signal.SIGQUIT])
def test_stop_leaves_children_running(superd, tmp_path, signo):
    path = tmp_path / "sock"
    daemon = superd(f"20001 stream tcp nowait nobody {probe('hold')} hold 20\n"
                    f"{path} stream unix nowait root internal daytime\n")
    clients = [connect(20001) for _ in range(3)]
    pids = [int(c.recv(100).split()[1]) for c in clients]
    start = time.monotonic()
    daemon.signal(signo)
    daemon.ended()
    assert time.monotonic() - start < 1 * SLOW
    assert not path.exists() and not os.path.exists(daemon.control)
    for pid in pids:
        os.kill(pid, 0)
    for client in clients:
        client.close()


def test_dump_goes_to_the_log(superd):
    daemon = superd(DAY)
    tcp(20001)
    daemon.signal(signal.SIGUSR1)
    daemon.wait_log(r"dump 20001/tcp +listening +0 +1 +0 +0 0\.0\.0\.0:20001")


def test_sigpipe_and_sigusr2_are_harmless(superd):
    daemon = superd(DAY)
    for _ in range(5):
        daemon.signal(signal.SIGPIPE)
        daemon.signal(signal.SIGUSR2)
    assert tcp(20001) and daemon.alive()


def test_process_name_stays_inetd(detached):
    """update-inetd looks for it before it sends SIGHUP"""
    daemon = detached(DAY, name="inetd")
    comm = pathlib.Path(f"/proc/{daemon.pid}/comm").read_text().strip()
    assert comm == "inetd"


@pytest.mark.root
def test_unprivileged_superd_serves_its_own_entries_only(superd, tmp_path):
    os.chown(tmp_path, 65534, -1)
    daemon = superd("20001 stream tcp nowait nobody /usr/bin/id id\n"
                    "20002 stream tcp nowait root /usr/bin/id id\n"
                    "20003 stream tcp nowait root internal daytime\n",
                    starter=[probe("dirty"), "uid=65534", "--"])
    assert b"uid=65534" in tcp(20001) and tcp(20003)
    assert refused(20002)
    assert re.search(r":2:25: error: superd does not run as root and cannot "
                     "become root", daemon.read_log())


def test_no_services_is_a_normal_start(superd):
    daemon = superd("# all off\n#<off># ftp stream tcp nowait root /x x\n")
    assert "ready: 0 services" in daemon.read_log()
    daemon.reload(DAY)
    assert tcp(20001)


def test_control_socket_is_for_its_owner(superd):
    daemon = superd(DAY)
    mode = os.stat(daemon.control).st_mode & 0o777
    assert mode == 0o600
    if REAL_ROOT:
        done = subprocess.run([SUPERCTL, "-s", daemon.control, "ping"],
                              user=65534, group=65534, extra_groups=[],
                              capture_output=True, text=True)
        assert done.returncode == 1 and "ermission denied" in done.stderr
