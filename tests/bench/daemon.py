"""One running daemon: its cgroup, its address, its memory; and the load."""

import glob
import itertools
import os
import pathlib
import signal
import subprocess
import time

import place

PATIENCE = 30
numbers = itertools.count(1)
libraries = ":".join(path for part in ("usr/lib", "lib")
                     for path in glob.glob(f"{place.ROOT}/{part}/*-linux-gnu"))


class Broken(Exception):
    """What was to be measured does not work here."""


def free_address():
    """Each daemon has one, so that all may have the well-known ports."""
    number = next(numbers)
    return number, f"192.0.2.{number % 250 + 1}"


class Daemon:
    def __init__(self, name, number, address, argv, preload=None, env=None):
        self.name, self.address = name, address
        self.group = place.Group(f"{number}-{name}")
        self.log = place.WORK / f"{number}-{name}.log"
        environment = {"PATH": os.environ["PATH"], **(env or {})}
        if argv[0].startswith(str(place.ROOT)):
            environment["LD_LIBRARY_PATH"] = libraries
        if preload:
            environment["LD_PRELOAD"] = str(preload)
        self.started = time.monotonic()
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment, cwd="/", preexec_fn=self._settle)

    def _settle(self):
        self.group.join()
        os.sched_setaffinity(0, {place.SERVER_CORE})

    def wait_bound(self, port, protocol="tcp"):
        end = time.monotonic() + PATIENCE
        while not bound(self.address, port, protocol):
            if self.process.poll() is not None or time.monotonic() > end:
                text = self.log.read_text(errors="replace").strip()
                self.stop()
                raise Broken(f"{self.name} does not start: {text[-300:]}")
            time.sleep(0.01)
        return self

    def cpu_us(self):
        return self.group.cpu_us()

    def cpu_at_rest(self, quiet=0.15):
        """CPU time once none is used any more."""
        end = time.monotonic() + PATIENCE
        before, since = self.cpu_us(), time.monotonic()
        while time.monotonic() < end:
            time.sleep(0.02)
            now = self.cpu_us()
            if now != before:
                before, since = now, time.monotonic()
            elif time.monotonic() - since > quiet:
                break
        return before

    def pss_kib(self):
        total = 0
        for pid in self.group.pids():
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += int(text[text.index("\nPss:"):].split()[1])
        return total

    def switches(self):
        """How often any of its processes went to sleep."""
        total = 0
        for pid in self.group.pids():
            for path in glob.glob(f"/proc/{pid}/task/*/status"):
                text = pathlib.Path(path).read_text()
                total += int(text[text.index("\nvoluntary"):].split()[1])
        return total

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        end = time.monotonic() + PATIENCE
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
        while self.group.pids() and time.monotonic() < end:
            for pid in self.group.pids():
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.01)
        self.process.wait()
        self.group.remove()


def bound(address, port, protocol):
    """Is a socket there?  Without a connection, which would cost a child."""
    octets = "".join(f"{int(n):02X}" for n in reversed(address.split(".")))
    wanted = {f" {octets}:{port:04X} ", f" 00000000:{port:04X} "}
    text = pathlib.Path(f"/proc/net/{protocol}").read_text()
    closed = " 0A " if protocol == "tcp" else " 07 "
    return any(closed in line and any(one in line for one in wanted)
               for line in text.splitlines())


# Load.

def load_start(mode, address, port, clients, seconds, size=0):
    return subprocess.Popen(
        [str(place.BENCH / "load"), mode, address, str(port), str(clients),
         str(seconds), str(size)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True)


def load_figures(process, seconds):
    """What it printed; it ends by itself soon after its time."""
    try:
        text = process.communicate(timeout=seconds + PATIENCE)[0]
    except subprocess.TimeoutExpired as stuck:
        process.kill()
        raise Broken("the load generator does not end") from stuck
    if process.returncode != 0:
        raise Broken("the load generator failed")
    pairs = (line.split("=") for line in text.split())
    return {name: float(value) for name, value in pairs}


def load(daemon, mode, port, clients, seconds, size=0):
    """One slice: figures of the load, and the CPU time it cost."""
    before = daemon.cpu_us()
    process = load_start(mode, daemon.address, port, clients, seconds, size)
    figures = load_figures(process, seconds)
    time.sleep(0.02)
    figures["cpu_us"] = daemon.cpu_us() - before
    return figures
