"""Fixtures: a network namespace per test, and superd running in it."""

import atexit
import contextlib
import ctypes
import errno
import json
import os
import pathlib
import re
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUPERD = os.path.abspath(os.environ.get("SUPERD", ROOT / "build/superd"))
SUPERCTL = os.path.abspath(os.environ.get("SUPERCTL",
                                          ROOT / "build/superctl"))
PROBES = os.path.abspath(os.environ.get("PROBES", ROOT / "build/probes"))


def open_to_all(path):
    """May every user get there?  In root's home nobody can."""
    return all(parent.stat().st_mode & 0o001
               for parent in pathlib.Path(path).parents)


def staged():
    """The programs, where every user can reach them."""
    stage = pathlib.Path(tempfile.mkdtemp(prefix="superd-bin-"))
    atexit.register(shutil.rmtree, stage, ignore_errors=True)
    stage.chmod(0o755)
    # the name of the build tells the sanitized one
    build = stage / pathlib.Path(SUPERD).parent.name
    build.mkdir(mode=0o755)
    shutil.copytree(PROBES, build / "probes")
    for program in (SUPERD, SUPERCTL):
        shutil.copy(program, build)
    for name in ("inetd", "xinetd"):
        (build / name).symlink_to(os.path.basename(SUPERD))
    return [str(build / os.path.basename(path))
            for path in (SUPERD, SUPERCTL)] + [str(build / "probes")]


if os.getuid() == 0 and os.path.exists(SUPERD) and not open_to_all(SUPERD):
    SUPERD, SUPERCTL, PROBES = staged()
WRAPPER = os.environ.get("SUPERD_WRAPPER", "").split()
VALGRIND = ["valgrind", "-q", "--track-fds=yes", "--error-exitcode=99",
            "--leak-check=full"]


def machine():
    """How much slower than usual this machine is just now, 1 at least."""
    best = 1.0
    for _ in range(5):
        start = time.monotonic()
        subprocess.run(["/bin/true"], check=True)
        best = min(best, time.monotonic() - start)
    return min(max(1, best / 0.004), 10)


# sanitizers and valgrind are slow: waits are longer there, limits wider
SLOW = (4 if WRAPPER or "asan" in SUPERD else 1) * machine()

# what the sanitizer would change: the core limit of children, and memory that
# is kept to find late uses of it
os.environ.setdefault("ASAN_OPTIONS",
                      "disable_coredump=0:quarantine_size_mb=4")

CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWUSER = 0x20000, 0x40000000, 0x10000000
libc = ctypes.CDLL(None, use_errno=True)


def call(name, *args):
    if getattr(libc, name)(*args) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def become_root_in_namespace():
    """Not root: a user namespace where we are, as far as that goes."""
    uid, gid = os.getuid(), os.getgid()
    call("unshare", CLONE_NEWUSER)
    pathlib.Path("/proc/self/setgroups").write_text("deny")
    pathlib.Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
    pathlib.Path("/proc/self/gid_map").write_text(f"0 {gid} 1")


REAL_ROOT = os.getuid() == 0
NAMESPACES = True
try:
    if not REAL_ROOT:
        become_root_in_namespace()
except OSError:
    NAMESPACES = False


def pytest_addoption(parser):
    parser.addoption("--valgrind", action="store_true",
                     help="run every superd under valgrind")


def pytest_configure(config):
    global SLOW
    config.addinivalue_line("markers", "root: needs the real root")
    if config.getoption("--valgrind") and not WRAPPER:
        WRAPPER.extend(VALGRIND)
        SLOW *= 4


def pytest_runtest_setup(item):
    if not NAMESPACES:
        pytest.skip("no network namespaces here")
    if item.get_closest_marker("root") and not REAL_ROOT:
        pytest.skip("needs the real root")


