"""A house of its own for real servers: private root, network, processes."""

import contextlib
import ctypes
import os
import pathlib
import subprocess
import tempfile
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
SUPERD = os.path.abspath(os.environ.get("SUPERD", TOP / "build/superd"))
SUPERCTL = os.path.abspath(os.environ.get("SUPERCTL", TOP / "build/superctl"))
LOWER = pathlib.Path(os.environ.get("ACCEPT_ROOT",
                                    TOP / "build/acceptance-root")).absolute()
WHY = LOWER.with_name(LOWER.name + ".why")

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


PROBE = f"""
    mount -t tmpfs none /mnt && cd /mnt && mkdir upper work root &&
    mount -t overlay none -o lowerdir={LOWER},upperdir=upper,workdir=work root
"""
UNSHARE = ["unshare", "-n", "-m", "-u", "-i", "-p", "-f", "--kill-child"]


def wait_for(check, timeout=15.0, what="condition"):
    end = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            pytest.fail(f"timeout waiting for {what}")
        time.sleep(0.02)


def why_not():
    """The reason why there can be no house here, or None."""
    if WHY.exists():
        return WHY.read_text().strip()
    if os.getuid() != 0:
        return "only root can enter the private root"
    if not (LOWER / ".stamp").exists():
        return f"there is no {LOWER}: run tests/acceptance/prepare.sh"
    if not os.access(SUPERD, os.X_OK):
        return f"there is no {SUPERD}"
    try:
        subprocess.run([*UNSHARE, "sh", "-c", PROBE], check=True, timeout=20,
                       capture_output=True, text=True)
    except (OSError, subprocess.SubprocessError) as error:
        return f"no namespaces: {getattr(error, 'stderr', '')}{error}"
    return None


def missing_libraries():
    """What superd is linked with, and the private root does not have."""
    text = subprocess.run(["ldd", SUPERD], capture_output=True,
                          text=True).stdout
    paths = [word for word in text.split() if word.startswith("/")]
    return [path for path in paths if not (LOWER / path[1:]).exists()]


class House:
    """The private root under an overlay, in namespaces of its own: every
    change and every process is gone when its first process is."""

    # The first process leaves no zombies, and ends with its standard input.
    BUILD = """
        set -e
        mount -t tmpfs none {work}
        cd {work}
        mkdir upper work root
        mount -t overlay none -o lowerdir={lower},upperdir=upper,workdir=work \
            root
        cd root
        mount -t proc none proc
        mount -t tmpfs -o mode=755 none dev
        for node in null zero full random urandom tty; do
            touch dev/$node
            mount --bind /dev/$node dev/$node
        done
        mkdir dev/pts dev/shm
        mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 none \
            dev/pts
        ln -s pts/ptmx dev/ptmx
        ln -s /proc/self/fd dev/fd
        mount -t tmpfs -o mode=755 none run
        mkdir -p run/sshd run/lock
        chmod 1777 tmp
        cp {superd} {superctl} usr/sbin/
        for library in {libraries}; do
            mkdir -p .$(dirname $library)
            cp $library .$library
        done
        cp -r {here}/samples root/
        hostname house
        ip link set lo up
        ip addr add 10.9.9.1/24 dev lo
        echo ready
        exec chroot . perl -e '$SIG{{CHLD}} = "IGNORE"; <STDIN>'
    """

    def __init__(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="superd-house-"))
        script = self.BUILD.format(
            work=self.work, lower=LOWER, superd=SUPERD, superctl=SUPERCTL,
            here=HERE, libraries=" ".join(missing_libraries()))
        self.first = subprocess.Popen(
            [*UNSHARE, "sh", "-c", script], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        assert self.first.stdout.readline() == "ready\n", "no house"
        path = f"/proc/{self.first.pid}/task/{self.first.pid}/children"
        self.pid = pathlib.Path(path).read_text().split()[0]
        root = pathlib.Path(f"/proc/{self.pid}/root")
        self.proc = root / "proc"
        # before its chroot, commands would run in the root of the host
        wait_for((root / ".stamp").exists, what="the private root")

    def argv(self, command):
        return ["nsenter", "-t", self.pid, "-n", "-m", "-u", "-i", "-p", "-r",
                "-w", "/usr/bin/env", "-i",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
                "TERM=dumb", "LC_ALL=C.UTF-8", "sh", "-c", command]

    def run(self, command, timeout=60, check=True):
        done = subprocess.run(self.argv(command), capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=timeout,
                              text=True, errors="replace")
        if check and done.returncode != 0:
            pytest.fail(f"{command}\nstatus {done.returncode}\n"
                        f"{done.stdout}{done.stderr}")
        return done

    def out(self, command, **options):
        return self.run(command, **options).stdout

    def start(self, command, **options):
        return subprocess.Popen(self.argv(command), stdin=subprocess.DEVNULL,
                                **options)

    def write(self, path, text, mode="644"):
        subprocess.run(
            self.argv(f"mkdir -p $(dirname {path}) && cat > {path} && "
                      f"chmod {mode} {path}"),
            input=text, text=True, check=True, timeout=20)

    def pids(self):
        """{pid: (name, parent)} as seen inside, without zombies."""
        found = {}
        for entry in self.proc.iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                text = (entry / "stat").read_text()
                name, rest = text[text.index("(") + 1:].rsplit(") ", 1)
                if rest[0] not in "ZX":
                    found[int(entry.name)] = name, int(rest.split()[1])
        return found

    def children(self, parent, name):
        return [pid for pid, facts in self.pids().items()
                if facts == (name, parent)]

    def maps(self, pid):
        try:
            return (self.proc / str(pid) / "maps").read_text()
        except OSError:
            return ""

    def sweep(self, keep):
        """Kill what has been started since keep was taken from pids()."""
        def rest():
            return [str(pid) for pid in self.pids() if pid not in keep]
        if rest():
            self.run(f"kill -9 {' '.join(rest())}", check=False)
            wait_for(lambda: not rest(), what="the end of killed processes")

    def bound(self, port):
        """Is a socket bound to this "tcp/80"?"""
        protocol, number = port.split("/")
        end = f":{int(number):04X}"
        for family in ("", "6"):
            text = pathlib.Path(
                f"/proc/{self.pid}/net/{protocol}{family}").read_text()
            for line in text.splitlines()[1:]:
                words = line.split()
                # 0A is LISTEN; a datagram socket has no state worth asking
                if words[1].endswith(end) and (
                        protocol == "udp" or words[3] == "0A"):
                    return True
        return False

    @contextlib.contextmanager
    def inside(self):
        """The sockets of this thread are made in the house's network."""
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        theirs = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
        try:
            assert libc.setns(theirs, CLONE_NEWNET) == 0
            yield
        finally:
            assert libc.setns(before, CLONE_NEWNET) == 0
            os.close(before)
            os.close(theirs)

    def close(self):
        self.first.stdin.close()
        self.first.wait(20)
        with contextlib.suppress(OSError):
            self.work.rmdir()
