"""The place where everything is measured: namespaces, cores, cgroups."""

import glob
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SUPERD = os.path.abspath(os.environ.get("SUPERD", "build/superd"))
SUPERCTL = os.path.abspath(os.environ.get("SUPERCTL", "build/superctl"))
BENCH = pathlib.Path(os.environ.get("BENCH", "build/bench")).resolve()
ROOT = pathlib.Path(os.environ.get("BENCH_ROOT",
                                   "build/bench-root")).resolve()
WORK = pathlib.Path("/run/bench")       # ours alone: a tmpfs over /run
CGROUP = f"superd-bench-{os.environ.get('BENCH_INSIDE', '0')}"
FILES = 30000                           # descriptors wanted

cores = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = cores[0], cores[-1]


def enter():
    """Run ourselves again in namespaces that end with us."""
    if os.environ.get("BENCH_INSIDE"):
        prepare()
        return
    if os.getuid() != 0:
        sys.exit("bench: only root can make namespaces and change users")
    environment = {**os.environ, "BENCH_INSIDE": str(os.getpid())}
    status = 1
    for signo in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signo, lambda *_: sys.exit("bench: ended"))
    try:
        status = subprocess.run(
            ["unshare", "--net", "--mount", "--pid", "--fork",
             "--kill-child", "--mount-proc", sys.executable, *sys.argv],
            env=environment, check=False).returncode
    finally:
        remove_cgroups(f"superd-bench-{os.getpid()}")
    sys.exit(status)


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def sysctl(name, value):
    path = pathlib.Path("/proc/sys", name)
    if path.exists():
        path.write_text(value)


def prepare():
    """A network of our own in which all of two networks is this machine: one
    address for each daemon, four for the clients."""
    ip("link", "set", "lo", "up")
    for network in ("192.0.2.0/24", "198.51.100.0/24"):
        ip("route", "add", "local", network, "dev", "lo")
    sysctl("net/ipv4/ip_local_port_range", "21000 65000")
    sysctl("net/ipv4/tcp_tw_reuse", "1")
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    WORK.mkdir()
    for path in (HERE, BENCH, ROOT):
        assert not str(path).startswith("/run/"), "build/ is below /run"
    raise_files()
    os.sched_setaffinity(0, {LOAD_CORE})


def raise_files():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    for wanted in (FILES, hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return
        except (ValueError, OSError):
            continue


def services_possible(wanted):
    """So many, or as many as descriptors allow."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return min(wanted, soft - 200)


# CPU time.  cgroup v2 counts it without any controller; v1 has cpuacct.

def find_cgroup():
    for base in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified",
                 "/sys/fs/cgroup/cpuacct", "/sys/fs/cgroup/cpu,cpuacct"):
        path = pathlib.Path(base, CGROUP)
        try:
            path.mkdir()
        except OSError:
            continue
        for name in ("cpu.stat", "cpuacct.usage"):
            if (path / name).exists() and (path / "cgroup.procs").exists():
                return path
        path.rmdir()
    return None


def remove_cgroups(name):
    """Those that are left when we were interrupted, once they are empty."""
    end = time.monotonic() + 3
    while time.monotonic() < end:
        left = glob.glob(f"/sys/fs/cgroup/{name}") + \
            glob.glob(f"/sys/fs/cgroup/*/{name}")
        if not left:
            return
        for base in map(pathlib.Path, left):
            for path in [*base.glob("*/"), base]:
                try:
                    path.rmdir()
                except OSError:
                    pass
        time.sleep(0.02)


class Group:
    """A cgroup for one daemon and all its children."""

    base = None

    def __init__(self, name):
        if Group.base is None:
            Group.base = find_cgroup()
            if Group.base is None:
                sys.exit("bench: no cgroup can be made, in which CPU time "
                         "would be counted")
        self.path = Group.base / name
        self.path.mkdir()
        self.v2 = (self.path / "cpu.stat").exists() and \
            "usage_usec" in (self.path / "cpu.stat").read_text()

    def join(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def cpu_us(self):
        if self.v2:
            words = (self.path / "cpu.stat").read_text().split()
            return float(words[words.index("usage_usec") + 1])
        return int((self.path / "cpuacct.usage").read_text()) / 1000

    def pids(self):
        return [int(pid) for pid in
                (self.path / "cgroup.procs").read_text().split()]

    def remove(self):
        self.path.rmdir()


# What the results say about the machine.

def machine():
    cpu = pathlib.Path("/proc/cpuinfo").read_text().split("\n")
    model = next((line.split(":")[1].strip() for line in cpu
                  if line.startswith("model name")), "unknown")
    memory = pathlib.Path("/proc/meminfo").read_text().split()[1]
    return {"cores": os.cpu_count(), "cpu": model,
            "ram_mib": int(memory) // 1024, "kernel": os.uname().release,
            "load_average": [round(n, 2) for n in os.getloadavg()],
            "server_core": SERVER_CORE, "load_core": LOAD_CORE}