# what is run as somebody else: programs, and children of internal services
OTHER_USERS = re.compile(
    r"wait\S*\s+\S+\s+/|exec = |^(echo|discard|chargen|tcpmux)\s+stream|"
    r"stream.*internal\s+(echo|discard|chargen|tcpmux)|^\s*server\s*=", re.M)


def require_users(conf):
    """A user namespace of an ordinary user has no other users."""
    text = conf if isinstance(conf, str) else conf.decode("latin-1")
    if not REAL_ROOT and OTHER_USERS.search(text):
        pytest.skip("needs the real root, to become another user")


def run(*argv):
    subprocess.run(argv, check=True, capture_output=True)


class Net:
    """Our own network namespace, and a peer's, joined by a veth pair."""

    def __init__(self):
        self.before = os.open("/proc/self/ns/net", os.O_RDONLY)
        call("unshare", CLONE_NEWNET)
        self.ours = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.peers = None
        run("ip", "link", "set", "lo", "up")

    def join(self):
        """192.0.2.1 and 2001:db8::1 are ours, .2 and ::2 the peer's."""
        call("unshare", CLONE_NEWNET)
        self.peers = os.open("/proc/self/ns/net", os.O_RDONLY)
        run("ip", "link", "set", "lo", "up")
        call("setns", self.ours, CLONE_NEWNET)
        self.pair()

    def pair(self):
        """v0 is ours, v1 the peer's; gone when one of them is removed."""
        peer = f"/proc/{os.getpid()}/fd/{self.peers}"
        run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1")
        run("ip", "link", "set", "v1", "netns", peer)
        self._address("v0", 1)
        with self.peer():
            self._address("v1", 2)

    @staticmethod
    def _address(link, n):
        run("ip", "addr", "add", f"192.0.2.{n}/24", "brd", "+", "dev", link)
        run("ip", "addr", "add", f"2001:db8::{n}/64", "dev", link, "nodad")
        run("ip", "link", "set", link, "up")

    @contextlib.contextmanager
    def peer(self):
        call("setns", self.peers, CLONE_NEWNET)
        try:
            yield
        finally:
            call("setns", self.ours, CLONE_NEWNET)

    def end_processes(self):
        """Servers may outlive superd and its test: nobody else is here."""
        mine = os.readlink("/proc/self/ns/net")
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if int(pid) != os.getpid() and \
                        os.readlink(f"/proc/{pid}/ns/net") == mine:
                    os.kill(int(pid), signal.SIGKILL)

    def close(self):
        self.end_processes()
        call("setns", self.before, CLONE_NEWNET)
        for fd in (self.before, self.ours, self.peers):
            if fd is not None:
                os.close(fd)


@pytest.fixture(autouse=True)
def net():
    net = Net()
    yield net
    net.close()


@pytest.fixture
def veth(net):
    net.join()
    return net


MS_REC, MS_PRIVATE = 0x4000, 0x40000


@contextlib.contextmanager
def same_root():
    """setns(2) leads to the root of the namespace; back into ours, which may
    be a chroot."""
    root = os.open("/", os.O_PATH)
    cwd = os.open(".", os.O_PATH)
    try:
        yield
    finally:
        os.fchdir(root)
        os.chroot(".")
        os.fchdir(cwd)
        os.close(root)
        os.close(cwd)


def back_to(namespace, root):
    """False while there are threads besides us: setns(2)."""
    with contextlib.suppress(OSError):
        call("setns", namespace, CLONE_NEWNS)
        os.fchdir(root)
        os.chroot(".")
        return True


