"""A booted Debian host under qemu, and shell commands in it.

It is emulated, so that it needs no rights and no help of a processor, and
has no network: one virtio port leads to guest/agent.
"""

import base64
import os
import pathlib
import select
import socket
import subprocess
import tempfile
import time

import ramdisk

TOP = pathlib.Path(__file__).resolve().parents[2]
VM = pathlib.Path(os.environ.get("VM", TOP / "build/vm")).absolute()
WHY = VM / "why"
BOOT_SECONDS = 240


class GuestError(AssertionError):
    """A command failed, or the guest does not answer."""


class Port:
    """Lines to and from the agent."""

    def __init__(self, path, process):
        end = time.monotonic() + 30
        self.socket = socket.socket(socket.AF_UNIX)
        while self.socket.connect_ex(path) != 0:
            if process.poll() is not None or time.monotonic() > end:
                raise GuestError("qemu does not start")
            time.sleep(0.05)
        self.socket.setblocking(False)
        self.data = b""

    def send(self, line, timeout=10):
        """False: nobody has taken it in this time."""
        left = line.encode() + b"\n"
        end = time.monotonic() + timeout
        while left and time.monotonic() < end:
            if select.select([], [self.socket], [], 0.1)[1]:
                left = left[self.socket.send(left):]
        return not left

    def lines(self, timeout):
        """Those that come in this time: stops at the first."""
        if select.select([self.socket], [], [], max(timeout, 0))[0]:
            block = self.socket.recv(65536)
            if not block:
                raise GuestError("qemu is gone")
            self.data += block
        *lines, self.data = self.data.split(b"\n")
        return [line.decode(errors="replace") for line in lines]


class Machine:
    """disk: the name of one that prepare.sh made; second: a directory,
    whose files the guest finds on /dev/vdb; memory: MiB."""

    def __init__(self, disk, second, memory=512):
        self.memory = memory
        self.dir = tempfile.TemporaryDirectory(prefix="superd-vm-")
        self.console = os.path.join(self.dir.name, "console")
        self.number = 0
        try:
            self.process = subprocess.Popen(
                self._command(disk, second), stdin=subprocess.DEVNULL,
                env={**os.environ, "TMPDIR": self.dir.name})
            self.port = Port(self._path("port"), self.process)
            self.wait_boot()
        except BaseException:
            self.close()
            raise

    def _path(self, name):
        return os.path.join(self.dir.name, name)

    def _command(self, disk, second):
        init = self._path("init")
        subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-O2",
                        "-D_GNU_SOURCE", "-static", "-o", init,
                        TOP / "tests/vm/init.c"], check=True)
        pathlib.Path(self._path("initrd")).write_bytes(
            ramdisk.ramdisk(init, VM / "kernel"))
        subprocess.run(
            ["mke2fs", "-q", "-q", "-t", "ext4", "-d", second,
             self._path("second.img"), "64M"], check=True,
            env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})
        argv = ["qemu-system-x86_64", "-machine", "q35,accel=tcg",
                "-cpu", "max", "-m", str(self.memory), "-nodefaults",
                "-display", "none",
                "-no-user-config", "-kernel", VM / "vmlinuz",
                "-initrd", self._path("initrd"),
                "-append", "console=ttyS0 loglevel=7 mitigations=off "
                "systemd.show_status=no systemd.getty_auto=no panic=-1",
                "-serial", f"file:{self.console}",
                "-device", "virtio-serial-pci", "-chardev",
                f"socket,id=port,path={self._path('port')},server=on,wait=off",
                "-device", "virtserialport,chardev=port,name=agent"]
        for image in (VM / f"{disk}.img", self._path("second.img")):
            argv += ["-drive", f"file={image},format=raw,if=virtio,"
                     "snapshot=on,cache=unsafe"]
        return argv

    def _answer(self, expected, seconds):
        """The status and the output of the request of this number."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            for line in self.port.lines(end - time.monotonic()):
                number, status, *text = line.split(" ")
                if number == str(expected):
                    return int(status), base64.b64decode(
                        "".join(text)).decode(errors="replace")
        return None

    def _ask(self, script, seconds, patience):
        self.number += 1
        code = base64.b64encode(script.encode()).decode()
        if not self.port.send(f"{self.number} {seconds} {code}"):
            return None
        return self._answer(self.number, patience)

    def wait_boot(self):
        """Until its agent says that it is there."""
        if self._answer(0, BOOT_SECONDS) is None:
            raise GuestError("the guest does not boot:\n" +
                             self.last_words())

    def last_words(self):
        path = pathlib.Path(self.console)
        return path.read_text(errors="replace")[-40000:] \
            if path.exists() else ""

    def try_run(self, script, seconds=60):
        """Shell commands; their exit status, and what they printed."""
        answer = self._ask(script, seconds, seconds + 30)
        if answer is None:
            raise GuestError(f"no answer to {script!r}:\n" +
                             self.last_words())
        return answer

    def run(self, script, seconds=60):
        """Shell commands that must succeed; what they printed."""
        status, text = self.try_run(script, seconds)
        if status != 0:
            raise GuestError(f"{script}\nstatus {status}:\n{text}")
        return text

    def reboot(self):
        """The agent may be gone before it can answer."""
        self._ask("systemctl --no-block reboot", 10, 0)
        self.wait_boot()

    def close(self):
        process = getattr(self, "process", None)
        if process is not None:
            process.kill()
            process.wait()
        port = getattr(self, "port", None)
        if port is not None:
            port.socket.close()
        self.dir.cleanup()
