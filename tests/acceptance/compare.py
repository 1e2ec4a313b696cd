"""The same file for xinetd and for superd, and what clients see of it:
clients, cases, and either daemon.  The tables are in compare_cases.py."""

import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable

from daemon import COMMANDS
from house import TOP, wait_for

PROBES = pathlib.Path(os.environ.get("PROBES", TOP / "build/probes"))
KINDS = ("xinetd", "superd")
READY = {"xinetd": "Started working", "superd": "ready: "}
TIMEOUT = 10

# more addresses that clients may come from, and their names
SOURCES = ("192.168.1.5", "192.168.2.5", "2001:db8::5")
HOSTS = """127.0.0.1 localhost house
::1 localhost
192.168.1.5 friend.example
192.168.2.5 other.example
"""


NSS = "".join(f"{name}: files\n" for name in (
    "passwd", "group", "hosts", "networks", "protocols", "services", "rpc"))
FILES = {"/etc/hosts": HOSTS, "/etc/nsswitch.conf": NSS,
         "/etc/networks": "loopback 127.0.0.0\n"}


@contextlib.contextmanager
def furnished(house):
    """Addresses, names and programs that the cases use."""
    root = pathlib.Path(f"/proc/{house.pid}/root")
    before = {path: house.out(f"cat {path}", check=False) for path in FILES}
    for address in SOURCES:
        house.run(f"ip addr add {address}/{128 if ':' in address else 32} "
                  "dev lo")
    for path, text in FILES.items():
        house.write(path, text)
    house.run("groupadd -f staffers && usermod -aG staffers alice")
    for name in ("probe", "hold"):
        shutil.copy(PROBES / name, root / "usr/local/bin" / name)
    for name in ("always", "success", "fail"):
        house.write(f"/srv/{name}", f"{name}\n")
    yield
    for path, text in before.items():
        house.write(path, text)
    for address in SOURCES:
        house.run(f"ip addr del {address}/{128 if ':' in address else 32} "
                  "dev lo")


# Clients.

def connected(port, source=None, host=None):
    if host is None:
        host = "::1" if source and ":" in source else "127.0.0.1"
    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    s.settimeout(TIMEOUT)
    try:
        if source:
            s.bind((source, 0))
        s.connect((host, port))
    except OSError:
        s.close()
        raise
    return s


def read(s):
    """All there is, up to the end."""
    data = b""
    try:
        while block := s.recv(65536):
            data += block
    except ConnectionResetError:
        pass
    except TimeoutError:
        data += b"(no end)"
    return data.decode(errors="backslashreplace")


def ask(port, source=None, host=None, data=b""):
    """What one client gets, in words where it is no connection."""
    try:
        with connected(port, source, host) as s:
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            return read(s)
    except OSError as error:
        return f"({error.strerror})"


def ask_udp(port, source=None, host="127.0.0.1", data=b"x", timeout=TIMEOUT):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET,
                       socket.SOCK_DGRAM) as s:
        s.settimeout(timeout)
        if source:
            s.bind((source, 0))
        s.connect((host, port))
        s.send(data)
        try:
            return s.recv(65536).decode(errors="backslashreplace")
        except OSError as error:
            return f"({error})"


def few(port):
    """Where a half-close is not passed on."""
    with connected(port) as s:
        s.sendall(b"abc")
        return s.recv(100).decode()


def turned_away(port):
    """A reset or an end: that depends on whether "abc" came before it."""
    try:
        return few(port)
    except (ConnectionResetError, BrokenPipeError):
        return ""


def crowd(*clients, octets=4):
    """A client function: all at once; and after that, one more."""
    def first_octets(s):
        data = b""
        while len(data) < octets and (block := s.recv(octets - len(data))):
            data += block
        return data.decode()

    def client(port):
        with contextlib.ExitStack() as stack:
            answers = [first_octets(stack.enter_context(connected(port, one)))
                       for one in clients]
        # the servers end a little later
        wait_for(lambda: ask_first(port) == answers[0], what="a free place")
        return answers

    def ask_first(port):
        with connected(port, clients[0]) as s:
            return first_octets(s)
    return client


# What varies from process to process, and means nothing here.
VARIES = re.compile(r"^(pid|sid|pgrp) |^(sockopt (rcv|snd)buf|fd .*/proc)",
                    re.M)

# Signals 32 and 33: posix_spawn(3), with which make starts us, ignores them,
# and xinetd leaves them so.
THREADS = 3 << 31


def state(text):
    """The lines of the probe program, without numbers that vary."""
    lines, env = [], []
    for line in text.splitlines():
        if VARIES.match(line):
            continue
        line = re.sub(r"socket:\[\d+\]", "socket", line)
        line = re.sub(r"^(peer .*) \d+$", r"\1", line)
        if line.startswith("SigIgn"):
            line = f"SigIgn: {int(line.split()[1], 16) & ~THREADS:x}"
        (env if line.startswith("env ") else lines).append(line)
    return lines + sorted(env)


@dataclasses.dataclass
class Case:
    """One entry's attributes, or a whole file, and what clients ask of it."""
    name: str
    text: dict | str
    client: Callable = ask
    service: str = ""       # its name, where that means something

    def ask(self, port):
        try:
            return self.client(port)
        except OSError as error:
            return f"({error.strerror or error})"


USUAL = {"flags": "IPv4 NOLIBWRAP", "type": "UNLISTED", "port": None,
         "socket_type": "stream", "protocol": "tcp", "wait": "no",
         "user": "nobody", "server": "/bin/echo", "server_args": "served"}


def assignments(values):
    """Lines of an entry.  None leaves one out; "name +=" is another operator,
    and dots behind a name make it another key, for a second line."""
    lines = []
    for key, value in values.items():
        name, _, operator = key.partition(" ")
        if value is not None:
            lines.append(f"\t{name.rstrip('.')} {operator or '='} {value}\n")
    return "".join(lines)


def entry(name, port, values=None):
    values = USUAL | {"port": port} | (values or {})
    return f"service {name}\n{{\n{assignments(values)}}}\n"


def defaults(values):
    return f"defaults\n{{\n{assignments(values)}}}\n"


class Running:
    """One of the two with a file, ready to be asked.  It is started and
    stopped a hundred times: without the detours of daemon.Daemon."""

    def __init__(self, house, kind, text):
        self.kind = kind
        self.root = pathlib.Path(f"/proc/{house.pid}/root")
        self.log = self.root / "tmp/compare.log"
        self.before = set(house.pids())
        self.house = house
        self.log.unlink(missing_ok=True)
        (self.root / "etc/xinetd.conf").write_text(
            text, errors="surrogateescape")
        self.process = house.start(
            f"cd /; exec env KEPT=k {COMMANDS[kind, 'xinetd']} " +
            ("-filelog /tmp/compare.log" if kind == "xinetd" else
             "2> /tmp/compare.log"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.is_ready, 20, f"{kind}")

    def is_ready(self):
        return self.process.poll() is not None or READY[self.kind] in \
            self.text()

    def text(self):
        try:
            return self.log.read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def stop(self):
        """Servers that wait for more end with their daemon."""
        inner = pathlib.Path(f"/proc/{self.process.pid}/task/"
                             f"{self.process.pid}/children")
        with contextlib.suppress(OSError):
            for pid in inner.read_text().split():
                os.kill(int(pid), signal.SIGTERM)
        self.process.wait(20)
        self.house.sweep(self.before)