@contextlib.contextmanager
def private_mounts():
    """A mount namespace of our own; undone at the end."""
    before = os.open("/proc/self/ns/mnt", os.O_RDONLY)
    root = os.open("/", os.O_PATH)
    cwd = os.getcwd()
    call("unshare", CLONE_NEWNS)
    # only what is mounted can be made private, and a chroot may not be
    with same_root(), open("/proc/self/ns/mnt") as ours:
        call("setns", ours.fileno(), CLONE_NEWNS)
        call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
    # what a test creates under /etc is not the host's
    layer = tempfile.mkdtemp(prefix="superd-etc-")
    run("mount", "-t", "tmpfs", "none", layer)
    os.mkdir(f"{layer}/upper")
    os.mkdir(f"{layer}/work")
    run("mount", "-t", "overlay", "none", "-o", f"lowerdir=/etc,upperdir="
        f"{layer}/upper,workdir={layer}/work", "/etc")
    try:
        yield
    finally:
        # a thread that was joined may take a moment to be gone
        wait_for(lambda: back_to(before, root), what="the mounts of before")
        os.chdir(cwd)
        os.close(before)
        os.close(root)
        os.rmdir(layer)


@pytest.fixture
def mounts():
    def mount(path, over):
        if not os.path.exists(over):
            pathlib.Path(over).touch()
        run("mount", "--bind", str(path), over)

    with private_mounts():
        yield mount


# Whom nobody else is: processes are counted, and killed, by user.
LONELY = 100000 + os.getpid()


def add_groups(tmp_path, mounts, **gids):
    """Groups without members, by name, beside those of this host."""
    path = tmp_path / "group"
    path.write_text(pathlib.Path("/etc/group").read_text() + "".join(
        f"{name}:x:{gid}:\n" for name, gid in gids.items()))
    mounts(path, "/etc/group")


@pytest.fixture
def user(tmp_path, mounts):
    """The user `lonely'."""
    for name, line in (("passwd", f"lonely:x:{LONELY}:{LONELY}::/:/bin/sh\n"),
                       ("group", f"lonely:x:{LONELY}:\n")):
        path = tmp_path / name
        path.write_text(pathlib.Path("/etc", name).read_text() + line)
        mounts(path, f"/etc/{name}")
    return LONELY


def open_terminal():
    """Both ends of a pseudo terminal; a bare chroot has none."""
    try:
        return os.openpty()
    except OSError as error:
        pytest.skip(f"no pseudo terminals here: {error.strerror}")


PROCESS_1 = ["unshare", "-p", "-f", "--mount-proc", "--kill-child"]


def require_process_1():
    """What PROCESS_1 starts has a /proc of its own, which a chroot may not
    be given."""
    done = subprocess.run([*PROCESS_1, "true"], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"no pid namespaces here: {done.stderr.strip()}")


def wait_for(check, timeout=5.0, what="condition"):
    """Poll until check() is true; its value.  Bounded."""
    end = time.monotonic() + timeout * SLOW
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            pytest.fail(f"timeout waiting for {what}")
        time.sleep(0.01)


class Superd:
    """One daemon in the foreground, with its configuration."""

    def __init__(self, path, conf, args=(), starter=(), name=None, env=None,
                 ready=True, file="inetd.conf", cwd=None, given=None):
        self.path = path
        self.conf = path / file
        self.control = str(path / "control")
        self.write(conf)
        self.log = ""
        program = SUPERD if name is None else \
            os.path.join(os.path.dirname(SUPERD), name)
        names = {"stdin": ["-"], "environment": []}.get(
            given, [str(self.conf)])
        argv = [*map(str, starter), *WRAPPER, program, "-F", "-p", "none",
                "--control", self.control, *map(str, args), *names]
        if given == "environment":
            env = {**(env or os.environ), "SUPERD_CONF": conf}
        with open(self.conf if given == "stdin" else os.devnull,
                  encoding="utf-8") as stdin:
            self.process = subprocess.Popen(
                argv, stderr=subprocess.PIPE, stdin=stdin,
                stdout=subprocess.DEVNULL, env=env, cwd=cwd)
        os.set_blocking(self.process.stderr.fileno(), False)
        self.stopped = False
        self.status_expected = 0
        self.base = None
        if ready:
            self.wait_log(r"\bready\b", 10)
            self.base = self.own_fds()
            self.base_links = self.fd_links()

    @property
    def pid(self):
        return self.process.pid

    def write(self, conf):
        require_users(conf)
        if isinstance(conf, bytes):
            self.conf.write_bytes(conf)
        else:
            self.conf.write_text(conf)

    def read_log(self):
        with contextlib.suppress(BlockingIOError):
            data = self.process.stderr.read()
            if data:
                self.log += data.decode(errors="replace")
        return self.log

    def wait_log(self, pattern, timeout=5.0):
        end = time.monotonic() + timeout * SLOW
        while not re.search(pattern, self.read_log(), re.M):
            if self.process.poll() is not None:
                self.read_log()
                if re.search(pattern, self.log, re.M):
                    break
                pytest.fail(f"superd ended ({self.process.returncode}) "
                            f"before {pattern!r}:\n{self.log}")
            if time.monotonic() > end:
                pytest.fail(f"no {pattern!r} in the log:\n{self.log}")
            select.select([self.process.stderr], [], [], 0.05)
        return re.search(pattern, self.log, re.M)

    def ctl(self, *args):
        done = subprocess.run([SUPERCTL, "-s", self.control, *args],
                              capture_output=True, text=True,
                              errors="backslashreplace", timeout=60 * SLOW)
        return done.returncode, done.stdout + done.stderr

    def reload(self, conf=None):
        if conf is not None:
            self.write(conf)
        return self.ctl("reload")

    def hup(self, conf=None):
        """SIGHUP, and wait until it took effect."""
        if conf is not None:
            self.write(conf)
        before = len(re.findall(r"reload: ", self.read_log()))
        self.signal(signal.SIGHUP)
        wait_for(lambda: len(re.findall(r"reload: ", self.read_log())) >
                 before, what="reload")

    def status(self):
        code, text = self.ctl("--json", "status")
        assert code == 0, text
        return json.loads(text)

    def service(self, id):
        for service in self.status()["services"]:
            if service["id"] == id:
                return service
        return None

    def signal(self, signo):
        self.process.send_signal(signo)

    def alive(self):
        return self.process.poll() is None

    def stat(self):
        text = pathlib.Path(f"/proc/{self.pid}/stat").read_text()
        return text.rsplit(")", 1)[1].split()

    def cpu(self):
        """Seconds of user and system time, without children's."""
        fields = self.stat()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss(self):
        return int(self.stat()[21]) * os.sysconf("SC_PAGE_SIZE")

    def growth(self, before):
        """Memory since then; a sanitizer keeps what was freed, and looks
        for leaks itself at the end."""
        return 0 if WRAPPER or "asan" in SUPERD else self.rss() - before

    def exact_rss(self):
        """The kernel counts by the way in steps of 128 KiB, here exactly."""
        path = pathlib.Path(f"/proc/{self.pid}/smaps_rollup")
        return 1024 * int(re.search(r"^Rss: +(\d+)", path.read_text(),
                                    re.M)[1])

    def least_growth(self, step, rounds, blocks=5):
        """Memory that the best of some blocks of step(i) has added.  What
        leaks grows in each of them; what only settles does not.  The first
        block is for warming up."""
        sizes = []
        for _ in range(blocks):
            for i in range(rounds):
                step(i)
            self.read_log()
            sizes.append(self.exact_rss())
        grown = min(b - a for a, b in zip(sizes, sizes[1:]))
        return 0 if WRAPPER or "asan" in SUPERD else grown

    def fds(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def own_fds(self):
        """Descriptors that are no listeners, and not for internal processes;
        what must not grow."""
        status = self.status()
        listening = sum(one["fd"] >= 0 for service in status["services"]
                        for one in service["listeners"])
        # and what the daemon has of each internal process
        listening += 3 * len(status["workers"])
        # made when there are many listeners, and then kept
        return sum("eventpoll" not in link
                   for link in self.fd_links().values()) - listening

    def fd_links(self):
        found = {}
        path = f"/proc/{self.pid}/fd/"
        for fd in os.listdir(path):
            with contextlib.suppress(OSError):      # closed meanwhile
                found[int(fd)] = os.readlink(path + fd)
        return found

    def check_at_rest(self):
        """No zombie, and not one descriptor more than at the start."""
        wait_for(lambda: self.zombies() == 0, what="zombies to be reaped")
        if self.base is not None:
            wait_for(lambda: self.own_fds() <= self.base,
                     what=f"{self.base} descriptors, there are "
                     f"{self.own_fds()}: {self.fd_links()}, at the start "
                     f"{self.base_links}")

    def child_pids(self):
        path = f"/proc/{self.pid}/task/{self.pid}/children"
        return [int(pid) for pid in pathlib.Path(path).read_text().split()]

    def askers(self):
        """Child processes but the internal ones, which superd knows before
        they have their title."""
        pids = self.child_pids()
        internal = [one["pid"] for one in self.status()["workers"]]
        return [pid for pid in pids if pid not in internal]

    def zombies(self):
        found = 0
        for pid in self.child_pids():
            with contextlib.suppress(OSError):
                text = pathlib.Path(f"/proc/{pid}/stat").read_text()
                found += text.rsplit(")", 1)[1].split()[0] == "Z"
        return found

    def ended(self, timeout=5, expect=0):
        """It was told to end, and does so in time."""
        self.stopped = True
        self.status_expected = expect
        assert self.process.wait(timeout * SLOW) == expect, self.read_log()

    def stop(self):
        self.stopped = True
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            code = self.process.wait(10 * SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            pytest.fail("superd did not stop:\n" + self.read_log())
        self.read_log()
        assert "Sanitizer" not in self.log and \
            "runtime error" not in self.log, self.log
        assert code == self.status_expected, f"exit {code}:\n{self.log}"


@pytest.fixture
def tmp_path():
    """Unlike pytest's own, one that every user may enter."""
    with tempfile.TemporaryDirectory(prefix="superd-") as name:
        os.chmod(name, 0o755)
        yield pathlib.Path(name)


@pytest.fixture
def superd(tmp_path, request):
    """superd(conf, ...): a running daemon, stopped and checked at the end."""
    running = []

    def start(conf, **options):
        daemon = Superd(tmp_path, conf, **options)
        running.append(daemon)
        return daemon

    yield start
    try:
        for daemon in running:
            if not daemon.stopped:
                assert daemon.alive(), f"it died:\n{daemon.read_log()}"
                daemon.check_at_rest()
            daemon.stop()
    finally:
        for daemon in running:
            if daemon.alive():
                daemon.process.kill()
                daemon.process.wait()
            daemon.process.stderr.close()
            print(daemon.log[-8000:])


@contextlib.contextmanager
def many_files(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        pytest.skip("too few descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                 struct.pack("ii", 1, 0))
    s.close()


def connect(port, host="127.0.0.1", timeout=5.0, source=None):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM)
    s.settimeout(timeout * SLOW)
    if source:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(source)
    try:
        s.connect((host, port))
    except OSError:
        s.close()
        raise
    return s


def read_all(s):
    data = b""
    while True:
        try:
            block = s.recv(65536)
        except ConnectionResetError:
            return data
        if not block:
            return data
        data += block


def tcp(port, data=b"", host="127.0.0.1", **options):
    """Send, half-close, read to the end."""
    with connect(port, host, **options) as s:
        with contextlib.suppress(OSError):
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
        return read_all(s)


def udp_socket(host="127.0.0.1", timeout=3.0, source=None):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.settimeout(timeout * SLOW)
    if source:
        s.bind(source)
    return s


def udp(port, data=b"x", host="127.0.0.1", timeout=3.0, source=None):
    """One datagram, one answer; None where there is none in time."""
    with udp_socket(host, timeout, source) as s:
        s.sendto(data, (host, port))
        try:
            return s.recvfrom(65536)[0]
        except (TimeoutError, ConnectionRefusedError, BlockingIOError):
            return None


def refused(port, host="127.0.0.1"):
    try:
        connect(port, host).close()
        return False
    except (ConnectionRefusedError, OSError):
        return True


PIDFD_GETFD = 438


def take_descriptor(pid, fd):
    """A copy of a descriptor that another process has open;
    FileNotFoundError: it has it no more."""
    pidfd = os.pidfd_open(pid)
    copy = ctypes.CDLL(None, use_errno=True).syscall(PIDFD_GETFD, pidfd, fd, 0)
    error = ctypes.get_errno()
    os.close(pidfd)
    if copy < 0 and error == errno.EBADF:
        raise FileNotFoundError(error, os.strerror(error))
    assert copy >= 0, os.strerror(error)
    return copy


def process_status(pid):
    """proc_pid_status(5)"""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return dict(line.split(":\t", 1) for line in text.splitlines()
                if ":\t" in line)


def accounts():
    """Numbers of users."""
    lines = pathlib.Path("/etc/passwd").read_text().splitlines()
    return {int(line.split(":")[2]) for line in lines if ":" in line}


def check_no_rights(pid):
    """It is nobody's but superd's, and may nothing."""
    # its name comes before its rights
    wait_for(lambda: process_status(pid)["NoNewPrivs"] == "1")
    status = process_status(pid)
    for name in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"):
        assert int(status[name], 16) == 0, name
    uids = {int(uid) for uid in status["Uid"].split()}
    assert len(uids) == 1
    assert uids == set(map(int, status["Gid"].split()))
    assert 61184 <= uids.pop() <= 65519
    assert not status["Groups"].split()
    return status


def probe(name):
    return os.path.join(PROBES, name)


class State:
    """What the probe program printed."""

    def __init__(self, data):
        self.text = data.decode()
        assert self.text.endswith("end\n"), self.text
        self.env, self.argv, self.fds = {}, [], {}
        self.sockopt, self.rlimit, self.facts = {}, {}, {}
        for line in self.text.splitlines():
            self._line(line)

    def _line(self, line):
        key, _, value = line.partition(" ")
        if key == "env":
            name, _, text = value.partition("=")
            self.env[name] = text
        elif key == "argv":
            self.argv.append(value)
        elif key == "fd":
            number, target, flags = value.rsplit(" ", 2)[0].split(" ", 1)[0], \
                value.split(" ")[1], value.rsplit("flags=", 1)[1]
            self.fds[int(number)] = (target, int(flags, 8))
        elif key == "sockopt":
            name, number = value.split()
            self.sockopt[name] = int(number)
        elif key == "rlimit":
            name, soft, hard = value.split()
            self.rlimit[name] = (int(soft), int(hard))
        elif key.endswith(":"):
            self.facts[key[:-1]] = value.strip()
        elif "\t" in line:
            name, _, text = line.partition(":")
            self.facts[name] = text.strip()
        else:
            self.facts[key] = value

    def __getitem__(self, key):
        return self.facts[key]


@pytest.fixture
def conf(superd):
    """A daemon with a superd.conf."""
    def start(text, **options):
        options.setdefault("file", "superd.conf")
        return superd(text, **options)
    return start


@pytest.fixture
def xinetd(superd):
    """A daemon with an xinetd.conf."""
    def start(conf, **options):
        options.setdefault("file", "xinetd.conf")
        return superd(conf, **options)
    return start


@pytest.fixture
def hosts(tmp_path, mounts):
    """Make hosts.allow and hosts.deny have these texts."""
    def write(allow, deny):
        for name, text in (("hosts.allow", allow), ("hosts.deny", deny)):
            path = tmp_path / name
            path.write_text(text)
            subprocess.run(["touch", f"/etc/{name}"], check=True)
            mounts(path, f"/etc/{name}")
    return write
